"""Plane geometry of floor plans: the outline of several rooms, insets, seats."""

from collections.abc import Iterable, Sequence
from math import hypot

from scif.console.svg import Point

_NEAR = 0.01
Edge = tuple[Point, Point]


def _lies_on(point: Point, edge: Edge) -> bool:
    """Whether the point lies strictly between the ends of the edge."""
    (ax, ay), (bx, by) = edge
    length = hypot(bx - ax, by - ay)
    if length < _NEAR:
        return False
    px, py = point[0] - ax, point[1] - ay
    across = abs(px * (by - ay) - py * (bx - ax)) / length
    along = (px * (bx - ax) + py * (by - ay)) / length
    return across < _NEAR and _NEAR < along < length - _NEAR


def edges(polygon: Sequence[Point]) -> list[Edge]:
    """The edges of a polygon, the closing one included."""
    return list(zip(polygon, [*polygon[1:], polygon[0]], strict=True))


def outline(polygons: Iterable[Sequence[Point]]) -> list[list[Point]]:
    """The outer loops of rooms that touch along whole or partial walls.

    A wall that two of the rooms share is inside and drops out.
    """
    rooms = [[(float(x), float(y)) for x, y in polygon] for polygon in polygons]
    corners = {corner for room in rooms for corner in room}
    seen: dict[frozenset[Point], int] = {}
    for room in rooms:
        for edge in edges(room):
            (ax, ay), (bx, by) = edge
            cuts = sorted(
                (corner for corner in corners if _lies_on(corner, edge)),
                key=lambda c: hypot(c[0] - ax, c[1] - ay),
            )
            for part in edges([(ax, ay), *cuts, (bx, by)])[:-1]:
                seen[frozenset(part)] = seen.get(frozenset(part), 0) + 1
    outer = [sorted(part) for part, times in seen.items() if times == 1 and len(part) == 2]
    loops = []
    while outer:
        loop = list(outer.pop())
        while (
            index := next((n for n, part in enumerate(outer) if loop[-1] in part), None)
        ) is not None:
            first, second = outer.pop(index)
            loop.append(second if first == loop[-1] else first)
        loops.append(loop[:-1] if loop[0] == loop[-1] else loop)
    return loops


def inset(polygon: Sequence[Point], by: float) -> list[Point]:
    """The polygon drawn inwards by a distance; for rooms of straight walls, not for slivers."""
    points = [(float(x), float(y)) for x, y in polygon]
    area = sum(ax * by_ - bx * ay for (ax, ay), (bx, by_) in edges(points))
    inward = 1 if area > 0 else -1
    result = []
    for index, (x, y) in enumerate(points):
        shift_x = shift_y = 0.0
        normals = []
        after = points[(index + 1) % len(points)]
        for (ax, ay), (bx, by_) in ((points[index - 1], (x, y)), ((x, y), after)):
            length = hypot(bx - ax, by_ - ay) or 1.0
            normals.append((-(by_ - ay) / length * inward, (bx - ax) / length * inward))
        (nx, ny), (mx, my) = normals
        # The corner of two shifted walls: along the sum of their normals.
        scale = by / max(1 + nx * mx + ny * my, 0.2)
        shift_x, shift_y = (nx + mx) * scale, (ny + my) * scale
        result.append((x + shift_x, y + shift_y))
    return result


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a point lies inside (even-odd rule)."""
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in edges(polygon):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def box(polygon: Sequence[Point]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    xs, ys = [float(x) for x, _ in polygon], [float(y) for _, y in polygon]
    return min(xs), min(ys), max(xs), max(ys)


def seats(polygon: Sequence[Point], top: float, wide: float, high: float) -> list[Point]:
    """Places for people in a room that names none: a grid under its label, row by row."""
    left, _, right, bottom = box(polygon)
    places = []
    y = top + 34
    while y + 24 <= bottom:
        x = left + 34
        while x + 24 <= right:
            if contains(polygon, (x, y)):
                places.append((x, y))
            x += wide
        y += high
    return places
