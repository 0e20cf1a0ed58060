"""Opening hours at midnight: a room open round the clock is open across it, another is not."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from access.rules.decision import decide
from access.rules.facts import BasisKind, Stage, Window
from tests.unit import decision_facts as v

ALL_DAY = {day: (time(0), time(0)) for day in range(7)}
EVENINGS = {day: (time(18), time(0)) for day in range(7)}


def objected(hours: dict[int, tuple[time, time]], start: datetime, end: datetime) -> bool:
    facts = v.valid(BasisKind.VISIT, Stage.BOOKING)
    assert facts.area is not None
    assert facts.basis is not None
    area = replace(facts.area, hours=hours, time_zone="UTC")
    basis = replace(facts.basis, window=Window(start, end))
    decision = decide(replace(facts, area=area, basis=basis), Stage.BOOKING)
    return "outside_hours" in {each.code for each in decision.objections}


@pytest.mark.parametrize(
    ("hours", "start", "end", "closed"),
    [
        (ALL_DAY, (9, 23), (10, 1), False),
        (ALL_DAY, (9, 0), (10, 0), False),
        (EVENINGS, (9, 19), (10, 0), False),
        (EVENINGS, (9, 17), (9, 20), True),
        (EVENINGS, (9, 19), (9, 23), False),
        ({0: (time(0), time(0))}, (9, 23), (10, 1), True),
    ],
)
def test_a_booking_across_midnight(
    hours: dict[int, tuple[time, time]],
    start: tuple[int, int],
    end: tuple[int, int],
    closed: bool,
) -> None:
    first = datetime(2026, 11, start[0], start[1], tzinfo=UTC)
    last = datetime(2026, 11, end[0], end[1], tzinfo=UTC)
    assert objected(hours, first, last) is closed
