"""Plots of what a room costs: stacked bars, what moves the cost, the curve over utilisation.

Pure functions, as in ``scif/console/plots.py``: lengths are pixels at 100 %, and each plot carries
its reading as text. Parts bear letters and curves numbers, so that none is told by its colour alone
and no sign means two things on a page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from django.utils.safestring import SafeString

from scif.console.svg import element, label, number

WIDE = 340
LETTERS = ascii_uppercase
_BAR, _STACK_ROW, _SWING_ROW = 14, 58, 42
_APART = 13  # between two numbers beside the field
# Of the curve: where its field lies.
_LEFT, _RIGHT, _TOP, _BOTTOM, _HIGH = 44, 312, 10, 190, 226
_NARROW = 9


def _svg(parts: Sequence[object], words: str, high: float) -> SafeString:
    view = f"0 0 {WIDE} {number(high)}"
    return element("svg", *parts, class_="plot", viewBox=view, role="img", aria_label=words)


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar: its name, its parts in order, and its sum in words."""

    name: str
    parts: Sequence[float]
    told: str
    current: bool = False


def stack_plot(stacks: Sequence[Stack], *, words: str) -> SafeString:
    """Bars of parts on one scale; a part that is wide enough bears its letter."""
    top = max((sum(stack.parts) for stack in stacks), default=0) or 1
    drawn: list[object] = []
    for row, stack in enumerate(stacks):
        y = row * _STACK_ROW
        drawn.append(label(0, y + 13, stack.name, "b" if stack.current else None))
        drawn.append(label(WIDE, y + 13, stack.told, "b e"))
        left = 0.0
        for place, part in enumerate(stack.parts):
            wide = WIDE * part / top
            if wide > 0:
                class_ = f"part p{place}"
                drawn.append(
                    element("rect", x=left, y=y + 19, width=wide, height=_BAR, class_=class_)
                )
            if wide >= _NARROW:
                drawn.append(label(left + wide / 2, y + 46, LETTERS[place], "m"))
            left += wide
    return _svg(drawn, words, max(len(stacks), 1) * _STACK_ROW - 8)


@dataclass(frozen=True, slots=True)
class Swing:
    """What a figure moves: its name, the cost with less and with more of it, both in words."""

    name: str
    less: float
    more: float
    told: str


def swing_plot(swings: Sequence[Swing], *, base: float, words: str) -> SafeString:
    """Bars around the present cost, the widest first. A notch marks the end with more of it."""
    ends = [base, *(end for swing in swings for end in (swing.less, swing.more))]
    low, high = min(ends), max(ends)
    scale = (WIDE - 8) / ((high - low) or 1)

    def x(cost: float) -> float:
        return 4 + (cost - low) * scale

    tall = max(len(swings), 1) * _SWING_ROW
    drawn: list[object] = []
    for row, swing in enumerate(swings):
        y = row * _SWING_ROW
        left, right = sorted((x(swing.less), x(swing.more)))
        drawn.append(label(0, y + 13, swing.name))
        drawn.append(label(WIDE, y + 13, swing.told, "e"))
        drawn.append(
            element("rect", x=left, y=y + 18, width=right - left, height=_BAR, class_="swing")
        )
        notch = x(swing.more)
        drawn.append(element("path", d=f"M{number(notch)} {y + 16}v{_BAR + 4}", class_="notch"))
    for row in range(len(swings)):
        # Where the texts stand the line is left out.
        from_y = row * _SWING_ROW + 16
        drawn.append(element("path", d=f"M{number(x(base))} {from_y}v20", class_="axis"))
    return _svg(drawn, words, tall)


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: its number, points of (per cent, cost), and where it stands now."""

    mark: int
    points: Sequence[tuple[float, float]]
    here: tuple[float, float]
    current: bool = False


def curve_plot(
    curves: Sequence[Curve], *, top: float, marks: Sequence[tuple[float, str]], words: str
) -> SafeString:
    """Cost over utilisation from 0 to 100 %, up to `top`; what lies above is cut off.

    `marks` are costs and their words at the upright axis. Raises ValueError unless top > 0.
    """
    if top <= 0:
        raise ValueError("The axis needs a top above zero")
    drawn: list[object] = []
    for cost, told in marks:
        y = _y(cost, top)
        drawn.append(element("path", d=f"M{_LEFT} {number(y)}H{_RIGHT}", class_="grid"))
        drawn.append(label(_LEFT - 6, y + 4, told, "e"))
    drawn += [label(_x(n), _BOTTOM + 18, f"{n} %", "m") for n in (0, 25, 50, 75, 100)]
    ends: list[tuple[float, int]] = []
    for place, curve in enumerate(curves):
        class_ = f"curve c{place % 5}" + (" now" if curve.current else "")
        for run in _runs(curve.points, top):
            points = " ".join(f"{number(_x(share))},{number(_y(cost, top))}" for share, cost in run)
            drawn.append(element("polyline", points=points, class_=class_))
        last = curve.points[-1][1]
        if last <= top:
            ends.append((_y(last, top), curve.mark))
        share, cost = curve.here
        if cost <= top:
            drawn.append(element("circle", cx=_x(share), cy=_y(cost, top), r=4, class_="here"))
    drawn += [label(_RIGHT + 6, y + 4, mark, "b") for y, mark in _apart(ends)]
    return _svg(drawn, words, _HIGH)


def _apart(ends: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """Numbers of curves that end close together stand apart, in the order of the curves.

    Each group of them stands about the middle of its ends, within the field.
    """
    groups: list[list[tuple[float, int]]] = []
    for end in sorted(ends):
        groups.append([end])
        while len(groups) > 1 and _first(groups[-1]) - _last(groups[-2]) < _APART:
            groups[-2:] = [groups[-2] + groups[-1]]
    return [
        (_first(group) + place * _APART, mark)
        for group in groups
        for place, (_y_end, mark) in enumerate(group)
    ]


def _first(group: Sequence[tuple[float, int]]) -> float:
    """Where the topmost number of a group stands."""
    middle = sum(y for y, _mark in group) / len(group)
    half = (len(group) - 1) * _APART / 2
    return min(max(middle - half, _TOP), _BOTTOM - 2 * half)


def _last(group: Sequence[tuple[float, int]]) -> float:
    return _first(group) + (len(group) - 1) * _APART


def _x(share: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * share / 100


def _y(cost: float, top: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * cost / top


def _runs(points: Sequence[tuple[float, float]], top: float) -> Iterator[list[tuple[float, float]]]:
    """The stretches of a curve that lie within the field."""
    run: list[tuple[float, float]] = []
    for point in points:
        if point[1] <= top:
            run.append(point)
        elif run:
            yield run
            run = []
    if len(run) > 1:
        yield run
