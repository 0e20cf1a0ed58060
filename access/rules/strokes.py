"""The digest of a signature on the glass, which binds the drawn strokes to their journal entry."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def strokes_digest(strokes: Any) -> str:
    """SHA-256 of the strokes as JSON, hexadecimal; the same before and after the database.

    PostgreSQL's jsonb keeps numbers as decimals, so that 1e16 comes back without its exponent:
    what is whole counts as an integer here.
    """
    text = json.dumps(_plain(strokes), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
