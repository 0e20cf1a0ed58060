"""What an officer does about escorts: who accompanies whom, and whether an area is sanitised."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from access.models import Booking, Duty
from access.selectors.escort import NAME_ESCORT, attendees_to_escort, cleared_to_escort
from access.selectors.facts_place import sanitised_until
from access.services import attendee_escort, roster, sanitisation
from access.services.grant import grant_ask
from scif.console.views.officer_act import Act
from scif.console.views.posture_forms import DutyEscortForm, SanitiseForm, VisitorEscortForm
from scif.facilities.models import Area
from scif.kernel.clock import now


def _others(form: Any, duty: Duty) -> None:
    """Neither who is escorted nor who does it already can take over, nor who is not cleared."""
    field = form.fields["escort"]
    field.queryset = field.queryset.exclude(pk__in=(duty.person_id, duty.escort_id))
    field.offer([duty.facility])


def _cleared(form: Any, booking: Booking) -> None:
    """Only who is cleared for the room can answer for somebody who is not."""
    field = form.fields["escort"]
    field.queryset = cleared_to_escort(field.queryset, booking.area)


ESCORT_ACTS: Sequence[Act] = (
    Act(
        "area-sanitise",
        Area,
        sanitisation.PERMISSION,
        _("Record that it is sanitised…"),
        _(
            "Nothing classified lies open in it: people under escort may enter until the time that "
            "you say. Another officer confirms it; then doors learn of it at once."
        ),
        lambda record, data, actor: grant_ask(
            service=sanitisation.area_sanitise,
            given={"area_id": record.pk, "note": data["note"], "ends_at": data["ends_at"]},
            reason=data["reason"],
            actor=actor,
        ),
        lambda record: sanitised_until(record) is None,
        SanitiseForm,
        danger=False,
    ),
    Act(
        "sanitisation-end",
        Area,
        sanitisation.PERMISSION,
        _("It is not sanitised any more…"),
        _("Nobody enters it under escort from now on. Doors learn of it at once."),
        lambda record, data, actor: sanitisation.sanitisation_end(
            area_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: sanitised_until(record) is not None,
    ),
    Act(
        "duty-escort",
        Duty,
        roster.PERMISSION,
        _("Give it another escort…"),
        _(
            "The one before has no right of entry by it any more. Doors learn of it at once. For "
            "somebody without a role at the facility another officer confirms it first."
        ),
        lambda record, data, actor: grant_ask(
            service=roster.duty_escort_change,
            given={
                "duty_id": record.pk,
                "escort_id": data["escort"].pk,
                "reason": data["reason"],
            },
            reason=data["reason"],
            actor=actor,
        ),
        lambda record: now() < record.ends_at,
        DutyEscortForm,
        danger=False,
        prepare=_others,
    ),
    Act(
        "booking-escort",
        Booking,
        NAME_ESCORT,
        _("Give a visitor an escort…"),
        _(
            "For a visitor who is not cleared, or where another one takes over: who escorted him "
            "before has no right of entry by it any more. Doors learn of it at once. For somebody "
            "without a role at the facility another officer confirms it first."
        ),
        lambda record, data, actor: grant_ask(
            service=attendee_escort.attendee_escort_change,
            given={
                "booking_id": record.pk,
                "person_id": data["person"],
                "escort_id": data["escort"].pk,
                "reason": data["reason"],
            },
            reason=data["reason"],
            actor=actor,
        ),
        lambda record: bool(attendees_to_escort(record)),
        VisitorEscortForm,
        danger=False,
        prepare=_cleared,
    ),
)
