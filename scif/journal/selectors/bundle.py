"""Bundles: entries with their proofs, for ``verifier.py`` on another machine or in a report.

JSON lines. The first: format, whether the bundle is the whole journal, verifier keys, signed
checkpoints (the last one covers the entries), positions, consistency proofs. Then a line for each
entry: position, header, body's hash, leaf's hash, salt and body (null where erased; the entry that
records the erasure is in the bundle too), and, unless
the bundle is the whole journal, the inclusion proof. Hashes are hexadecimal.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from scif.journal import verifier
from scif.journal.merkle import consistency_proof
from scif.journal.models import Checkpoint, Signer
from scif.journal.notes import TreeHead
from scif.journal.tree import StoredTree, django_fetch

_CHUNK = 2000
_ENTRIES = (
    "SELECT entry.position, entry.header, entry.body_hash, entry.leaf_hash,"
    " body.salt, body.content FROM journal_entry entry LEFT JOIN journal_body body"
    " ON body.position = entry.position"
)


class NotSigned(Exception):
    """No checkpoint covers the entries that were asked for; see ``services.settle``."""


class Bundle(NamedTuple):
    """A bundle as bytes, the code that a reader compares, and the checkpoint that it stands on."""

    data: bytes
    code: str
    checkpoint: str


def bundle(positions: Sequence[int]) -> Bundle:
    """Chosen entries with their proofs to the latest checkpoint, checked by the verifier itself.

    The records of erasures come along: an erased body proves only beside its own. Raises
    :class:`NotSigned` if the checkpoint does not cover them all yet, ``verifier.Fault`` if the
    journal does not hold.
    """
    lines = list(bundle_lines(positions))
    verified = verifier.verify(lines)
    return Bundle("".join(lines).encode(), verified.code, verified.head.note)


def bundle_bytes(positions: Sequence[int]) -> bytes:
    """Chosen entries as a bundle, for the attachment of a report; see :func:`bundle`."""
    return bundle(positions).data


def bundle_lines(
    positions: Sequence[int] | None = None, *, earlier: TreeHead | None = None
) -> Iterator[str]:
    """The lines of a bundle: of these positions, or of all that is signed.

    ``earlier`` is a checkpoint that the reader holds: a consistency proof from it is added. It
    does not check anything: a bundle of an altered journal is evidence of the alteration.
    """
    last = Checkpoint.objects.order_by("-size").first()
    if last is None:
        raise NotSigned("No checkpoint was signed yet.")
    meta: dict[str, Any] = {
        "format": verifier.FORMAT,
        "whole": positions is None,
        "vkeys": list(Signer.objects.values_list("vkey", flat=True)),
    }
    if positions is None:
        notes = Checkpoint.objects.order_by("size").values_list("note", flat=True)
        yield _line({**meta, "checkpoints": list(notes)})
        for start in range(0, last.size, _CHUNK):
            rows = django_fetch(
                f"{_ENTRIES} WHERE entry.position >= %s AND entry.position < %s ORDER BY 1",
                [start, min(start + _CHUNK, last.size)],
            )
            yield from (_line(_entry(row)) for row in rows)
        return
    wanted = sorted(_with_erasures(positions))
    if wanted and wanted[-1] >= last.size:
        raise NotSigned(f"The last checkpoint covers {last.size} entries, not {wanted[-1]}.")
    tree = StoredTree(django_fetch, last.size)
    consistency = {}
    if earlier is not None and 0 < earlier.size <= last.size:
        proof = consistency_proof(earlier.size, last.size, tree.node)
        consistency[str(earlier.size)] = [part.hex() for part in proof]
    yield _line(
        {**meta, "checkpoints": [last.note], "positions": wanted, "consistency": consistency}
    )
    for at in range(0, len(wanted), _CHUNK):
        rows = django_fetch(
            f"{_ENTRIES} WHERE entry.position = ANY (%s) ORDER BY 1",
            [wanted[at : at + _CHUNK]],
        )
        for row in rows:
            proof = tree.inclusion_proof(row[0], last.size)
            yield _line({**_entry(row), "proof": [part.hex() for part in proof]})


def _with_erasures(positions: Sequence[int]) -> set[int]:
    """The positions, and those of the entries that record an erasure of one among them."""
    wanted, new = set[int](), set(positions)
    while new:
        wanted |= new
        # The text of such an entry may itself be erased.
        rows = django_fetch(
            "SELECT max(purge.position) FROM journal_body body JOIN journal_entry purge"
            " ON purge.kind = 'body.purged' AND purge.subject_type = 'journal.entry'"
            " AND purge.subject_id = body.position::text"
            " WHERE body.position = ANY (%s) AND body.content IS NULL GROUP BY body.position",
            [sorted(new)],
        )
        new = {int(position) for (position,) in rows} - wanted
    return wanted


def _entry(row: tuple[Any, ...]) -> dict[str, Any]:
    position, header, body_hash, leaf, salt, content = row
    return {
        "position": position,
        "header": header,
        "body_hash": bytes(body_hash).hex(),
        "leaf_hash": bytes(leaf).hex(),
        "salt": None if salt is None else bytes(salt).hex(),
        "body": None if content is None else bytes(content).decode(errors="replace"),
    }


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"
