"""What a facility's journal says of waiting, search, breaks and use."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Min

from access.models import Booking, Visit
from access.rules.cost import MeasuredUse, visit_times
from access.rules.cost.measured import hours
from access.rules.states import STEP_KINDS, STEP_OF_KIND, BookingState, VisitAction
from access.selectors.facts_place import hours_of
from scif.facilities.models import Area, ClosedDay, Facility
from scif.journal.selectors import headers_of

EXPECTED = (BookingState.APPROVED, BookingState.COMPLETED)


def measured_use(facility: Facility, *, days: int, today: date) -> MeasuredUse | None:
    """The facility's use over the last whole days before ``today``, local dates.

    The steps of visits are the journal's, their moments those that nobody can change. The period
    begins no earlier than the first arrival on record: before it nothing was measured. None where
    nobody arrived before today.
    """
    zone = ZoneInfo(facility.time_zone)
    steps = headers_of(Visit._meta.label_lower, facility=facility.pk, kinds=STEP_OF_KIND).order_by()
    arrived = steps.filter(kind=STEP_KINDS[VisitAction.ARRIVE])
    begun = arrived.aggregate(at=Min("occurred_at"))["at"]
    if begun is None or begun.astimezone(zone).date() >= today:
        return None
    first = max(begun.astimezone(zone).date(), today - timedelta(days=days))
    since, until = _moment(first, zone), _moment(today, zone)
    ended = steps.filter(
        kind=STEP_KINDS[VisitAction.COMPLETE], occurred_at__gte=since, occurred_at__lt=until
    )
    of_visit: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    taken = steps.filter(subject_id__in=ended.values("subject_id"))
    for visit, kind, at in taken.values_list("subject_id", "kind", "occurred_at"):
        of_visit[visit].append((STEP_OF_KIND[kind], at))
    found = [visit_times(each) for each in of_visit.values()]
    measured = [times for times in found if times is not None]
    areas = _areas(facility)
    last = today - timedelta(days=1)
    return MeasuredUse(
        first=first,
        last=last,
        visits=measured,
        unclear=len(found) - len(measured),
        seats=sum(area.capacity for area in areas),
        available=_available(facility, areas, first, last),
        booked=_booked(facility, since, until),
    )


def _areas(facility: Facility) -> list[Area]:
    """The bookable areas; one inside another bookable one shares its seats with it."""
    areas = {area.pk: area for area in facility.areas.filter(bookable=True)}
    parents = dict(facility.areas.values_list("pk", "parent"))

    def above(pk: UUID) -> Iterator[UUID]:
        parent = parents.get(pk)
        while parent is not None:
            yield parent
            parent = parents.get(parent)

    return [area for pk, area in areas.items() if not any(each in areas for each in above(pk))]


def _available(facility: Facility, areas: Iterable[Area], first: date, last: date) -> Decimal:
    """Seat hours from the first day to the last by opening hours, less the closed days."""
    closed = list(
        ClosedDay.objects.filter(
            facility=facility, withdrawn=False, first_day__lte=last, last_day__gte=first
        )
    )
    zone = ZoneInfo(facility.time_zone)
    total = timedelta()
    for area in areas:
        week = hours_of(area)
        shut = [each for each in closed if each.area_id in {None, area.pk}]
        for day in _days(first, last):
            span = week.get(day.weekday())
            if span is None or any(each.first_day <= day <= each.last_day for each in shut):
                continue
            # A closing time of midnight is the end of its day.
            end = day + timedelta(days=1) if span[1] == time(0) else day
            opens, closes = _moment(day, zone, span[0]), _moment(end, zone, span[1])
            total += (closes - opens) * area.capacity
    return hours(total)


def _booked(facility: Facility, since: datetime, until: datetime) -> Decimal:
    """Seat hours of the bookings that began in the period: each member for its length."""
    rows = (
        Booking.objects.filter(
            area__facility=facility,
            state__in=EXPECTED,
            starts_at__gte=since,
            starts_at__lt=until,
        )
        .order_by()
        .annotate(people=Count("attendees"))
        .values_list("starts_at", "ends_at", "people")
    )
    return hours(sum(((end - start) * people for start, end, people in rows), timedelta()))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _moment(day: date, zone: ZoneInfo, at: time = time(0)) -> datetime:
    """A local time of a day, in UTC: across a change of the clocks the hours are those passed."""
    return datetime.combine(day, at, zone).astimezone(UTC)
