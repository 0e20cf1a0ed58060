"""Decide a requested booking: another person than its requester, on facts looked at anew."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import BookingChanged, VisitChanged
from access.models import Booking, Visit
from access.rules.states import BOOKING, BookingAction, BookingState, VisitState
from access.selectors.booking import bookings_for
from access.selectors.booking_check import reasons_for, team_check
from access.selectors.facts import Proposal
from access.selectors.wall import walled_spans
from access.services.refusals import BookingRefused
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import gathered, publish
from scif.kernel.ids import reference
from scif.kernel.text import text_of
from scif.people.access import lock
from scif.people.naming import described, named


@transaction.atomic
@gathered()
def booking_approve(*, booking_id: UUID, actor: Actor) -> Booking:
    """Approve a requested booking and expect each attendee; its requester cannot (R47).

    Nor can who would come in by it as somebody's escort. The decision is made again on today's
    facts. Refuses ``own_request``, ``same_person``, ``hold_ended``,
    ``wrong_state``, and raises ``BookingRefused`` with every objection, for the officer's eyes.
    """
    booking = lock(bookings_for(actor, "access.approve_booking"), booking_id)
    booking.state = BOOKING.next(BookingState(booking.state), BookingAction.APPROVE)
    approver = _decider(booking, actor)
    require(
        not booking.attendees.filter(escort=approver).exists(),
        "same_person",
        _("You would escort one of them, and nobody lets himself in."),
        _("Another officer decides."),
    )
    require(
        now() < booking.hold_until,
        "hold_ended",
        _("The request's hold has ended, so its slot is given back."),
        _("The team asks for a new slot."),
    )
    check = team_check(Proposal.of(booking, approver), at=booking.requested_at)
    if not check.admitted:
        raise BookingRefused(reasons_for(check, asker=approver, officer=True))
    _apart(booking)
    _decide(booking, approver)
    _tell("booking.approved", booking, actor)
    for attendee in booking.attendees.order_by("person_id"):
        _visit_expect(booking, attendee.person_id, actor)
    publish(BookingChanged(booking.pk))
    return booking


@transaction.atomic
def booking_refuse(*, booking_id: UUID, reason: str, actor: Actor) -> Booking:
    """Refuse a requested booking with a reason, which the team reads."""
    booking = lock(bookings_for(actor, "access.refuse_booking"), booking_id)
    booking.state = BOOKING.next(BookingState(booking.state), BookingAction.REFUSE)
    reason = text_of(reason, "reason", missing=_("Say why, in words that the team may read."))
    booking.reason = reason
    _decide(booking, _decider(booking, actor))
    _tell("booking.refused", booking, actor)
    publish(BookingChanged(booking.pk))
    return booking


def _decider(booking: Booking, actor: Actor) -> UUID:
    if actor.person_id is None:
        raise Refused("no_person", _("A booking is decided by a person, not by a process."))
    require(
        actor.person_id != booking.requester_id,
        "own_request",
        _("You asked for this booking, so you cannot decide it."),
        _("Another officer decides."),
    )
    return actor.person_id


def _apart(booking: Booking) -> None:
    """An officer may know what the team must not: a wall raised since it asked stops the approval.

    The booking's own hold is no obstacle to itself, for no party is walled off from itself.
    """
    people = list(booking.attendees.values_list("person_id", flat=True))
    spans = walled_spans(booking.area, people, booking.held.lower, booking.held.upper, now())
    require(
        not spans,
        "kept_apart",
        _("A conflict wall stands between this party and another one that is booked."),
        _("Refuse it, or end the wall."),
    )


def _decide(booking: Booking, approver: UUID) -> None:
    booking.decided_by_id = approver
    booking.decided_at = now()
    booking.policy_version = booking.area.facility.policy.label
    booking.save(update_fields=["state", "decided_by", "decided_at", "policy_version", "reason"])


def _visit_expect(booking: Booking, person_id: UUID, actor: Actor) -> None:
    visit = Visit.objects.create(
        reference=reference("V"), booking=booking, person_id=person_id, state=VisitState.EXPECTED
    )
    append(
        kind="visit.expected",
        actor=actor,
        subject=visit,
        facility=booking.area.facility_id,
        body={
            "reference": visit.reference,
            "booking": booking.reference,
            "booking_id": str(booking.pk),
            "person": str(person_id),
            "visitor": described(visit.person),
            "state": visit.state,
            **named(actor),
        },
    )
    publish(VisitChanged(visit.pk))


def _tell(kind: str, booking: Booking, actor: Actor) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=booking,
        facility=booking.area.facility_id,
        occurred_at=booking.decided_at,
        body={
            "reference": booking.reference,
            "reason": booking.reason,
            "policy_version": booking.policy_version,
            "state": booking.state,
            **named(actor),
        },
    )
