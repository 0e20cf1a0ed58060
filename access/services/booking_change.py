"""Another time, room or team for a booking: the old slot is given up only for the new one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.models import Booking
from access.selectors.booking import bookings_for
from access.selectors.facts import NOBODY
from access.services.booking import booking_request, line_up, sent_before
from access.services.booking_end import booking_cancel
from scif.facilities.models import Area, Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.events import gathered
from scif.people.naming import named


@transaction.atomic
@gathered()
def booking_change(
    *,
    booking_id: UUID,
    area_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    attendee_ids: Sequence[UUID],
    purpose: str,
    actor: Actor,
    new_id: UUID | None = None,
    escorts: Mapping[UUID, UUID] = NOBODY,
) -> Booking:
    """Ask for another slot in the place of a booking, under the same engagement; gives the new one.

    The new booking is decided like any other. By whoever may cancel the old one; refuses what
    ``booking_cancel`` and ``booking_request`` refuse. ``new_id`` and ``escorts`` as in
    ``booking_request``: who escorted somebody under the old booking is named anew.

    INVARIANT: where the new slot is refused, the old booking stands as it was.
    """
    seen = bookings_for(actor, "access.cancel_booking").get(pk=booking_id)
    line_up(area_id)
    # A request lines up and takes its facility before any booking: so does a change, or two meet.
    places = Area.objects.filter(pk__in=[seen.area_id, area_id]).values("facility_id")
    facilities = Facility.objects.filter(pk__in=places).order_by("pk")
    list(facilities.select_for_update(of=("self",), no_key=True))
    known = sent_before(new_id)
    if known is not None and known.requester_id == actor.person_id:
        return known
    old = booking_cancel(booking_id=booking_id, reason=_("Changed to another time"), actor=actor)
    new = booking_request(
        engagement_id=old.engagement_id,
        area_id=area_id,
        starts_at=starts_at,
        ends_at=ends_at,
        attendee_ids=attendee_ids,
        purpose=purpose,
        new_id=new_id,
        escorts=escorts,
        actor=actor,
    )
    append(
        kind="booking.changed",
        actor=actor,
        subject=new,
        facility=new.area.facility_id,
        body={"reference": new.reference, "instead_of": old.reference, **named(actor)},
    )
    return new
