"""What the desk reader's child may say, one JSON object a line; anything else is noise."""

import json
import re
from typing import Any

# The credential of our own cards is 16 bytes; a card that is not ours has none.
_FORMS = {"uid": re.compile(r"[0-9a-fA-F]{0,20}"), "number": re.compile(r"[0-9a-fA-F]{32}")}
_MOST_WORDS = 200

_CARD = ("uid", "number")
FIELDS: dict[str, tuple[str, ...]] = {
    "alive": (),
    "ready": (),
    "present": _CARD,
    "removed": (),
    "encoded": ("id", *_CARD),
    "erased": ("id", *_CARD),
    "failed": ("id", "reason"),
    "fatal": ("reason",),
}


class Garbled(ValueError):
    """Not a line of the child."""


def read_line(line: bytes) -> dict[str, Any]:
    """The line's word as ``said`` with its fields, checked; raises Garbled and nothing else."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Garbled("not JSON") from error
    word = said.get("said") if isinstance(said, dict) else None
    if not isinstance(word, str) or word not in FIELDS:
        raise Garbled("no word of ours")
    facts: dict[str, Any] = {"said": word}
    for name in FIELDS[word]:
        facts[name] = _field(name, said.get(name))
    return facts


def _field(name: str, value: object) -> str | bytes | None:
    if name == "number" and value is None:
        return None
    if not isinstance(value, str) or len(value) > _MOST_WORDS or not value.isprintable():
        raise Garbled(name)
    form = _FORMS.get(name)
    if form is not None and not form.fullmatch(value):
        raise Garbled(name)
    return bytes.fromhex(value) if name == "number" else value
