"""Which rows of the inbox are a gateway's own: those that a seal of its leads back to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

GENESIS = "0" * 64  # the hash before the first entry of an epoch


def seal_text(gateway: str, epoch: int, seq: int, digest: str) -> bytes:
    """What a gateway signs of an entry."""
    return f"scif edge seal\n{gateway}\n{epoch}\n{seq}\n{digest}\n".encode()


@dataclass(frozen=True, slots=True)
class Arrived:
    """A row that waits. ``sound``: its hash is that of what it says; ``sealed``: by the gateway."""

    row: int
    seq: int
    prev_hash: str
    hash: str
    sound: bool
    sealed: bool


@dataclass(frozen=True, slots=True)
class Sorted:
    """``genuine`` in their order; ``forged`` are refused; all others wait for a seal, or a gap."""

    genuine: tuple[Arrived, ...]
    forged: tuple[Arrived, ...]


def sort_arrived(seq: int, digest: str, rows: Iterable[Arrived]) -> Sorted:
    """Sort the rows of one gateway's epoch that wait behind the last genuine entry.

    ``seq`` and ``digest`` are that entry's; 0 and GENESIS if there is none. INVARIANT: a row is
    genuine only if it is sound, and a sealed and sound row leads back over sound rows, each naming
    the hash of the one before, to the last genuine entry.
    """
    waiting = list(rows)
    sound = {(each.seq, each.hash): each for each in waiting if each.sound}
    genuine: Sequence[Arrived] = ()
    for last in sorted((e for e in sound.values() if e.sealed), key=lambda e: -e.seq):
        path = _back(last, seq, digest, sound)
        if path:
            genuine = path
            break
    upto = genuine[-1].seq if genuine else seq
    accepted = {each.row for each in genuine}
    forged = tuple(
        each
        for each in waiting
        if each.row not in accepted and (not each.sound or each.seq <= upto)
    )
    return Sorted(tuple(genuine), forged)


def _back(
    last: Arrived, seq: int, digest: str, sound: dict[tuple[int, str], Arrived]
) -> list[Arrived]:
    """The way from behind the last genuine entry up to this one; empty where it does not lead."""
    path = [last]
    while path[-1].seq > seq + 1:
        before = sound.get((path[-1].seq - 1, path[-1].prev_hash))
        if before is None:
            return []
        path.append(before)
    if path[-1].seq != seq + 1 or path[-1].prev_hash != digest:
        return []
    return path[::-1]
