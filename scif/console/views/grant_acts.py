"""What an officer grants to a person, on the person's page.

Need to know is not among it: only the discloser grants that (R31), on the engagement's page of the
portal (``access/views/portal/need_to_know.py``).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from access.models import Badge, BadgeAssignment
from access.rules.states import CREDENTIAL, CredentialAction, CredentialState
from access.selectors.badges import STAFF_KINDS
from access.services import badge_end, clearance, roster, staff_badge, staff_issue
from scif.console.views.badge_forms import BadgeForm, PinForm, ReplaceForm
from scif.console.views.grant_forms import (
    AgreementForm,
    ClearanceForm,
    DutyForm,
    ReadInForm,
    RosterForm,
)
from scif.console.views.officer_act import Act, Digits, Run, ShownOnce
from scif.console.views.officer_forms import NothingForm
from scif.kernel.actor import Actor
from scif.people.models import Person

CLEARANCE = "access.change_clearance"


def _grant(service: Callable[..., object]) -> Run:
    """Call a service with the form's fields; a chosen record goes by its identifier."""

    def run(record: Person, data: Mapping[str, Any], actor: Actor) -> object:
        given = {name: getattr(value, "pk", value) for name, value in data.items()}
        return service(person_id=record.pk, actor=actor, **given)

    return run


def _pin(record: Person, data: Mapping[str, Any], actor: Actor) -> ShownOnce:
    """Draw a PIN; the page that follows shows it, and nothing keeps it."""
    given = {**data, "facility_id": data["facility_id"].pk}
    drawn = staff_badge.staff_pin_draw(person_id=record.pk, actor=actor, **given)
    shown = [Digits(_("PIN"), drawn.pin)]
    if drawn.second:
        shown.append(Digits(_("Second PIN, under duress"), drawn.second))
    return ShownOnce(tuple(shown))


def _in_a_hand(record: Badge) -> bool:
    """Whether a member of staff holds it, and not a visitor."""
    held = BadgeAssignment.objects.filter(badge=record, returned_at=None, visit=None)
    return record.kind in STAFF_KINDS and held.exists()


def _can(record: Badge, action: CredentialAction) -> bool:
    return action in CREDENTIAL.allowed(CredentialState(record.state))


GRANT_ACTS: Sequence[Act] = (
    Act(
        "clearance-grant",
        Person,
        CLEARANCE,
        _("Record a clearance…"),
        _("It opens what its level reaches, from an authority's register and never self-asserted."),
        _grant(clearance.eligibility_grant),
        form=ClearanceForm,
        danger=False,
    ),
    Act(
        "read-in-record",
        Person,
        CLEARANCE,
        _("Record a read-in…"),
        _("The compartment is open to the person until the debrief."),
        _grant(clearance.indoctrination_record),
        form=ReadInForm,
        danger=False,
    ),
    Act(
        "agreement-record",
        Person,
        CLEARANCE,
        _("Record an agreement…"),
        _("The signed agreement is on record; bookings and doors ask for it."),
        _grant(clearance.nda_record),
        form=AgreementForm,
        danger=False,
    ),
    Act(
        "roster-add",
        Person,
        roster.PERMISSION,
        _("Add to the roster…"),
        _("Permanent right of entry to the area until the review. Doors learn of it at once."),
        _grant(roster.roster_add),
        form=RosterForm,
        danger=False,
    ),
    Act(
        "duty-assign",
        Person,
        roster.PERMISSION,
        _("Plan a shift…"),
        _("The shift carries a right of entry while it lasts. Doors learn of it at once."),
        _grant(roster.duty_assign),
        form=DutyForm,
        danger=False,
    ),
    Act(
        "badge-issue",
        Person,
        staff_issue.CHANGE,
        _("Issue a badge…"),
        _(
            "Lay the blank card on the desk reader first and leave it there. It gets a random "
            "number, and doors know it at once. It opens nothing without a place on the roster "
            "or a shift."
        ),
        _grant(staff_issue.staff_badge_issue),
        form=BadgeForm,
        danger=False,
    ),
    Act(
        "pin-set",
        Person,
        staff_badge.CHANGE,
        _("Set a PIN…"),
        _(
            "A random PIN, shown once on the next page and kept nowhere. The one before ends at "
            "once. Turn the screen to the person alone."
        ),
        _pin,
        form=PinForm,
        danger=False,
    ),
    Act(
        "badge-replace",
        Badge,
        badge_end.REVOKE,
        _("Lost: replace the badge…"),
        _(
            "No door knows the lost one from now on, and an alarm is raised. Lay the blank card "
            "of the new one on the desk reader first."
        ),
        lambda record, data, actor: staff_issue.staff_badge_replace(
            lost_id=record.pk, badge_id=data["badge_id"].pk, reason=data["reason"], actor=actor
        ),
        lambda record: _can(record, CredentialAction.LOSE) and _in_a_hand(record),
        ReplaceForm,
        adds=True,
    ),
    Act(
        "badge-take-back",
        Badge,
        badge_end.REVOKE,
        _("Take the badge back…"),
        _("No door knows it from now on. Its card is erased at the desk reader and used again."),
        lambda record, data, actor: staff_issue.staff_badge_return(badge_id=record.pk, actor=actor),
        lambda record: _can(record, CredentialAction.RETURN) and _in_a_hand(record),
        NothingForm,
        danger=False,
    ),
)
