"""The marking banner of a page: label, colour, and ink that can be read on it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_WHITE_ENOUGH = 4.5  # contrast of WCAG 2.2, 1.4.3


@dataclass(frozen=True, slots=True)
class Marking:
    """What the banner shows: ``tone`` names a default colour, ``colour`` is the scheme's own."""

    label: str
    note: str = ""
    tone: str = ""
    colour: str = ""
    dark_ink: bool = False


def marking_of(value: Any) -> Marking | None:
    """The marking of a page's context: a mapping, or an object such as a scheme's level.

    Read are ``label`` or ``name``, ``note``, ``tone`` and ``colour`` (#RRGGBB).
    """
    if not value:
        return None

    def read(key: str) -> str:
        found = value.get(key) if isinstance(value, Mapping) else getattr(value, key, "")
        return str(found or "")

    label = read("label") or read("name")
    if not label:
        return None
    colour = read("colour") if _COLOUR.fullmatch(read("colour")) else ""
    dark = bool(colour) and 1.05 / (_luminance(colour) + 0.05) < _WHITE_ENOUGH
    return Marking(label, read("note"), read("tone"), colour, dark)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
