"""The use of an area that is only a temporary one, as the decision's fact (R5)."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from access.models import Booking
from access.rules.facts import PolicyIncomplete, TemporaryUse
from access.rules.states import HOLDS_SLOT, BookingState
from access.rules.temporary import Month, hours_by_month, months_after
from access.selectors.facts_place import policy_facts
from scif.facilities.models import Area, AreaKind
from scif.kernel.clock import now

# What counts as use: a slot that is held, and one in which somebody came.
USES = HOLDS_SLOT | {BookingState.COMPLETED}
# Whatever lies in the month of a booking that is asked for from now on ends later than this.
MONTH = timedelta(days=32)


def temporary_use(area: Area, *, at: datetime, besides: UUID | None) -> TemporaryUse | None:
    """Since when and how much a temporary area is used; None: the area is none.

    ``at`` is when a booking is asked for; ``besides`` is the one on record that is not counted.
    """
    if area.kind != AreaKind.TSWA:
        return None
    rows = Booking.objects.filter(
        ~Q(state=BookingState.REQUESTED, hold_until__lte=now()),
        area=area,
        state__in=USES,
        ends_at__gt=at - MONTH,
    ).exclude(pk__in=[besides] if besides else [])
    booked: dict[Month, timedelta] = defaultdict(timedelta)
    for start, end in rows.values_list("starts_at", "ends_at"):
        for month, hours in hours_by_month(start, end, area.facility.time_zone).items():
            booked[month] += hours
    return TemporaryUse(area.temporary_since, booked)


def temporary_last_day(area: Area) -> date | None:
    """The last day on which a temporary area may be used; None: nobody knows, so it may not."""
    if area.temporary_since is None:
        return None
    try:
        months = policy_facts(area.facility).number("tswa_months")
    except PolicyIncomplete:
        return None
    return months_after(area.temporary_since, months) - timedelta(days=1)


def temporary_holds(area: Area, day: date) -> bool:
    """Whether a temporary area may be used on a day."""
    last = temporary_last_day(area)
    return (
        last is not None
        and area.temporary_since is not None
        and (area.temporary_since <= day <= last)
    )
