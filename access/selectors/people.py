"""Whom an officer knows: the people of his facilities, and those who are of none yet.

No table says of which facility a person is. It follows from what ties him to one, at whatever
time (docs/adr/0010-people-of-a-facility.md).
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from access.models import (
    BadgeAssignment,
    Booking,
    BookingAttendee,
    Duty,
    Engagement,
    EngagementMember,
    LockdownPass,
    Responder,
    RosterEntry,
)
from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.people.models import FacilityRole, Person

# What ties a person to a facility: the model, its way to the person, its way to the facility.
_TIES: tuple[tuple[type[Model], str, str], ...] = (
    (FacilityRole, "user__person", "facility"),
    (RosterEntry, "person", "area__facility"),
    (Duty, "person", "facility"),
    (Duty, "escort", "facility"),
    (EngagementMember, "person", "engagement__areas__facility"),
    (Engagement, "sponsor__officer", "areas__facility"),
    (BookingAttendee, "person", "booking__area__facility"),
    (BookingAttendee, "escort", "booking__area__facility"),
    (Booking, "requester", "area__facility"),
    (BadgeAssignment, "person", "badge__facility"),
    (LockdownPass, "person", "facility"),
    (Responder, "person", "facility"),
)


def person_ties(facilities: Collection[UUID] | None) -> Q:
    """A condition on persons: tied to one of the facilities, or with None to any at all."""
    found = Q(pk__in=[])
    for model, person, place in _TIES:
        at = {f"{place}__isnull": False} if facilities is None else {f"{place}__in": facilities}
        found |= Q(Exists(model._default_manager.filter(**{person: OuterRef("pk")}, **at)))
    return found


def people_of(actor: Actor, permission: str) -> QuerySet[Person]:
    """The persons on whom the actor holds a permission; anybody else is simply not there."""
    return visible(Person.objects.all(), actor, permission)
