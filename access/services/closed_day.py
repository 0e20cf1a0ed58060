"""What follows from a closed day: doors know of it, and so does who must move bookings."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import PostureChanged
from access.models import Booking
from access.rules.states import HOLDS_SLOT
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import ClosedDay
from scif.kernel.actor import Actor
from scif.kernel.events import publish


@transaction.atomic
def closed_day_apply(*, closed_day: ClosedDay, actor: Actor) -> list[Booking]:
    """Tell the doors, and raise an alarm where bookings lie on the day; gives those bookings.

    Nobody's booking is moved silently: whoever comes is refused at the desk, so the officer tells
    the teams before.
    """
    publish(PostureChanged(closed_day.facility_id))
    hit = [] if closed_day.withdrawn else _bookings(closed_day)
    if hit:
        references = ", ".join(each.reference for each in hit)
        alarm_raise(
            facility=closed_day.facility,
            gravity=Gravity.CHECK,
            kind="bookings_on_closed_day",
            subject=str(closed_day.pk),
            message=_("%(day)s closes the rooms of %(bookings)s")
            % {"day": closed_day.name, "bookings": references},
            actor=actor,
        )
    return hit


def _bookings(closed_day: ClosedDay) -> list[Booking]:
    zone = ZoneInfo(closed_day.facility.time_zone)
    start = datetime.combine(closed_day.first_day, time.min, zone).astimezone(UTC)
    after = closed_day.last_day + timedelta(days=1)
    end = datetime.combine(after, time.min, zone).astimezone(UTC)
    bookings = Booking.objects.filter(
        area__facility=closed_day.facility,
        state__in=HOLDS_SLOT,
        starts_at__lt=end,
        ends_at__gt=start,
    )
    if closed_day.area is not None:
        bookings = bookings.filter(area=closed_day.area)
    return list(bookings.order_by("starts_at"))
