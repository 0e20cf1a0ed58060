"""Bookings and visits as their people may see them."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from access.models import Booking, Engagement, Visit
from access.rules.states import HOLDS_SLOT, BookingState
from scif.kernel.actor import Actor
from scif.people.access import facilities_with, visible
from scif.people.models import Person

FILTERS = ("coming", "waiting", "past", "all")


def bookings_for(actor: Actor, permission: str = "access.view_booking") -> QuerySet[Booking]:
    """The bookings on which the actor holds a permission, by role or as his own."""
    related = ("area__facility__policy", "engagement__sponsor__organisation", "requester")
    return visible(Booking.objects.all(), actor, permission).select_related(*related)


def bookings_filtered(
    bookings: QuerySet[Booking], *, which: str, search: str, at: datetime
) -> QuerySet[Booking]:
    """Narrow a list of bookings: coming, waiting, past or all, and by words of the search."""
    if which == "coming":
        bookings = bookings.filter(state__in=HOLDS_SLOT, ends_at__gt=at).order_by("starts_at")
    elif which == "waiting":
        bookings = bookings.filter(state=BookingState.REQUESTED, ends_at__gt=at)
    elif which == "past":
        bookings = bookings.exclude(state__in=HOLDS_SLOT, ends_at__gt=at)
    for word in search.split():
        bookings = bookings.filter(
            Q(reference__icontains=word)
            | Q(area__name__icontains=word)
            | Q(engagement__reference__icontains=word)
            | Q(engagement__title__icontains=word)
        )
    return bookings


def may_end(booking: Booking, actor: Actor) -> bool:
    """Whether the actor may cancel: the requester, a lead of the engagement, an officer."""
    if facilities_with(actor, "access.cancel_booking").filter(areas=booking.area_id).exists():
        return True
    if actor.person_id is None:
        return False
    leads = booking.engagement.members.filter(person_id=actor.person_id, lead=True)
    return booking.requester_id == actor.person_id or leads.exists()


def team_of(booking: Booking) -> QuerySet[Person]:
    """The attendees, by name."""
    return Person.objects.filter(attendances__booking=booking).order_by("name")


def own_visit(booking: Booking, person_id: UUID | None) -> Visit | None:
    """The visit of one person under a booking, if there is one yet."""
    return booking.visits.filter(person_id=person_id).first() if person_id else None


def is_member(engagement: Engagement, person_id: UUID | None) -> bool:
    """Whether the engagement names the person."""
    return person_id is not None and engagement.members.filter(person_id=person_id).exists()
