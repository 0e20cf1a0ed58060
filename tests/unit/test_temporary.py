"""A temporary working area: fewer hours a month than the policy says, and only in its months."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.rules import facts as f
from access.rules.decision import Decision, decide
from access.rules.temporary import hours_by_month, months_after
from hardware.decider import Outcome
from tests.unit import decision_facts as v
from tests.unit.decision_broken.row import VISIT, A, B, D, policy_with
from tests.unit.decision_facts import Change, both

LONDON, YEAR = "Europe/London", datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 10 * 365 * 24 * 60).map(lambda late: YEAR + timedelta(minutes=late))


def decided(stage: f.Stage, *changes: Change) -> Decision:
    return decide(both(*changes)(v.valid(VISIT, stage)), stage)


def codes(stage: f.Stage, *changes: Change) -> list[str]:
    return [each.code for each in decided(stage, *changes).objections]


def test_one_hour_below_the_limit_is_free_and_the_limit_is_not() -> None:
    assert codes(B, v.temporary(booked=35.75)) == []
    assert codes(B, v.temporary(booked=36)) == ["temporary_hours"]
    assert codes(B, v.temporary(booked=36), policy_with("tswa_hours_month", 41)) == []
    assert codes(B, v.temporary(), policy_with("tswa_hours_month", 4)) == ["temporary_hours"]


def test_the_officer_reads_the_numbers_and_the_visitor_none() -> None:
    (objection,) = decided(B, v.temporary(booked=37.5)).objections
    assert "37.5 are booked in 2026-11" in objection.message
    assert "less than 40 hours" in objection.message
    assert objection.visitor == "The room has not so many hours left in that month."


def test_it_may_be_used_from_its_first_day_to_the_day_before_the_same_one() -> None:
    today = date(2026, 11, 24)
    assert codes(B, v.temporary(today)) == []
    assert codes(B, v.temporary(today + timedelta(days=1))) == ["temporary_not_begun"]
    assert codes(B, v.temporary(date(2025, 11, 25))) == []
    assert codes(B, v.temporary(date(2025, 11, 24))) == ["temporary_ended"]


def test_hours_are_asked_where_one_books_the_months_at_the_desk_too_and_neither_at_a_door() -> None:
    full, over = v.temporary(booked=40), v.temporary(None)
    assert [bool(codes(stage, full)) for stage in (B, A, D)] == [True, False, False]
    assert [bool(codes(stage, over)) for stage in (B, A, D)] == [True, True, False]


def test_another_area_is_asked_for_none_of_it() -> None:
    decision = decided(B)
    assert decision.outcome is Outcome.GRANTED
    assert not {"temporary_in_its_time", "temporary_hours_left"} & set(decision.met)
    assert {"temporary_in_its_time", "temporary_hours_left"} <= set(decided(B, v.TEMPORARY).met)


def test_each_month_has_its_own_share_of_a_span_on_the_local_calendar() -> None:
    zone = ZoneInfo(LONDON)
    start = datetime(2026, 7, 31, 22, tzinfo=zone)
    found = hours_by_month(start, start + 5 * v.HOUR, LONDON)
    assert found == {(2026, 7): 2 * v.HOUR, (2026, 8): 3 * v.HOUR}
    # Midnight in London is eleven o'clock in UTC then.
    assert hours_by_month(start, start + 5 * v.HOUR, "UTC") == {
        (2026, 7): 3 * v.HOUR,
        (2026, 8): 2 * v.HOUR,
    }


def test_the_hour_that_the_clock_repeats_is_counted() -> None:
    zone = ZoneInfo(LONDON)
    night = datetime(2026, 10, 25, 0, tzinfo=zone), datetime(2026, 10, 25, 4, tzinfo=zone)
    assert hours_by_month(*night, LONDON) == {(2026, 10): 5 * v.HOUR}


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_the_months_shares_are_the_whole(start: datetime, length: timedelta) -> None:
    found = hours_by_month(start, start + length, LONDON)
    assert sum(found.values(), timedelta()) == length
    assert all(found.values())


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 3, 1), 12, date(2027, 3, 1)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 11, 30), 25, date(2028, 12, 30)),
    ],
)
def test_so_many_months_later(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then
