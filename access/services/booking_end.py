"""How a booking ends without a visit: cancelled, expired. And what that does to its visits."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from access.events import BookingChanged, VisitChanged
from access.models import Booking, Visit
from access.rules.states import (
    BOOKING,
    VISIT,
    VISIT_ENDED,
    BookingAction,
    BookingState,
    VisitAction,
    VisitState,
)
from access.selectors.booking import bookings_for, may_end
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, require
from scif.kernel.events import gathered, publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.naming import named

_EXPIRY_LOCK = "booking.expiry"


@transaction.atomic
@gathered()
def booking_cancel(*, booking_id: UUID, reason: str = "", actor: Actor) -> Booking:
    """Give a booking up before anybody has arrived; its slot is free at once.

    By its requester, a lead of its engagement, or an officer. Refuses ``visit_begun`` once somebody
    has arrived: then the visit ends at the desk.
    """
    booking = lock(bookings_for(actor, "access.cancel_booking"), booking_id)
    if not may_end(booking, actor):
        raise NotPermitted(
            "not_permitted",
            _("You come along under this booking, but did not ask for it."),
            _("Ask who booked it, or the lead of the engagement, to cancel it."),
        )
    booking.state = BOOKING.next(BookingState(booking.state), BookingAction.CANCEL)
    booking.reason = text_of(reason, "reason")
    booking.save(update_fields=["state", "reason"])
    _visits_cancel(booking, actor)
    _tell("booking.cancelled", booking, actor)
    return booking


@transaction.atomic
@gathered()
def booking_expire(*, booking_id: UUID, actor: Actor) -> bool:
    """Expire a booking whose time to be decided, or to be used, has run out; tells whether it did.

    Idempotent: a booking that is decided, used or ended meanwhile is left alone.
    """
    due = _due(now()).filter(pk=booking_id)
    booking = due.select_for_update(of=("self",), no_key=True).first()
    if booking is None:
        return False
    expire(booking, actor)
    return True


@transaction.atomic
def bookings_expire_due(*, actor: Actor) -> int:
    """Expire every booking that is due; gives how many. One process at a time does it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_EXPIRY_LOCK])
        (held,) = cursor.fetchone() or (False,)
    if not held:
        return 0
    due = _due(now()).order_by("pk")
    bookings = list(due.select_for_update(of=("self",), no_key=True, skip_locked=True))
    for booking in bookings:
        expire(booking, actor)
    return len(bookings)


def expire(booking: Booking, actor: Actor) -> None:
    """Expire a booking that the caller has locked and found due."""
    booking.state = BOOKING.next(BookingState(booking.state), BookingAction.EXPIRE)
    booking.save(update_fields=["state"])
    _visits_cancel(booking, actor)
    _tell("booking.expired", booking, actor)


def booking_of_visit_lock(*, visit_id: UUID, actor: Actor, permission: str) -> Booking:
    """Lock the booking of a visit that the actor may act on, before the visit itself."""
    visit = visible(Visit.objects.all(), actor, permission).get(pk=visit_id)
    bookings = Booking.objects.select_related("area")
    return bookings.select_for_update(of=("self",), no_key=True).get(pk=visit.booking_id)


def booking_settle(*, booking: Booking, actor: Actor) -> None:
    """Complete a locked booking once the last of its visits has ended, so that its slot is free."""
    if booking.state != BookingState.APPROVED:
        return
    if booking.visits.exclude(state__in=VISIT_ENDED).exists():
        return
    booking.state = BOOKING.next(BookingState.APPROVED, BookingAction.COMPLETE)
    booking.save(update_fields=["state"])
    _tell("booking.completed", booking, actor)


def _due(at: datetime) -> QuerySet[Booking]:
    """Requests whose hold has ended, and approved bookings to which nobody came."""
    begun = Visit.objects.exclude(state__in=[VisitState.EXPECTED, VisitState.CANCELLED])
    return Booking.objects.filter(
        Q(state=BookingState.REQUESTED, hold_until__lte=at)
        | Q(state=BookingState.APPROVED, ends_at__lte=at)
    ).exclude(pk__in=begun.values("booking_id"))


def _visits_cancel(booking: Booking, actor: Actor) -> None:
    """Cancel the visits of a booking that ends; none of them may have begun."""
    visits = booking.visits.select_for_update(of=("self",), no_key=True).order_by("pk")
    for visit in visits:
        state = VisitState(visit.state)
        if VisitAction.CANCEL not in VISIT.allowed(state):
            require(
                state is VisitState.CANCELLED,
                "visit_begun",
                _("Somebody of the team has arrived already."),
                _("End the visit at the guard's desk."),
            )
            continue
        visit.state = VISIT.next(state, VisitAction.CANCEL)
        visit.save(update_fields=["state"])
        append(
            kind="visit.cancelled",
            actor=actor,
            subject=visit,
            facility=booking.area.facility_id,
            body={
                "reference": visit.reference,
                "booking": booking.reference,
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
        body={
            "reference": booking.reference,
            "reason": booking.reason,
            "state": booking.state,
            **named(actor),
        },
    )
    publish(BookingChanged(booking.pk))
