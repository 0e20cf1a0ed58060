"""Check the whole journal in the database, streaming, and name the first bad entry."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any

import psycopg
from django.db import connection, transaction

from scif.journal.merkle import Frontier, perfect_root
from scif.journal.models import Signer
from scif.journal.notes import NoteError, TreeHead, VerifierKey
from scif.journal.tree import TILE, TILE_HEIGHT, django_fetch, split
from scif.journal.verifier import Edges, Fault

Rows = Generator[tuple[Any, ...]]
Heads = Generator[TreeHead]

_ROWS = 64
_TILES = "SELECT hashes FROM journal_tile WHERE level = 0 ORDER BY index"
# What is hashed comes put together, for that is cheaper there; what is in it comes once.
_ENTRIES = (
    "SELECT entry.position, '\\x00'::bytea || convert_to(entry.header, 'UTF8') || entry.body_hash,"
    " entry.leaf_hash, body.salt || body.content"
    " FROM journal_entry entry LEFT JOIN journal_body body"
    " ON body.position = entry.position ORDER BY entry.position"
)
# Plans that hold all rows before they give the first: of a journal that has just grown, and has no
# statistics yet, the database would take one of them for the cheapest.
_GATHERS = ("enable_sort", "enable_hashjoin")
_HASH = 32  # bytes of a body's hash, with which what is hashed of an entry ends
_SOURCE = b'"source"'


@dataclass(frozen=True)
class Result:
    """What holds: how many entries, how many of them are signed, which bodies are erased."""

    entries: int
    signed: int
    checkpoints: int
    erased: int


def verify_journal(*, key: VerifierKey | None = None, published: str | None = None) -> Result:
    """Hash every entry, compare with tiles and checkpoints, check every signature.

    ``key`` is the log's key from outside the database, ``published`` a signed note that somebody
    outside holds. Raises :class:`~scif.journal.verifier.Fault` for the first thing that is wrong.
    Reads one snapshot, so that it may run beside the sequencer.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        keys = [VerifierKey.parse(vkey) for vkey in Signer.objects.values_list("vkey", flat=True)]
        checker = _Checker([*keys, *([key] if key else [])], key)
        if published is not None:
            checker.published = checker.signed(published, [key] if key else checker.keys)
        return checker.run()


def _stream(name: str, sql: str) -> Rows:
    """Rows by a server-side cursor in binary, in chunks: memory does not grow with the journal."""
    connection.ensure_connection()
    with connection.connection.cursor(name=name, binary=True) as cursor:
        cursor.itersize = _ROWS
        cursor.execute(sql)
        yield from cursor


def _beside(sql: str) -> Rows:
    """Rows of the same snapshot over a connection that has nothing else to do.

    The database goes on while the caller hashes, for as long as what it sends finds room between
    the two: nobody asks for the next chunk, and memory does not grow.
    """
    ((snapshot,),) = django_fetch("SELECT pg_export_snapshot()", [])
    other = connection.copy()
    try:
        other.ensure_connection()
        other.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        other.connection.execute(psycopg.sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
        for plan in _GATHERS:
            other.connection.execute(f"SET LOCAL {plan} = off")
        with psycopg.Cursor(other.connection) as cursor:
            yield from cursor.stream(sql, binary=True, size=TILE)
    finally:
        other.close()


@dataclass
class _Checker:
    """One pass over the entries, the tiles and the checkpoints, side by side.

    ``frontier`` covers the full tiles, ``edge`` the entries up to the last checkpoint met;
    ``suspect`` is the first entry that its tile contradicts, until a checkpoint decides which of
    the two was altered; ``proved`` entries are under a checkpoint that fits.
    """

    keys: list[VerifierKey]
    pinned: VerifierKey | None
    published: TreeHead | None = None
    frontier: Frontier = field(default_factory=Frontier)
    edge: Frontier = field(default_factory=Frontier)
    upper: list[list[bytes]] = field(default_factory=list)
    stored: list[bytes] = field(default_factory=list)
    suspect: int | None = None
    proved: int = 0
    checkpoints: int = 0
    erased: set[int] = field(default_factory=set)
    edges: Edges = field(default_factory=Edges)

    def run(self) -> Result:
        """Read everything, in order; raises the first :class:`Fault`."""
        with (
            closing(self._heads()) as heads,
            closing(_stream("journal_tiles", _TILES)) as tiles,
            closing(_beside(_ENTRIES)) as entries,
        ):
            size = self._entries(entries, heads, tiles)
        if self.suspect is not None:
            raise self._suspected(self.suspect)
        self._unrecorded()
        if self.edges.fault is not None:
            raise self.edges.fault
        return Result(size, self.proved, self.checkpoints, len(self.erased))

    def _entries(self, entries: Rows, heads: Heads, tiles: Rows) -> int:
        head, size = next(heads, None), 0
        while rows := list(islice(entries, TILE)):
            leaves, fault = self._leaves(rows, size)
            size += len(leaves)
            self.stored = split(next(tiles, (b"",))[0])
            while head is not None and head.size <= size:
                head = self._checkpoint(head, heads, leaves)
            if fault is not None:
                self._compare(leaves)
                raise fault if self.suspect is None else self._suspected(self.suspect)
            if len(leaves) == TILE:
                self._tile(leaves)
        if head is not None:
            words = f"{head.size} entries were signed, {size} are here"
            raise self._fault("truncated", size, words)
        if (self.stored and size % TILE) or next(tiles, None) is not None:
            raise self._fault("altered tree", size, "there are tiles right of the last entry")
        return size

    def _leaves(self, rows: list[tuple[Any, ...]], first: int) -> tuple[list[bytes], Fault | None]:
        """Check entries against their own hashes: the leaves that hold, and the first fault."""
        leaves: list[bytes] = []
        for expected, (position, entry, leaf, body) in enumerate(rows, first):
            if position != expected:
                return leaves, Fault("missing entry", expected, f"entry {position} follows")
            if sha256(entry).digest() != leaf:
                return leaves, Fault("altered header", position, "it does not match its hash")
            if body is None:
                self.erased.add(position)
            elif sha256(body).digest() != entry[-_HASH:]:
                return leaves, Fault("altered body", position, "it does not match its hash")
            if _SOURCE in entry:
                self.edges.add(position, entry[1:-_HASH].decode())
            leaves.append(leaf)
        return leaves, None

    def signed(self, note: str, keys: list[VerifierKey]) -> TreeHead:
        """What a note states, if one of the keys signed it."""
        for key in keys:
            try:
                return TreeHead.parse(key.verify(note))
            except NoteError:
                continue
        raise Fault("bad signature", None, f"no known key signed the checkpoint {note[:80]!r}")

    def _heads(self) -> Heads:
        """Every checkpoint in order of size, signatures checked; the published one among them."""
        last, published = "", self.published
        for size, root, note in _stream(
            "journal_checkpoints", "SELECT size, root, note FROM journal_checkpoint ORDER BY size"
        ):
            head = self.signed(note, self.keys)
            if (size, root) != (head.size, head.root):
                raise Fault("bad signature", None, f"checkpoint {size} is not what its note states")
            if published and published.size < size:
                yield published
                published = None
            last = note
            self.checkpoints += 1
            yield head
        if last and self.pinned:
            self.signed(last, [self.pinned])
        if published:
            yield published

    def _checkpoint(self, head: TreeHead, heads: Heads, leaves: list[bytes]) -> TreeHead | None:
        """Compare the root with every checkpoint of this size; gives the next, larger one."""
        if self.edge.size < self.frontier.size:
            self.edge = self.frontier.copy()
        start = self.frontier.size
        for leaf in leaves[self.edge.size - start : head.size - start]:
            self.edge.append(leaf)
        root = self.edge.root()
        following: TreeHead | None = head
        while following is not None and following.size == self.edge.size:
            if following.root != root:
                raise self._contradiction(following, leaves)
            following = next(heads, None)
        if self.suspect is not None:
            raise Fault(
                "altered tree", self.suspect, "the entry is the signed one, its tile is not"
            )
        self.proved = self.edge.size
        return following

    def _contradiction(self, head: TreeHead, leaves: list[bytes]) -> Fault:
        self._compare(leaves)
        if self.suspect is not None:
            return self._suspected(self.suspect)
        if head is self.published:
            words = f"the journal does not continue the published checkpoint of {head.size} entries"
            return Fault("forked", self.proved, words)
        words = f"one of the entries up to {head.size - 1} is not the one that was signed"
        return Fault("not the signed entry", self.proved, words)

    def _compare(self, leaves: list[bytes]) -> None:
        """Suspect the first entry whose tile has another hash."""
        if self.suspect is None and self.stored:
            for at, (here, there) in enumerate(zip(leaves, self.stored, strict=False)):
                if here != there:
                    self.suspect = self.frontier.size + at
                    return

    def _tile(self, leaves: list[bytes]) -> None:
        """A full tile: compare it and the tiles above, and let its root stand for it."""
        if leaves != self.stored and self.suspect is None:
            self._compare(leaves)
            if self.suspect is None:
                raise Fault("altered tree", self.frontier.size, "its tile is missing")
        node, level = perfect_root(leaves), 1
        self.frontier.append(node, TILE_HEIGHT)
        while True:
            if level > len(self.upper):
                self.upper.append([])
            hashes = self.upper[level - 1]
            hashes.append(node)
            if len(hashes) < TILE:
                return
            self.upper[level - 1] = []
            index = (self.frontier.size >> (TILE_HEIGHT * (level + 1))) - 1
            rows = django_fetch(
                "SELECT hashes FROM journal_tile WHERE level = %s AND index = %s", [level, index]
            )
            if [bytes(stored) for (stored,) in rows] != [b"".join(hashes)]:
                raise self._fault(
                    *("altered tree", index << (TILE_HEIGHT * (level + 1))),
                    f"the tile {level}/{index} above it is not over the tiles below",
                )
            node, level = perfect_root(hashes), level + 1

    def _unrecorded(self) -> None:
        """An erased body has an entry that says so."""
        if not self.erased:
            return
        rows = django_fetch(
            "SELECT subject_id FROM journal_entry"
            " WHERE kind = 'body.purged' AND subject_type = 'journal.entry'",
            [],
        )
        told = {subject for (subject,) in rows}
        silent = {each for each in self.erased if str(each) not in told}
        if silent:
            raise Fault("erased without record", min(silent), "no entry tells that it was purged")

    def _fault(self, what: str, position: int, words: str) -> Fault:
        """The fault, or the earlier one that was still in doubt."""
        if self.suspect is not None and self.suspect <= position:
            return self._suspected(self.suspect)
        return Fault(what, position, words)

    @staticmethod
    def _suspected(position: int) -> Fault:
        return Fault("not the signed entry", position, "its hash is not the one in the tree")
