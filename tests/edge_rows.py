"""Rows of the inbox as a gateway would send them: chained, and sealed by its key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.gateway.edge_journal import EdgeEntry, entry_hash, moment
from hardware.gateway.seals import Sealed, sealed
from hardware.rules.inbox import GENESIS
from scif.kernel.canonical import canonical_json


def sealed_rows(
    gateway: str, said: Sequence[tuple[str, Any]], signer: Ed25519PrivateKey, at: datetime
) -> list[Sealed]:
    """The first entries of an epoch, of these kinds and bodies."""
    entries: list[EdgeEntry] = []
    last = GENESIS
    for seq, (kind, body) in enumerate(said, start=1):
        text = canonical_json(body)
        digest = entry_hash(
            gateway=gateway,
            epoch=1,
            seq=seq,
            kind=kind,
            occurred_at=moment(at),
            clock_offset_ms=None,
            prev_hash=last,
            body=text,
        )
        row = (gateway, 1, seq, kind, moment(at), None, last, digest, text.decode())
        entries.append(EdgeEntry(*row))
        last = digest
    return sealed(entries, signer)
