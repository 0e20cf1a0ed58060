"""Seals: the gateway's signature on the newest of the entries that it sends.

An entry's hash covers the entry and, by the hash of the one before, everything before it. So one
signature in many is enough: the centre accepts an entry when a sealed one after it leads back to
it, and nobody who may write into the inbox can put words into a gateway's mouth.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.gateway.edge_journal import EdgeEntry
from hardware.rules.inbox import seal_text

SEAL_EVERY = 200


class Sealed(NamedTuple):
    """An entry as it is sent; most have no seal of their own."""

    entry: EdgeEntry
    seal: bytes | None


def sealed(entries: Sequence[EdgeEntry], signer: Ed25519PrivateKey) -> list[Sealed]:
    """Seal the last entry, and one in so many before it."""
    last = len(entries) - 1
    return [
        Sealed(
            entry,
            signer.sign(seal_text(entry.gateway, entry.epoch, entry.seq, entry.hash))
            if number == last or number % SEAL_EVERY == SEAL_EVERY - 1
            else None,
        )
        for number, entry in enumerate(entries)
    ]
