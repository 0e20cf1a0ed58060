"""What the journal tells of an anomaly, as the report of the use reads it."""

from datetime import UTC, datetime
from typing import Any

from access.reports.told import Told
from terminals.reports.use_told import ToldAnomaly

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def entry(kind: str, **data: Any) -> Told:
    return Told(1, kind, AT, "user", "u", "terminals.anomaly", "a", "00", data, erased=False)


def test_the_figures_are_those_of_what_followed_at_last() -> None:
    anomaly = ToldAnomaly(
        "a",
        [
            entry("anomaly.raised", figures={"bytes": 38_600}),
            entry("anomaly.followed", consequence="slow"),
            entry("anomaly.raised", figures={"bytes": 45_900}),
            entry("anomaly.followed", consequence="pause"),
        ],
    )
    assert anomaly.consequence == "pause"
    assert anomaly.seen.data == {"figures": {"bytes": 45_900}}
