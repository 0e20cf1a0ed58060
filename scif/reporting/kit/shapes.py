"""The status shapes and the signatures, as strokes on a canvas."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from scif.reporting.kit.ink import INK, TONES, WHITE

Point = tuple[float, float]
Strokes = Sequence[Sequence[Point]]
_MOST_POINTS = 20_000
_SIGNATURE_ASPECT = 0.3


def draw_shape(canvas: Any, shape: str, x: float, y: float, side: float) -> None:
    """A shape of the status vocabulary, its lower left corner at (x, y).

    "ok", "warn", "stop", "wait", "todo" or "note": told apart by form, not by colour alone.
    """
    colour, unit = TONES[shape], side / 24
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(unit, unit)
    canvas.setFillColor(colour)
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(2.4)
    canvas.setLineCap(0)
    _SHAPES[shape](canvas)
    canvas.restoreState()


def _path(
    canvas: Any, points: Iterable[Point], *, close: bool = False, fill: int = 0, stroke: int = 1
) -> None:
    path = canvas.beginPath()
    for at, (x, y) in enumerate(points):
        (path.lineTo if at else path.moveTo)(x, y)
    if close:
        path.close()
    canvas.drawPath(path, fill=fill, stroke=stroke)


def _white(canvas: Any, points: Iterable[Point], width: float) -> None:
    canvas.setStrokeColor(WHITE)
    canvas.setLineWidth(width)
    _path(canvas, points)


def _ok(canvas: Any) -> None:
    canvas.circle(12, 12, 10.5, fill=1, stroke=0)
    _white(canvas, [(6.8, 11.6), (10.4, 8), (17.2, 15.6)], 2.6)


def _warn(canvas: Any) -> None:
    _path(canvas, [(12, 22.5), (23.3, 2), (0.7, 2)], close=True, fill=1, stroke=0)
    _white(canvas, [(12, 16), (12, 9)], 2.6)
    _white(canvas, [(12, 7), (12, 4.4)], 2.6)


def _stop(canvas: Any) -> None:
    corners = [(7.4, 22.8), (16.6, 22.8), (22.8, 16.6), (22.8, 7.4)]
    corners += [(16.6, 1.2), (7.4, 1.2), (1.2, 7.4), (1.2, 16.6)]
    _path(canvas, corners, close=True, fill=1, stroke=0)
    _white(canvas, [(6.3, 12), (17.7, 12)], 3.4)


def _wait(canvas: Any) -> None:
    canvas.circle(12, 12, 9.6, fill=0, stroke=1)
    _path(canvas, [(12, 17.6), (12, 12), (15.8, 9.4)])


def _todo(canvas: Any) -> None:
    canvas.circle(12, 12, 9.6, fill=0, stroke=1)


def _note(canvas: Any) -> None:
    _path(canvas, [(12, 23.4), (23.4, 12), (12, 0.6), (0.6, 12)], close=True, fill=1, stroke=0)
    _white(canvas, [(12, 13.5), (12, 6.5)], 2.6)
    _white(canvas, [(12, 18), (12, 15.4)], 2.6)


_SHAPES = {
    "ok": _ok,
    "warn": _warn,
    "stop": _stop,
    "wait": _wait,
    "todo": _todo,
    "note": _note,
}


def read_signature(value: Any) -> Strokes | str:
    """Strokes of a signature in the pad's units (y downwards), or the name typed instead.

    Takes what the pad writes, ``{"kind", "strokes" | "text"}`` as an object or as JSON text, or
    bare strokes. Raises ValueError for anything else.
    """
    try:
        given = json.loads(value) if isinstance(value, str) else value
        if isinstance(given, dict) and given.get("kind") == "typed":
            return str(given["text"])
        drawn = given["strokes"] if isinstance(given, dict) else given
        strokes = [[_point(point) for point in stroke] for stroke in drawn]
    except (KeyError, TypeError, IndexError, json.JSONDecodeError) as error:
        raise ValueError("Not a signature of the pad") from error
    if not any(strokes) or sum(map(len, strokes)) > _MOST_POINTS:
        raise ValueError("No strokes, or too many")
    return strokes


def _point(value: Any) -> Point:
    if isinstance(value, dict):
        return float(value["x"]), float(value["y"])
    return float(value[0]), float(value[1])


def draw_signature(
    canvas: Any, strokes: Strokes, x: float, y: float, width: float, height: float
) -> None:
    """Fit strokes into a box whose lower left corner is (x, y), their proportions kept."""
    points = [point for stroke in strokes for point in stroke]
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    top, bottom = min(p[1] for p in points), max(p[1] for p in points)
    wide, high = max(right - left, 1.0), max(bottom - top, (right - left) * _SIGNATURE_ASPECT, 1.0)
    scale = min(width / wide, height / high)
    canvas.saveState()
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.9)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    base = y + (height - (bottom - top) * scale) / 2
    for stroke in strokes:
        line = [(x + (px - left) * scale, base + (bottom - py) * scale) for px, py in stroke]
        if line:
            _path(canvas, line if len(line) > 1 else line * 2)
    canvas.restoreState()
