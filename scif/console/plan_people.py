"""People on the plan: visitor a circle, escort a double circle, roster a square, guard a shield.

Who is on duty under escort, inspects or responds is a circle like a visitor.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from scif.console import outline
from scif.console.svg import Point, element, group, label, link, number

Json = Mapping[str, Any]

_SEAT_WIDE, _SEAT_HIGH = 138, 66
_TOKEN = 19
SPACE = SafeString(" ")


def people_svg(room: Json, state: Json, *, compact: bool) -> SafeString:
    """The people of a room at its seats; those that find none are counted."""
    inside = [person for person in state.get("people", ()) if person["room"] == room["code"]]
    places: Iterable[Point] = room.get("seats") or outline.seats(
        room["polygon"], float(room["label_at"][1]), _SEAT_WIDE, _SEAT_HIGH
    )
    parts: list[object] = []
    free = list(places)
    shown = inside if len(inside) <= len(free) else inside[: max(len(free) - 1, 0)]
    for person, (x, y) in zip(shown, free, strict=False):
        parts.append(_person(person, float(x), float(y), compact=compact))
    if len(shown) < len(inside):
        x, y = free[-1] if free else room["label_at"]
        more = _("and %(count)d more") % {"count": len(inside) - len(shown)}
        parts.append(element("g", label(float(x), float(y) + 6, more, "name"), aria_hidden="true"))
    return group(parts)


def _person(person: Json, x: float, y: float, *, compact: bool) -> SafeString:
    warn = " warn" if person.get("warn") else ""
    kind = person.get("kind", "visitor")
    size = 13 if compact else _TOKEN
    if kind == "roster":
        side = size - 1
        token = [
            element(
                "rect", x=x - side, y=y - side, width=2 * side, height=2 * side, class_=f"tok{warn}"
            )
        ]
    elif kind == "guard":
        side = size - 1
        shield = (
            f"M{number(x - side)} {number(y - side)}h{2 * side}v{side + 2}"
            f"l{-side} {side}l{-side} {-side}z"
        )
        token = [element("path", d=shield, class_=f"tok{warn}")]
    else:
        token = [element("circle", cx=x, cy=y, r=size, class_=f"tok{warn}")]
        if kind == "escort":
            token.append(element("circle", cx=x, cy=y, r=size + 4, class_=f"ring{warn}"))
    if compact:
        return group(token, aria_hidden="true")
    token.append(label(x, y + 6, person["initials"], "tokt"))
    if person.get("name"):
        token += [SPACE, label(x + 28, y - 2, person["name"], "name")]
    if person.get("note"):
        token += [SPACE, label(x + 28, y + 17, person["note"], f"sub{warn}")]
    # What is said is what is seen, word by word (WCAG 2.5.3); hence the spaces in between.
    said = " ".join(str(person[key]) for key in ("initials", "name", "note") if person.get(key))
    return link(group(token), person.get("url"), said)
