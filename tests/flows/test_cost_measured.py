"""What is measured out of a facility's record: its own visits, its own days, nothing guessed."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.range import TimestamptzRange

from access.models import Booking, BookingAttendee, Visit, VisitStep
from access.selectors.cost_measured import measured_use
from scif.facilities.models import Area, ClosedDay
from tests.flows.booking_world import World, make_world

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 2)
LATER = date(2026, 11, 9)


@pytest.fixture
def world() -> World:
    return make_world()


def moment(day: date, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZONE)


ZONE = ZoneInfo("Europe/London")


def booked(world: World, day: date, *, state: str = "completed") -> Booking:
    """Two members from nine to twelve."""
    start, end = moment(day, "9:00"), moment(day, "12:00")
    booking = Booking.objects.create(
        reference=f"B-{day:%d}-{state}",
        area=world.area,
        engagement=world.engagement,
        requester=world.lead,
        state=state,
        decided_by=world.colleague,
        starts_at=start,
        ends_at=end,
        held=TimestamptzRange(start, end),
        requested_at=start,
        hold_until=start,
        policy_version="x/1",
    )
    for person in (world.lead, world.member):
        BookingAttendee.objects.create(booking=booking, person=person)
    return booking


def visited(world: World, day: date, *steps: str) -> None:
    visit = Visit.objects.create(
        reference=f"V-{day:%d}", booking=booked(world, day), person=world.lead
    )
    for each in steps:
        kind, clock = each.split()
        VisitStep.objects.create(visit=visit, kind=kind, at=moment(day, clock))


WHOLE = ("arrive 8:50", "enter 9:10", "leave 11:10", "complete 11:20")


def test_where_nobody_came_nothing_is_measured(world: World) -> None:
    assert measured_use(world.facility, days=90, today=LATER) is None


def test_a_week_of_a_room(world: World) -> None:
    visited(world, MONDAY, *WHOLE)
    visited(world, MONDAY + timedelta(days=1), "arrive 9:00", "enter 9:30", "complete 12:00")
    booked(world, MONDAY + timedelta(days=2), state="cancelled")
    found = measured_use(world.facility, days=90, today=LATER)
    assert found is not None
    # The period begins with the first arrival, not ninety days before.
    assert (found.first, found.last) == (MONDAY, LATER - timedelta(days=1))
    assert (len(found.visits), found.unclear) == (1, 1)
    # Four seats, five days from eight to six.
    assert found.available == 4 * 5 * 10
    assert found.used == 2
    # Two people for three hours on two days; what was cancelled is not booked.
    assert found.booked == 2 * 3 * 2
    assert found.utilisation == 1
    assert found.time_lost == 20


def test_closed_days_and_rooms_within_rooms_give_no_seats(world: World) -> None:
    visited(world, MONDAY, *WHOLE)
    ClosedDay.objects.create(
        facility=world.facility,
        name="Holiday",
        first_day=MONDAY + timedelta(days=1),
        last_day=MONDAY + timedelta(days=1),
    )
    area = world.area
    Area.objects.create(
        facility=world.facility,
        parent=area,
        code="inner",
        name="Booth",
        kind=area.kind,
        capacity=1,
        hours=area.hours,
    )
    found = measured_use(world.facility, days=90, today=LATER)
    assert found is not None
    assert found.seats == 4
    assert found.available == 4 * 4 * 10


def test_hours_are_those_that_pass_when_the_clocks_change(world: World) -> None:
    world.area.hours = {"sun": ["00:00", "00:00"]}
    world.area.save()
    sunday = date(2026, 10, 25)
    visited(world, sunday, *WHOLE)
    found = measured_use(world.facility, days=90, today=sunday + timedelta(days=1))
    assert found is not None
    assert found.available == 4 * 25


def test_a_period_counts_its_own_visits_and_another_place_has_its_own(world: World) -> None:
    visited(world, MONDAY, *WHOLE)
    visited(world, LATER, *WHOLE)
    after = LATER + timedelta(days=1)
    lately = measured_use(world.facility, days=2, today=after)
    assert lately is not None
    assert (lately.first, len(lately.visits)) == (LATER - timedelta(days=1), 1)
    ever = measured_use(world.facility, days=365, today=after)
    assert ever is not None
    assert len(ever.visits) == 2
    assert ever.open_hours_year == Decimal(60) / 8 * 365
    assert measured_use(make_world("far").facility, days=365, today=after) is None
