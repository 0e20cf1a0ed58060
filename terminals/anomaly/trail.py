"""The last hours of a session minute by minute, and what a reviewer is shown of a finding.

Counts and times only. What is shown is kept with the finding: the trail and the baseline move on.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from typing import Any

from terminals.anomaly.features import Features
from terminals.anomaly.policy import AnomalyPolicy, Part, Usual

MOST = 120  # minutes
_GAPS_LEAST = 8  # of a minute, to speak of its rhythm


class TrailInvalid(ValueError):
    """A record is not a trail."""


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute since the epoch: bytes down, pages, gaps between keys, their sum and squares."""

    minute: int
    bytes_down: float = 0.0
    pages: float = 0.0
    gaps: float = 0.0
    seconds: float = 0.0
    squares: float = 0.0

    def and_also(self, other: "Minute") -> "Minute":
        """Both counts together."""
        mine, its = astuple(self)[1:], astuple(other)[1:]
        return Minute(self.minute, *(one + more for one, more in zip(mine, its, strict=True)))


Trail = tuple[Minute, ...]


def noted(trail: Trail, epoch: float, features: Features) -> Trail:
    """The trail with one more interval, which ended ``epoch`` seconds after the epoch."""
    gaps, mean = features.key_gaps, features.key_gap_mean_us / 1e6
    spread = features.key_gap_spread_us / 1e6
    new = Minute(
        int(epoch // 60),
        float(features.bytes_down),
        float(features.bursts),
        float(gaps),
        gaps * mean,
        gaps * (mean * mean + spread * spread),
    )
    if trail and trail[-1].minute == new.minute:
        return (*trail[:-1], trail[-1].and_also(new))
    return (*trail, new)[-MOST:]


def trail_record(trail: Trail) -> list[list[float]]:
    """The trail as JSON."""
    return [list(astuple(each)) for each in trail]


def trail_of(record: Any) -> Trail:
    """The trail of a record; raises :class:`TrailInvalid` for anything else."""
    if not isinstance(record, list):
        raise TrailInvalid("no list")
    return tuple(_minute(each) for each in record)


def _minute(values: Any) -> Minute:
    if not isinstance(values, list) or len(values) != len(fields(Minute)):
        raise TrailInvalid(repr(values)[:60])
    for value in values:
        if type(value) not in {int, float} or not math.isfinite(value) or value < 0:
            raise TrailInvalid(repr(value)[:60])
    return Minute(int(values[0]), *(float(each) for each in values[1:]))


class Figure(StrEnum):
    """What a plot shows.

    BYTES, PAGES: come down in a minute. RHYTHM: how many times as even, or as quick, as this
    person's keystrokes where they are most. SHARE: of this person's time, by hour of the day.
    """

    BYTES = "bytes"
    PAGES = "pages"
    RHYTHM = "rhythm"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Plot:
    """Points of a figure: minute since the epoch, or hour of the day, and value; and what is usual.

    ``usual`` is None where nothing can be drawn as one line.
    """

    figure: Figure
    points: Sequence[tuple[int, float]]
    usual: float | None

    def record(self) -> dict[str, Any]:
        """The plot as JSON."""
        return {
            "figure": self.figure.value,
            "points": [[place, round(value, 4)] for place, value in self.points],
            "usual": self.usual,
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Plot":
        """The plot of a record that ``record`` wrote."""
        points = [(int(place), float(value)) for place, value in record["points"]]
        return cls(Figure(record["figure"]), points, record["usual"])


def plot_of(part: Part, trail: Trail, usual: Usual, policy: AnomalyPolicy) -> Plot:
    """What the reviewer of a part's finding is shown."""
    if part is Part.HOURS:
        return Plot(Figure.SHARE, list(enumerate(usual.hours)), policy.rare)
    if part is Part.KEYS:
        rhythms = [(each.minute, _rhythm(each, usual)) for each in trail]
        return Plot(Figure.RHYTHM, [(at, each) for at, each in rhythms if each is not None], 1.0)
    if part is Part.SCRAPE:
        return Plot(Figure.PAGES, [(each.minute, each.pages) for each in trail], None)
    window = usual.busy_bytes if part is Part.BURST else usual.usual_bytes
    points = [(each.minute, each.bytes_down) for each in trail]
    return Plot(Figure.BYTES, points, window * 60 / policy.window)


def _rhythm(minute: Minute, usual: Usual) -> float | None:
    if minute.gaps < _GAPS_LEAST or minute.seconds <= 0:
        return None
    mean = minute.seconds / minute.gaps
    spread = math.sqrt(max(minute.squares / minute.gaps - mean * mean, 0.0)) / mean
    # No more than a hundred times: a rhythm without any spread has no number.
    even, quick = usual.even_keys / max(spread, 1e-9), usual.quick_keys / mean
    return min(max(even, quick), 100.0)
