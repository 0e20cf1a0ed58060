"""Who accompanies a visitor that is not cleared: named by officers, for a booking (R38)."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import BookingChanged
from access.models import Booking, BookingAttendee
from access.selectors.escort import NAME_ESCORT, is_coming, may_name_escort
from access.selectors.people import people_of
from access.services.grant import by_two
from access.services.roster import holds_role
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import facilities_with, lock
from scif.people.models import Person
from scif.people.naming import named, person_named


def escorts_named(
    escorts: Mapping[UUID, UUID], attendees: Collection[UUID], facility: Facility, actor: Actor
) -> dict[UUID, Person]:
    """Who accompanies whom under a booking that is asked for: by an officer only.

    Refuses (``escort_by_officer``, ``escort_of_nobody``, ``escort_same``, ``same_person``), and
    raises ``DoesNotExist`` for somebody out of the officer's sight.
    """
    if not escorts:
        return {}
    if not may_name_escort(actor, facility):
        raise NotPermitted(
            "escort_by_officer",
            _("Only a facility officer says who escorts a visitor."),
            _("Ask the facility's officer to book this visit."),
        )
    require(
        set(attendees).issuperset(escorts),
        "escort_of_nobody",
        _("An escort is named for somebody who does not come."),
        _("Name escorts of those who come."),
    )
    return {person_id: _escort(person_id, escort, actor) for person_id, escort in escorts.items()}


def _belongs(given: Mapping[str, Any]) -> bool:
    """Whether the escort holds a role at the facility, which two gave him."""
    booking = Booking.objects.select_related("area").filter(pk=given["booking_id"]).first()
    return booking is not None and holds_role(given["escort_id"], booking.area.facility_id)


@by_two(permission=NAME_ESCORT, alone=_belongs)
@transaction.atomic
def attendee_escort_change(
    *, booking_id: UUID, person_id: UUID, escort_id: UUID, reason: str, actor: Actor
) -> BookingAttendee:
    """Give an attendee an escort, or another one, also while he is inside.

    Who escorts him now counts, and the one before has no right of entry by it any more. Whether he
    is cleared the doors ask. Refuses where the booking or the person's visit is over, or this
    person escorts him already.
    """
    facilities = facilities_with(actor, NAME_ESCORT)
    bookings = Booking.objects.filter(area__facility__in=facilities).select_related("area")
    booking = lock(bookings, booking_id)
    attendee = booking.attendees.select_related("person", "escort", "booking").get(person=person_id)
    require(is_coming(attendee), "wrong_state", _("The visit is over, or does not take place."))
    former = attendee.escort
    require(
        attendee.escort_id != escort_id,
        "escort_already",
        _("This person escorts him already."),
        _("Choose somebody else."),
    )
    reason = text_of(reason, "reason", missing=_("Say why this escort is named."))
    attendee.escort = _escort(person_id, escort_id, actor)
    attendee.save(update_fields=["escort"])
    append(
        kind="booking.escort_changed",
        actor=actor,
        subject=booking,
        facility=booking.area.facility_id,
        body={
            "reference": booking.reference,
            "person": str(person_id),
            "before": person_named(former) if former else None,
            "escort": person_named(attendee.escort),
            "reason": reason,
            **named(actor),
        },
    )
    publish(BookingChanged(booking.pk, former.pk if former else None))
    return attendee


def _escort(person_id: UUID, escort_id: UUID, actor: Actor) -> Person:
    """INVARIANT: an escort is another person than he whom he accompanies, and no stranger."""
    require(escort_id != person_id, "escort_same", _("Nobody escorts himself."))
    require(escort_id != actor.person_id, "same_person", _("Nobody appoints himself as escort."))
    return people_of(actor, "people.view_person").get(pk=escort_id)
