"""Small plots as server-rendered SVG: bars against a limit, lines, the 90-day strip, a clock bar.

Pure functions; lengths are pixels at 100 %. Each plot carries its reading as text in its label,
so that no value stands in a colour or a height alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from scif.console.svg import element, group, label, number

_WIDE, _HIGH = 340, 150
_TOP, _BOTTOM = 18, 118


def _svg(parts: Sequence[object], words: str, wide: float, high: float) -> SafeString:
    view = f"0 0 {number(wide)} {number(high)}"
    return element("svg", *parts, class_="plot", viewBox=view, role="img", aria_label=words)


def _level(value: float, low: float, high: float) -> float:
    share = (min(max(value, low), high) - low) / (high - low)
    return _BOTTOM - (_BOTTOM - _TOP) * share


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its mark on the axis (may be empty), its value, None where nothing was measured."""

    mark: str
    value: float | None


def bar_plot(
    bars: Sequence[Bar], *, low: float, high: float, limit: float | None = None, words: str
) -> SafeString:
    """Bars from `low` to `high`; those under the `limit` are marked and carry their value.

    Raises ValueError unless low < high.
    """
    if low >= high:
        raise ValueError("The axis needs low < high")
    parts: list[object] = []
    for tick in (low, high) if limit is None else (low, limit, high):
        y = _level(tick, low, high)
        class_ = "limit" if tick == limit else "grid"
        parts.append(element("path", d=f"M30 {number(y)}H336", class_=class_))
        parts.append(label(24, y + 4, number(tick), "e"))
    pitch = 306 / max(len(bars), 1)
    for index, bar in enumerate(bars):
        left = 30 + pitch * index + pitch * 0.22
        middle = left + pitch * 0.28
        if bar.value is not None:
            y = _level(bar.value, low, high)
            bad = limit is not None and bar.value < limit
            parts.append(
                element(
                    "rect",
                    x=left,
                    y=y,
                    width=pitch * 0.56,
                    height=_BOTTOM - y,
                    class_="bar bad" if bad else "bar",
                )
            )
            if bad:
                parts.append(label(middle, y - 6, number(bar.value), "m bad"))
        if bar.mark:
            parts.append(label(middle, 138, bar.mark, "m"))
    return _svg(parts, words, _WIDE, _HIGH)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a line plot: its name, and a value for each mark or None for a gap."""

    name: str
    values: Sequence[float | None]


def line_plot(
    lines: Sequence[Line], marks: Sequence[str], *, low: float, high: float, words: str
) -> SafeString:
    """Up to three lines over the same marks; each has a stroke and its name at its end.

    Raises ValueError unless low < high.
    """
    if low >= high:
        raise ValueError("The axis needs low < high")
    parts: list[object] = []
    for tick in (low, (low + high) / 2, high):
        y = _level(tick, low, high)
        parts.append(element("path", d=f"M24 {number(y)}H300", class_="grid"))
        parts.append(label(18, y + 4, number(tick), "e"))
    step = 264 / max(len(marks) - 1, 1)
    ends: list[float] = []
    for index, line in enumerate(lines[:3]):
        class_ = f"line l{index}"
        run: list[str] = []
        runs: list[list[str]] = [run]
        end = None
        for place, value in enumerate(line.values):
            if value is None:
                run = []
                runs.append(run)
                continue
            end = _level(value, low, high)
            run.append(f"{number(30 + step * place)},{number(end)}")
        parts += [
            element("polyline", points=" ".join(run), class_=class_) for run in runs if len(run) > 1
        ]
        if end is not None:
            # Names of lines that end close together stand under one another.
            while any(abs(end - other) < 14 for other in ends):
                end += 2
            ends.append(end)
            parts.append(label(302, end + 4, line.name, f"l{index}"))
    for place, mark in enumerate(marks):
        if mark:
            parts.append(label(30 + step * place, 138, mark, "m"))
    return _svg(parts, words, _WIDE, _HIGH)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the strip: days from today, the last one excluded; state "limited" or "closed"."""

    start: float
    end: float
    state: str


def strip(stretches: Sequence[Stretch], *, days: int = 90, words: str) -> SafeString:
    """The next days of a room: plain fit, dotted limited, hatched closed."""
    wide = 306.0
    scale = wide / days
    parts: list[object] = [element("rect", x=0, y=11, width=wide, height=12, class_="fit")]
    for stretch in stretches:
        left = max(stretch.start, 0) * scale
        right = min(stretch.end, days) * scale
        if right <= left:
            continue
        closed = stretch.state == "closed"
        parts.append(
            element(
                "rect",
                x=left,
                y=11,
                width=right - left,
                height=12,
                class_="closed" if closed else "limited",
            )
        )
        if closed:
            count = max(1, int((right - left - 1) // 7))
            strokes = "".join(f"M{number(left + 7 * n)} 23l7 -12" for n in range(count))
            parts.append(element("path", d=strokes, class_="hatching"))
        else:
            line = f"M{number(left)} 17H{number(right)}"
            parts.append(element("path", d=line, class_="dots"))
    parts.append(element("path", d="M1 4v26", class_="axis"))
    return _svg(parts, words, 312, 34)


def strip_scale(*, days: int = 90, today: str, unit: str) -> SafeString:
    """The scale above a column of strips: today, two thirds between, the last day."""
    parts = [label(0, 13, today)]
    parts += [label(306 * n / 3, 13, days * n // 3, "m") for n in (1, 2)]
    parts.append(label(306, 13, f"{days} {unit}", "e"))
    return _svg(parts, f"{days} {unit}", 312, 18)


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on the clock bar: seconds from the start, its word ("" for none)."""

    at: float
    words: str


def clock_bar(
    since: datetime, elapsed: float, limit: float, marks: Sequence[Mark], *, words: str
) -> SafeString:
    """The response clock's bar; `elapsed` and `limit` in seconds. It goes on by clock.js.

    Raises ValueError unless the limit is positive.
    """
    if limit <= 0:
        raise ValueError("A response clock needs a limit")
    wide = 520.0
    run = element(
        "rect",
        x=0,
        y=8,
        width=wide * min(max(elapsed / limit, 0), 1),
        height=12,
        class_="run over" if elapsed > limit else "run",
        data_since=since.isoformat(),
        data_limit=limit,
        data_width=wide,
    )
    parts: list[object] = [
        element("rect", x=0, y=8, width=wide, height=12, class_="track"),
        run,
        *(_mark(mark, limit, wide) for mark in marks if 0 <= mark.at <= limit),
    ]
    return _svg(parts, words, wide, 46)


def _mark(mark: Mark, limit: float, wide: float) -> SafeString:
    x = wide * mark.at / limit
    share = mark.at / limit
    anchor = "" if share < 0.2 else "e" if share > 0.9 else "m"
    left = min(max(x, 1), wide - 1)
    tick = element("path", d=f"M{number(left)} 3v22", class_="axis")
    return group([tick, label(x, 42, mark.words, anchor)] if mark.words else [tick])
