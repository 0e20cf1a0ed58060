"""What is measured out of a facility's journal: its own visits, its own days, nothing guessed."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from psycopg.types.range import TimestamptzRange

from access.models import Booking, BookingAttendee, Visit, VisitStep
from access.selectors.cost_measured import measured_use
from scif.facilities.models import Area, ClosedDay
from scif.kernel.clock import clock_set
from scif.people.models import FacilityRole
from tests.factories import make_place
from tests.flows.booking_world import World, make_world
from tests.flows.journal_lab import Lab
from tests.flows.steps_told import steps_told

MONDAY = date(2026, 11, 2)
LATER = date(2026, 11, 9)
NOON = datetime(2026, 11, 9, 12, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture
def world(committed_database: str) -> World:
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


def visited(lab: Lab, world: World, day: date, *steps: str) -> Visit:
    """A visit whose steps are in the journal."""
    visit = Visit.objects.create(
        reference=f"V-{day:%d}", booking=booked(world, day), person=world.lead
    )
    said = (each.split() for each in steps)
    steps_told(lab, visit, [(kind, moment(day, clock)) for kind, clock in said])
    return visit


WHOLE = ("arrive 8:50", "enter 9:10", "leave 11:10", "complete 11:20")


def test_where_nobody_came_nothing_is_measured(world: World) -> None:
    assert measured_use(world.facility, days=90, today=LATER) is None


def test_a_week_of_a_room(lab: Lab, world: World) -> None:
    visited(lab, world, MONDAY, *WHOLE)
    visited(lab, world, MONDAY + timedelta(days=1), "arrive 9:00", "enter 9:30", "complete 12:00")
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


def test_closed_days_and_rooms_within_rooms_give_no_seats(lab: Lab, world: World) -> None:
    visited(lab, world, MONDAY, *WHOLE)
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


def test_hours_are_those_that_pass_when_the_clocks_change(lab: Lab, world: World) -> None:
    world.area.hours = {"sun": ["00:00", "00:00"]}
    world.area.save()
    sunday = date(2026, 10, 25)
    visited(lab, world, sunday, *WHOLE)
    found = measured_use(world.facility, days=90, today=sunday + timedelta(days=1))
    assert found is not None
    assert found.available == 4 * 25


def test_a_period_counts_its_own_visits_and_another_place_has_its_own(
    lab: Lab, world: World
) -> None:
    visited(lab, world, MONDAY, *WHOLE)
    visited(lab, world, LATER, *WHOLE)
    after = LATER + timedelta(days=1)
    lately = measured_use(world.facility, days=2, today=after)
    assert lately is not None
    assert (lately.first, len(lately.visits)) == (LATER - timedelta(days=1), 1)
    ever = measured_use(world.facility, days=365, today=after)
    assert ever is not None
    assert len(ever.visits) == 2
    assert ever.open_hours_year == Decimal(60) / 8 * 365
    assert measured_use(make_world("far").facility, days=365, today=after) is None


def test_what_the_tables_alone_say_is_not_measured(lab: Lab, world: World) -> None:
    visit = visited(lab, world, MONDAY, *WHOLE)
    VisitStep.objects.create(visit=visit, kind="leave", at=moment(MONDAY, "9:20"))
    VisitStep.objects.create(visit=visit, kind="enter", at=moment(MONDAY, "11:00"))
    found = measured_use(world.facility, days=90, today=LATER)
    assert found is not None
    assert found.used == 2
    assert found.mean("breaks") == timedelta(0)


def test_the_form_is_filled_with_what_was_measured(lab: Lab, committed_database: str) -> None:
    place = make_place("own")
    visit = Visit.objects.get(pk=place.records["access.visit"].pk)
    page = f"/admin/cost/{place.records['access.costscenario'].pk}/"
    FacilityRole.objects.update(valid_from=moment(date(2026, 1, 1), "0:00"))
    client = Client()
    client.force_login(place.users["officer"])
    with clock_set(lambda: NOON):
        assert "nothing is measured" in client.get(page).content.decode()
        day = date(2026, 11, 4)
        steps_told(
            lab,
            visit,
            [
                ("arrive", moment(day, "9:00")),
                ("enter", moment(day, "10:00")),
                ("leave", moment(day, "12:00")),
                ("complete", moment(day, "13:00")),
            ],
        )
        shown = client.get(f"{page}?days=30&fill=1").content.decode()
    assert "4 Nov 2026 to 8 Nov 2026, 1 visit" in shown
    assert "60 min" in shown
    # Two of the four hours on site; two of four seats' ten hours on three days.
    assert 'name="value_time_lost" value="50"' in shown
    assert 'name="value_utilisation" value="1.67"' in shown
    assert "Measured here, 4 Nov 2026 to 8 Nov 2026, 1 visit" in shown
    assert "Not saved." in shown
