"""What a visit's steps say of its times; a visit that does not add up is not guessed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.rules.cost import MeasuredUse, VisitTimes, visit_times

# The first draw of a process looks through the sources for constants, however quick the rest is.
patient = settings(suppress_health_check=[HealthCheck.too_slow])
DAY = datetime(2026, 11, 2, tzinfo=UTC)


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return DAY + timedelta(hours=int(hour), minutes=int(minute))


def steps(*told: str) -> list[tuple[str, datetime]]:
    """Steps written as "arrive 9:00"."""
    return [(each.split()[0], at(each.split()[1])) for each in told]


MORNING = steps(
    "arrive 9:00",
    "identify 9:05",
    "enter 9:20",
    "leave 10:50",
    "enter 11:05",
    "leave 12:00",
    "search 12:05",
    "complete 12:10",
)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def test_a_visit_is_wait_inside_breaks_and_search() -> None:
    times = visit_times(MORNING)
    assert times == VisitTimes(minutes(20), minutes(145), minutes(15), minutes(10))
    assert times.on_site == minutes(190)


@patient
@given(st.permutations(MORNING))
def test_the_order_of_arrival_at_the_centre_does_not_matter(
    told: list[tuple[str, datetime]],
) -> None:
    assert visit_times(told) == visit_times(MORNING)


@pytest.mark.parametrize(
    "told",
    [
        [],
        steps("arrive 9:00", "turn_away 9:05"),
        steps("arrive 9:00", "search 9:30", "complete 9:40"),
        steps("arrive 9:00", "enter 9:20", "leave 12:00"),
        steps("arrive 9:00", "enter 9:20", "complete 12:00"),
        steps("arrive 9:00", "leave 9:20", "enter 9:40", "complete 12:00"),
        steps("arrive 9:30", "enter 9:20", "leave 12:00", "complete 12:10"),
        steps("arrive 9:00", "enter 9:20", "leave 12:20", "complete 12:10"),
    ],
    ids=["none", "away", "never in", "not ended", "not out", "backwards", "early", "late"],
)
def test_a_visit_that_does_not_add_up_is_not_measured(told: list[tuple[str, datetime]]) -> None:
    assert visit_times(told) is None


def use(*visits: VisitTimes, available: str = "40", seats: int = 4) -> MeasuredUse:
    return MeasuredUse(
        first=date(2026, 11, 2),
        last=date(2026, 11, 6),
        visits=visits,
        unclear=0,
        seats=seats,
        available=Decimal(available),
        booked=Decimal(12),
    )


def test_use_is_hours_inside_of_hours_available() -> None:
    found = use(VisitTimes(minutes(30), minutes(240), minutes(20), minutes(10)))
    assert found.used == 4
    assert found.utilisation == 10
    assert found.time_lost == 20
    assert found.open_hours_year == Decimal(40) / 4 / 5 * 365
    assert found.mean("wait") == minutes(30)


def test_what_was_not_measured_has_no_figure() -> None:
    nobody = use()
    assert (nobody.utilisation, nobody.time_lost, nobody.mean("wait")) == (None, None, None)
    shut = use(VisitTimes(minutes(1), minutes(60), minutes(0), minutes(1)), available="0", seats=0)
    assert (shut.utilisation, shut.open_hours_year) == (None, None)


spans = st.integers(0, 600).map(minutes)
visits = st.builds(VisitTimes, spans, st.integers(1, 600).map(minutes), spans, spans)


@patient
@given(st.lists(visits, min_size=1, max_size=8), st.decimals(1, 1000, places=1))
def test_shares_stay_shares(found: list[VisitTimes], available: Decimal) -> None:
    measured = use(*found, available=str(available))
    assert measured.utilisation is not None
    assert measured.time_lost is not None
    assert 0 < measured.utilisation <= 100
    assert 0 <= measured.time_lost < 100
