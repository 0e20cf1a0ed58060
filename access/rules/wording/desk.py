"""Texts about the guard's desk: identity, belongings, badge."""

from access.rules.wording.base import GUARD, OFFICER, PERSON_HIMSELF, Wording
from access.rules.wording.base import gettext_noop as _

DESK: dict[str, Wording] = {
    "visit_not_open": Wording(
        _("The visit is {state}."),
        _("Reopen it, or book a new visit."),
        OFFICER,
        _("Do not let in. The visit is stopped or over."),
    ),
    "not_checked_in": Wording(
        _("The check-in is not finished: the visit is {state}."),
        _("Finish the check-in at the desk."),
        GUARD,
        _("Finish the check-in at the desk."),
        _("Please check in at the desk first."),
    ),
    "identity_not_checked": Wording(
        _("The identity is not checked."),
        _("Check the document at the desk."),
        GUARD,
        _("Check the document."),
        _("Show your identity document at the desk."),
    ),
    "belongings_not_locked": Wording(
        _("The belongings are not in a locker that is confirmed shut."),
        _("Put them into the locker and shut its door."),
        PERSON_HIMSELF,
        _("Belongings into the locker; shut its door."),
        _("Put your phone and belongings into the locker."),
    ),
    "deposit_not_signed": Wording(
        _("The deposit is not signed by both, visitor and guard."),
        _("Sign it at the desk, visitor and guard."),
        GUARD,
        _("Sign the deposit, both of you."),
        _("Sign for your belongings at the desk."),
    ),
    "device_not_approved": Wording(
        _("A device stays with the visitor without an approval."),
        _("Decide on the device before the entry; never simply deny a medical one."),
        OFFICER,
        _("A device needs a decision. Call the facility officer."),
        _("Your device needs a decision first. Please see the guard."),
    ),
    "badge_not_issued": Wording(
        _("No badge was issued for this visit."),
        _("Issue a badge at the desk."),
        GUARD,
        _("Issue a badge at the desk."),
    ),
}
