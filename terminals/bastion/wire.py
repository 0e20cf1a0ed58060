"""The control socket's language: one JSON object a line, both ways.

Down (control plane → bastion), each with ``do`` and, but for ``heartbeat``, a ``request`` that
the answer repeats:

``grant``      ``grant``: the fields of :class:`~terminals.bastion.grant.Grant`
``budget``     ``key``, ``limit``: another limit for a budget, after an export or a return
``lock``       ``by`` (a :class:`Scope`), ``value``, ``reason``: end what matches, for good
``pause``, ``resume``   ``by``, ``value``: hold the bytes of what matches; let them flow again
``rate``       ``by``, ``value``, ``rate``, ``burst``: another cap, never above the grant's
``need``       ``grant``, ``needs``: the first flows only while the second is connected
``heartbeat``  the control plane lives

Up (bastion → control plane), each with ``tell``: ``done``, ``refused``, ``locked`` and ``alive``
are answers; ``hello`` begins a link, with the grants that live, and ``caught_up`` comes when
everything that was kept and every count has been told; ``opened``, ``closed``, ``cut``,
``warning``, ``bytes``, ``features`` and ``turned_away`` happen by themselves.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from scif.kernel.errors import Refused

VERSION = 1

Message = Mapping[str, Any]


class Scope(StrEnum):
    """What an order speaks about; ``all`` takes an empty value."""

    GRANT = "grant"
    PERSON = "person"
    TERMINAL = "terminal"
    ENGAGEMENT = "engagement"
    ALL = "all"


def encode(message: Message) -> bytes:
    """One line. Raises ``ValueError`` for what JSON cannot say (NaN)."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The object of a line; refuses (``not_understood``) anything else, twice named keys too."""
    try:
        value = json.loads(line, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused("not_understood", "The line is no JSON object.") from None
    if not isinstance(value, dict):
        raise Refused("not_understood", "The line is no JSON object.")
    return value


def text(message: Message, field: str, *, most: int = 200, empty: bool = False) -> str:
    """A text field; refuses one that is missing, of another type or longer than ``most``."""
    value = message.get(field)
    if not isinstance(value, str) or len(value) > most or not (value or empty):
        raise Refused("bad_field", f"{field} is no text of 1 to {most} characters.")
    return value


def number(message: Message, field: str, *, least: int, most: int) -> int:
    """A whole number within bounds, both included."""
    value = message.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Refused("bad_field", f"{field} is no whole number from {least} to {most}.")
    return value


def only(message: Message, fields: frozenset[str]) -> None:
    """Refuse a message that says more than we understand: it may limit what we would allow."""
    unknown = sorted(set(message) - fields)
    if unknown:
        raise Refused("bad_field", f"Unknown: {', '.join(unknown)[:200]}.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no_constant(word: str) -> object:
    raise ValueError(word)
