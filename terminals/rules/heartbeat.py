"""What a laptop's agent says each second: JSON, signed by the laptop's attestation key.

The key is restricted: it signs the digest only of bytes that do not begin like a TPM's own
statement, so that a heartbeat can never pass for a quote, nor a quote for a heartbeat.
"""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from scif.kernel.errors import Refused, require
from terminals.rules.quote import signature_der
from terminals.rules.tpm import Fault, Malformed, attestation_key

MOST_BYTES = 8192
MOST_EVENTS = 16
MOST_TEXT = 200
MOST_NUMBER = 2**53
KINDS = frozenset({"seal", "lid", "usb", "shut", "check"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the agent saw: its kind, and what it looked like there."""

    kind: str
    seen: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A quote over a nonce that the centre asked."""

    nonce: str
    quote: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """A heartbeat that is signed and well formed."""

    terminal: str
    begun: int
    seq: int
    events: tuple[Event, ...]
    answer: Answer | None


def heartbeat_read(body: bytes, signature: bytes, key: bytes) -> Heard:
    """Check the signature, then read. Raises :class:`Refused` for whatever is not right."""
    require(len(body) <= MOST_BYTES, "heartbeat_unfit", "This is too long for a heartbeat.")
    try:
        attestation_key(key).public.verify(
            signature_der(signature), body, ec.ECDSA(hashes.SHA256())
        )
        return _read(json.loads(body))
    except (InvalidSignature, Malformed, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused("heartbeat_unfit", "This is no heartbeat of this laptop.") from error


def _read(said: Any) -> Heard:
    events = said["events"]
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise Malformed(Fault.HEARTBEAT)
    answer = said["answer"]
    return Heard(
        terminal=_text(said["terminal"]),
        begun=_number(said["begun"]),
        seq=_number(said["seq"]),
        events=tuple(_event(each) for each in events),
        answer=None
        if answer is None
        else Answer(
            nonce=_text(answer["nonce"]),
            quote=bytes.fromhex(answer["quote"]),
            signature=bytes.fromhex(answer["signature"]),
        ),
    )


def _event(said: Any) -> Event:
    kind = said["kind"]
    if kind not in KINDS:
        raise Malformed(Fault.HEARTBEAT)
    return Event(kind, _text(said["seen"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_TEXT or not value.isprintable():
        raise Malformed(Fault.HEARTBEAT)
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MOST_NUMBER:
        raise Malformed(Fault.HEARTBEAT)
    return value
