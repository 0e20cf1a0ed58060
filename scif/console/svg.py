"""A few words of SVG: elements with escaped text and checked numbers."""

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Point = tuple[float, float]


def number(value: Any) -> str:
    """A coordinate with at most one decimal; raises ValueError or TypeError on anything else."""
    rounded = round(float(value), 1)
    if rounded != rounded or abs(rounded) == float("inf"):
        raise ValueError("A coordinate must be finite")
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)


def element(name: str, *children: object, **attributes: object) -> SafeString:
    """An element; children that are not safe are escaped, attributes that are None are left out.

    ``class_`` gives the attribute class, ``stroke_width`` gives stroke-width. Numbers pass through
    `number`.
    """
    written = format_html_join(
        "",
        ' {}="{}"',
        (
            (key.rstrip("_").replace("_", "-"), number(v) if isinstance(v, int | float) else v)
            for key, v in attributes.items()
            if v is not None
        ),
    )
    inside = format_html_join("", "{}", ((child,) for child in children))
    return format_html("<{}{}>{}</{}>", name, written, inside, name)


def group(children: Iterable[object], **attributes: object) -> SafeString:
    """A group of elements."""
    return element("g", *children, **attributes)


def path(points: Iterable[Point], *, closed: bool = False) -> str:
    """The path data of a broken line through the points."""
    steps = [f"{number(x)} {number(y)}" for x, y in points]
    return "M" + "L".join(steps) + ("z" if closed else "")


def label(x: float, y: float, words: object, class_: str | None = None) -> SafeString:
    """A text whose base line starts at (x, y)."""
    return element("text", words, x=x, y=y, class_=class_)


def link(drawn: SafeString, url: object, words: str) -> SafeString:
    """A link where there is an address, else a drawing that the list of facts speaks for."""
    if not url:
        return group([drawn], aria_hidden="true")
    return element("a", drawn, href=str(url), aria_label=words)
