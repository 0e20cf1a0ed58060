"""A signature as the pad writes it (static/js/signature.js), drawn again as SVG."""

import json
from dataclasses import dataclass
from typing import Any

from scif.console.svg import number, path

_MOST_POINTS = 20_000
_MOST_BYTES = 1_000_000
_MOST_LETTERS = 160


@dataclass(frozen=True, slots=True)
class SignatureView:
    """What to show: strokes as path data within a box, or the name that was typed instead."""

    strokes: str = ""
    view: str = ""
    text: str = ""


def signature_of(value: str) -> dict[str, Any]:
    """What the pad wrote, without what else may have come with it. Raises ValueError."""
    typed = signature_view(value).text
    if typed:
        return {"kind": "typed", "text": typed}
    given = json.loads(value)
    return {"kind": "drawn"} | {name: given[name] for name in ("width", "height", "strokes")}


def signature_view(value: str) -> SignatureView:
    """Read what the pad wrote. Raises ValueError on anything else."""
    if len(value) > _MOST_BYTES:
        raise ValueError("Too long for a signature of the pad")
    try:
        given = json.loads(value)
        if given["kind"] == "typed":
            text = str(given["text"]).strip()
            if not text or len(text) > _MOST_LETTERS or not text.isprintable():
                raise ValueError("The typed name is empty, too long or not plain")
            return SignatureView(text=text)
        strokes = [[(float(x), float(y)) for x, y in stroke] for stroke in given["strokes"]]
        if not strokes or not all(strokes) or sum(map(len, strokes)) > _MOST_POINTS:
            raise ValueError("No strokes, or too many")
        # A dot is a stroke of one point: drawn as a line of no length with round ends.
        drawn = "".join(path(stroke if len(stroke) > 1 else stroke * 2) for stroke in strokes)
        view = f"0 0 {number(given['width'])} {number(given['height'])}"
    except (KeyError, TypeError, OverflowError, RecursionError, json.JSONDecodeError) as error:
        raise ValueError("Not a signature of the pad") from error
    return SignatureView(strokes=drawn, view=view)
