"""The stored Merkle tree: read from full tiles and from the entries right of them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from scif.journal.merkle import Frontier, inclusion_proof, perfect_root, range_root

TILE = 256
TILE_HEIGHT = 8
HASH = 32

# How to ask the database: SQL with %s, its values, all rows.
Fetch = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


class TreeBroken(Exception):
    """The stored tree lacks a hash that it must have, or contradicts what was signed."""


def django_fetch(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Ask through Django's connection."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class StoredTree:
    """Nodes of the tree over the first ``size`` entries; each tile is read once."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self.size = size
        self._fetch = fetch
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def node(self, height: int, index: int) -> bytes:
        """The root of the perfect subtree ``(height, index)``; raises :class:`TreeBroken`."""
        level, inner = divmod(height, TILE_HEIGHT)
        first, count = index << inner, 1 << inner
        start = first % TILE
        hashes = self.tile(level, first // TILE)[start : start + count]
        if len(hashes) != count:
            raise TreeBroken(f"the tree of {self.size} entries has no node {height}/{index}")
        return perfect_root(hashes)

    def root(self, size: int) -> bytes:
        """The root over the first ``size`` entries."""
        return range_root(0, size, self.node)

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """The audit path of an entry in the tree of ``size`` entries."""
        return inclusion_proof(index, size, self.node)

    def tile(self, level: int, index: int) -> list[bytes]:
        """The hashes of a tile: 256, or fewer at the right edge; raises :class:`TreeBroken`."""
        key = level, index
        if key not in self._tiles:
            held = (self.size >> (TILE_HEIGHT * level)) - index * TILE
            if held >= TILE:
                self._read(level, index, index + 1)
            elif level == 0:
                self._tiles[key] = self._leaves(index * TILE, held)
            else:
                first = index * TILE
                self._read(level - 1, first, first + held)
                below = (self._tiles[level - 1, first + at] for at in range(held))
                self._tiles[key] = [perfect_root(hashes) for hashes in below]
        return self._tiles[key]

    def _read(self, level: int, start: int, end: int) -> None:
        wanted = [at for at in range(start, end) if (level, at) not in self._tiles]
        rows = self._fetch(
            "SELECT index, hashes FROM journal_tile WHERE level = %s AND index = ANY (%s)",
            [level, wanted],
        )
        for index, hashes in rows:
            self._tiles[level, index] = split(bytes(hashes))
        missing = [at for at in wanted if (level, at) not in self._tiles]
        if missing:
            raise TreeBroken(f"tile {level}/{missing[0]} is missing")

    def _leaves(self, start: int, count: int) -> list[bytes]:
        rows = self._fetch(
            "SELECT leaf_hash FROM journal_entry WHERE position >= %s AND position < %s"
            " ORDER BY position",
            [start, start + count],
        )
        if len(rows) != max(count, 0):
            raise TreeBroken(f"an entry between {start} and {start + count - 1} is missing")
        return [bytes(leaf) for (leaf,) in rows]


class GrowingTree:
    """The tree in the sequencer's memory: what is right of the last full tile of each level.

    INVARIANT: ``pending[L]`` holds fewer than 256 hashes, each over 256 ** L entries.
    """

    def __init__(self) -> None:
        self.size = 0
        self.pending: list[list[bytes]] = [[]]

    @classmethod
    def of(cls, stored: StoredTree) -> "GrowingTree":
        """Go on where the stored tree ends; raises :class:`TreeBroken`."""
        tree = cls()
        tree.size = stored.size
        counts = [stored.size]
        while counts[-1] >= TILE:
            counts.append(counts[-1] // TILE)
        tree.pending = [
            list(stored.tile(level, count // TILE)) if count % TILE else []
            for level, count in enumerate(counts)
        ]
        return tree

    def extend(self, leaves: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Add leaf hashes; gives the tiles that became full: level, index, joined hashes."""
        full = []
        for leaf in leaves:
            self.size += 1
            node, level = leaf, 0
            while True:
                if level == len(self.pending):
                    self.pending.append([])
                self.pending[level].append(node)
                if len(self.pending[level]) < TILE:
                    break
                hashes, self.pending[level] = self.pending[level], []
                index = (self.size >> (TILE_HEIGHT * (level + 1))) - 1
                full.append((level, index, b"".join(hashes)))
                node, level = perfect_root(hashes), level + 1
        return full

    def root(self) -> bytes:
        """The root of the whole tree."""
        frontier = Frontier()
        for level in range(len(self.pending) - 1, -1, -1):
            for node in self.pending[level]:
                frontier.append(node, TILE_HEIGHT * level)
        return frontier.root()


def split(hashes: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
