"""Badges and PINs of staff, and card stock: what an officer does about them."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from access.models import Badge, BadgeAssignment
from access.rules.states import CREDENTIAL, CredentialAction, CredentialState
from access.selectors.badges import STAFF_KINDS
from access.services import badge_end, badge_found, badge_stock, pin_choice, staff_issue
from scif.console.views.badge_forms import BadgeForm, PinForm, ReplaceForm, StockForm, WhereForm
from scif.console.views.grant_acts import grant
from scif.console.views.officer_act import Act
from scif.console.views.officer_forms import NothingForm
from scif.facilities.models import Facility
from scif.people.models import Person


def _in_a_hand(record: Badge) -> bool:
    """Whether a member of staff holds it, and not a visitor."""
    held = BadgeAssignment.objects.filter(badge=record, returned_at=None, visit=None)
    return record.kind in STAFF_KINDS and held.exists()


def _can(record: Badge, action: CredentialAction) -> bool:
    return action in CREDENTIAL.allowed(CredentialState(record.state))


BADGE_ACTS: Sequence[Act] = (
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
        grant(staff_issue.staff_badge_issue),
        form=BadgeForm,
        danger=False,
    ),
    Act(
        "pin-set",
        Person,
        pin_choice.ISSUE,
        _("Set a PIN…"),
        _(
            "Check who it is, then turn screen and keyboard to the person alone: he types his PIN, "
            "and nobody else learns it. The one before ends at once. The desk can do this too."
        ),
        grant(pin_choice.pin_choose),
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
    Act(
        "badge-find",
        Badge,
        pin_choice.ISSUE,
        _("Found again…"),
        _(
            "It opens nothing any more, whoever had it meanwhile. Its card is of use again once "
            "the desk reader has erased it; or record it as destroyed."
        ),
        lambda record, data, actor: badge_found.badge_find(
            badge_id=record.pk, where=data["where"], actor=actor
        ),
        lambda record: _can(record, CredentialAction.FIND),
        WhereForm,
        danger=False,
    ),
    Act(
        "badge-destroy",
        Badge,
        badge_end.REVOKE,
        _("Record it as destroyed…"),
        _("For good: it is never encoded or issued again. Cut the card first."),
        lambda record, data, actor: badge_found.badge_destroy(
            badge_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: _can(record, CredentialAction.DESTROY),
    ),
    Act(
        "badge-prepare",
        Badge,
        badge_end.REVOKE,
        _("Encode for the drawer…"),
        _(
            "Lay its blank card on the desk reader first. It gets a random number and waits, known "
            "to no door, for a day on which the reader gives no answer."
        ),
        lambda record, data, actor: badge_stock.badge_prepare_request(
            badge_id=record.pk, actor=actor
        ),
        lambda record: record.state == CredentialState.BLANK,
        NothingForm,
        danger=False,
    ),
    Act(
        "badges-register",
        Facility,
        badge_end.REVOKE,
        _("Register blank badges…"),
        _("Cards as printed, blank and of no use at a door until they are encoded."),
        lambda record, data, actor: badge_stock.badge_stock_register(
            facility_id=record.pk, actor=actor, **data
        ),
        form=StockForm,
        danger=False,
    ),
)
