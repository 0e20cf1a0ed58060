"""The plot of an engagement's use: a row for each visit, over the hours of its day.

Pure functions, as in ``scif/console/plots.py``: lengths are pixels at 100 %, and the list below
the plot says the same in words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from django.utils.safestring import SafeString

from scif.console.svg import element, group, label, number

WIDE = 760
_NAMES, _RIGHT, _ROW, _HEAD = 190, 752, 36, 26
# Marks of hours stand no closer than this.
_MARK = 44.0

Stretch = tuple[float, float]
_Axis = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Worked:
    """A session in hours of its visit's first day; ``cut``: it was ended before its time."""

    stretch: Stretch
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A visit: what its row is called, and in hours its booking, its time inside, its sessions."""

    name: str
    note: str
    booked: Stretch
    inside: Sequence[Stretch] = ()
    worked: Sequence[Worked] = field(default_factory=tuple)


def use_plot(days: Sequence[Day], *, words: str) -> SafeString:
    """A row for each day; the hours from the earliest to the latest of all rows."""
    low, high = _hours(days)
    scale = (_RIGHT - _NAMES) / (high - low)

    def x(hour: float) -> float:
        return _NAMES + (min(max(hour, low), high) - low) * scale

    tall = _HEAD + len(days) * _ROW
    drawn: list[object] = []
    step = next(each for each in (1, 2, 3, 4, 6, 12, 24) if each * scale >= _MARK)
    for hour in range(int(low), int(high) + 1):
        if (hour - int(low)) % step == 0:
            drawn.append(
                element("path", d=f"M{number(x(hour))} {_HEAD - 6}V{tall - 4}", class_="grid")
            )
            drawn.append(label(x(hour), 14, f"{hour % 24:02d}", "m"))
    for row, day in enumerate(days):
        drawn.append(group(_row(day, _HEAD + row * _ROW, x)))
    view = f"0 0 {WIDE} {tall}"
    return element("svg", *drawn, class_="plot use", viewBox=view, role="img", aria_label=words)


def _row(day: Day, y: float, x: _Axis) -> list[object]:
    drawn: list[object] = [
        label(0, y + 14, day.name, "b"),
        label(0, y + 29, day.note),
        _bar(x, day.booked, y + 6, 20, "booked"),
    ]
    drawn += [_bar(x, stretch, y + 6, 20, "inside") for stretch in day.inside]
    for work in day.worked:
        drawn.append(_bar(x, work.stretch, y + 11, 10, "worked"))
        if work.cut:
            end = number(x(work.stretch[1]))
            drawn.append(element("path", d=f"M{end} {number(y + 3)}v26", class_="cut"))
    return drawn


def _bar(x: _Axis, stretch: Stretch, y: float, high: float, class_: str) -> SafeString:
    left, right = x(stretch[0]), x(stretch[1])
    # What lasted a moment is still seen.
    return element("rect", x=left, y=y, width=max(right - left, 2), height=high, class_=class_)


def _hours(days: Sequence[Day]) -> Stretch:
    """Whole hours around everything; at least one."""
    ends = [
        end
        for day in days
        for part in (day.booked, *day.inside, *(work.stretch for work in day.worked))
        for end in part
    ]
    low = floor(min(ends, default=8.0))
    # A second past the hour begins no other one.
    high = ceil(max(ends, default=18.0) - 0.01)
    return float(low), float(max(high, low + 1))
