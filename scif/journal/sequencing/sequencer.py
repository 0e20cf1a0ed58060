"""The one writer of the journal's tree: moves batches from the outbox and signs the result."""

import time
from typing import Any, NamedTuple

import psycopg

from scif.journal.merkle import body_digest, leaf_data, leaf_hash
from scif.journal.notes import NoteError, Signer, TreeHead, VerifierKey
from scif.journal.sequencing.witness import Witness
from scif.journal.tree import TILE, GrowingTree, StoredTree, TreeBroken
from scif.kernel.clock import now

BATCH = 1024
# A busy journal is signed this often; a quiet one as soon as something is in it.
SIGN_EVERY_SECONDS = 1.0
# The kind of an entry that has a text erased; the database looks at what it says.
PURGED = "body.purged"
# Entries whose hashes are compared with the tiles before the sequencer goes on (some 1 s each
# million); the whole journal is the task of journal_verify.
CHECKED_AT_START = 1 << 20

Connection = psycopg.Connection[tuple[Any, ...]]


class JournalMismatch(Exception):
    """The database's journal is not the one that was signed: truncated, forked or altered."""


class Moved(NamedTuple):
    """A batch that has its positions: the first of them, and the headers."""

    first: int
    headers: list[str]


class Sequencer:
    """Sequences and signs over one connection, which holds the sequencer's lock.

    INVARIANT: only one sequencer works on a database; positions are size, size + 1, … of the tree
    in the same transaction; what is in memory equals what is committed, or the object is dropped.
    """

    def __init__(
        self,
        connection: Connection,
        signer: Signer,
        witness: Witness,
        *,
        published: TreeHead | None,
    ) -> None:
        """Take up the stored journal; raises :class:`JournalMismatch` if it is not the signed.

        ``published`` is the last checkpoint that the world outside the database knows.
        """
        self._connection = connection
        self._signer = signer
        self._witness = witness
        self._signed_at = float("-inf")
        stored = self.stored_tree()
        try:
            self._check_tiles(stored.size)
            self._signed_size = self._check_signed(stored)
            if published is not None:
                self._check_fits(published, stored, "the last published checkpoint")
            self._tree = GrowingTree.of(stored)
        except TreeBroken as error:
            raise JournalMismatch(f"The stored tree is broken: {error}.") from error
        self._last_leaf = self._leaf(stored.size - 1)
        self._room = stored.size
        self._connection.execute(
            "INSERT INTO journal_signer (key_id, vkey, first_used_at) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [signer.verifier.key_id.hex(), str(signer.verifier), now()],
        )

    @property
    def size(self) -> int:
        """How many entries have a position."""
        return self._tree.size

    def stored_tree(self) -> StoredTree:
        """The tree as the database holds it now."""
        row = self._row("SELECT coalesce(max(position) + 1, 0) FROM journal_entry")
        return StoredTree(self._fetch, int(row[0]))

    def move(self) -> Moved | None:
        """Give positions to what waits, oldest first; None if nothing does."""
        if not self._row("SELECT EXISTS (SELECT FROM journal_outbox)")[0]:
            return None
        self._make_room()
        first = self._tree.size
        with self._connection.transaction(), self._connection.cursor(binary=True) as cursor:
            self._check_head(cursor)
            cursor.execute(
                "DELETE FROM journal_outbox WHERE id IN"
                " (SELECT id FROM journal_outbox ORDER BY id LIMIT %s)"
                " RETURNING id, header, salt, content",
                [BATCH],
            )
            rows = sorted(cursor.fetchall())
            self._store(cursor, rows)
        return Moved(first, [header for _, header, _, _ in rows])

    def append(self, header: str, salt: bytes, content: bytes) -> None:
        """Add one entry directly; only a recovery does so, while no sequencer runs."""
        self._make_room()
        with self._connection.transaction(), self._connection.cursor() as cursor:
            self._store(cursor, [(0, header, salt, content)])

    def sign(self, *, at_once: bool = False) -> TreeHead | None:
        """Sign, store and publish a checkpoint if there are new entries and it is time."""
        due = at_once or time.monotonic() - self._signed_at >= SIGN_EVERY_SECONDS
        if self._tree.size == self._signed_size or not due:
            return None
        head = TreeHead(self._signer.name, self._tree.size, self._tree.root())
        note = self._signer.sign(head.text())
        self._connection.execute(
            "INSERT INTO journal_checkpoint (size, root, note, signed_at) VALUES (%s, %s, %s, %s)",
            [head.size, head.root, note, now()],
        )
        # INVARIANT: nothing is published that the database has not committed.
        self._witness.publish(note)
        self._signed_size, self._signed_at = head.size, time.monotonic()
        return head

    def _store(
        self, cursor: psycopg.Cursor[tuple[Any, ...]], rows: list[tuple[int, str, bytes, bytes]]
    ) -> None:
        first = self._tree.size
        headers = [header for _, header, _, _ in rows]
        digests = [body_digest(salt, content) for _, _, salt, content in rows]
        leaves = [
            leaf_hash(leaf_data(header.encode(), digest))
            for header, digest in zip(headers, digests, strict=True)
        ]
        tiles = self._tree.extend(leaves)
        cursor.execute(
            "INSERT INTO journal_entry (position, header, body_hash, leaf_hash)"
            " SELECT %s + number - 1, header, body_hash, leaf_hash FROM"
            " unnest(%b::text[], %b::bytea[], %b::bytea[])"
            " WITH ORDINALITY AS new (header, body_hash, leaf_hash, number)",
            [first, headers, digests, leaves],
        )
        cursor.execute(
            "INSERT INTO journal_body (position, salt, content)"
            " SELECT %s + number - 1, salt, content FROM unnest(%b::bytea[], %b::bytea[])"
            " WITH ORDINALITY AS new (salt, content, number)",
            [first, [row[2] for row in rows], [row[3] for row in rows]],
        )
        purges = [at for at, header in enumerate(headers, first) if PURGED in header]
        if purges:
            # INVARIANT: a text goes in the transaction that gives its erasure a position.
            cursor.execute("SELECT journal_body_erase(%b::bigint[])", [purges])
        for level, index, hashes in tiles:
            cursor.execute(
                "INSERT INTO journal_tile (level, index, hashes) VALUES (%s, %s, %s)",
                [level, index, hashes],
            )
        cursor.execute("SELECT pg_notify('journal_published', %s)", [str(self._tree.size - 1)])
        self._last_leaf = leaves[-1]

    def _make_room(self) -> None:
        """Have the partitions for the next batch, and one ahead."""
        if self._tree.size + BATCH > self._room:
            self._room = self._tree.size + 64 * BATCH
            self._connection.execute("SELECT journal_partitions_ensure(%s)", [self._room])

    def _check_head(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        """Nobody else may have written, or cut, since the last batch."""
        cursor.execute(
            "SELECT position, leaf_hash FROM journal_entry ORDER BY position DESC LIMIT 1"
        )
        position, leaf = cursor.fetchone() or (-1, b"")
        if (position, leaf) != (self._tree.size - 1, self._last_leaf):
            raise JournalMismatch(
                f"The journal ends at {position}, and the sequencer left it at "
                f"{self._tree.size - 1}: entries were removed, added or altered by somebody else."
            )

    def _check_tiles(self, size: int) -> None:
        """The leaf hashes of the latest entries stand in the tiles, and none is missing."""
        start = max(0, size - CHECKED_AT_START) // TILE
        row = self._connection.execute(
            "SELECT number * 256 FROM generate_series(%s::bigint, %s::bigint) AS number"
            " LEFT JOIN journal_tile ON level = 0 AND index = number"
            " WHERE hashes IS DISTINCT FROM (SELECT string_agg(leaf_hash, ''::bytea"
            " ORDER BY position) FROM journal_entry"
            " WHERE position >= number * 256 AND position < number * 256 + 256)"
            " ORDER BY number LIMIT 1",
            [start, size // TILE - 1],
        ).fetchone()
        if row is not None:
            raise JournalMismatch(
                f"Between entries {row[0]} and {row[0] + TILE - 1} one was altered or removed."
            )

    def _check_signed(self, stored: StoredTree) -> int:
        """The database's last checkpoint is signed and fits; gives its size."""
        row = self._connection.execute(
            "SELECT note FROM journal_checkpoint ORDER BY size DESC LIMIT 1"
        ).fetchone()
        if row is None:
            return 0
        listed = [vkey for (vkey,) in self._fetch("SELECT vkey FROM journal_signer", [])]
        for vkey in (str(self._signer.verifier), *listed):
            try:
                head = TreeHead.parse(VerifierKey.parse(vkey).verify(row[0]))
            except NoteError:
                continue
            self._check_fits(head, stored, "the last checkpoint")
            return head.size
        raise JournalMismatch("The last checkpoint is signed by no known key.")

    def _check_fits(self, head: TreeHead, stored: StoredTree, which: str) -> None:
        if head.origin != self._signer.name:
            raise JournalMismatch(f"By its origin {which} is of another journal: {head.origin}.")
        advice = (
            "If the database was restored from a backup, run "
            "'manage.py journal_recover --reason …'; otherwise treat it as tampering."
        )
        if head.size > stored.size:
            raise JournalMismatch(
                f"The journal is truncated: {which} covers {head.size} entries, "
                f"the database holds {stored.size}. {advice}"
            )
        if stored.root(head.size) != head.root:
            raise JournalMismatch(
                f"The journal is forked: its first {head.size} entries are not those of "
                f"{which}. {advice}"
            )

    def _leaf(self, position: int) -> bytes:
        rows = self._fetch("SELECT leaf_hash FROM journal_entry WHERE position = %s", [position])
        return bytes(rows[0][0]) if rows else b""

    def _fetch(self, sql: Any, values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def _row(self, sql: Any) -> tuple[Any, ...]:
        return self._fetch(sql, [])[0]
