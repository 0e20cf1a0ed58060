"""The edge journal: what happened at this gateway, durable before anything follows from it.

SQLite in WAL mode with ``synchronous=FULL``. Each entry carries the hash of the one before it, so
that the centre sees a gap or an alteration. Callers of several threads share one commit.
"""

import hashlib
import shutil
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hardware.gateway import edge_schema
from hardware.gateway.ballast import Ballast
from hardware.gateway.policy import GatewayPolicy
from hardware.rules.inbox import GENESIS
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import Clock

MEGABYTE = 1_000_000
SHIPPED = GatewayPolicy()


class EdgeError(Exception):
    """The edge journal could not make something durable. INVARIANT: then nothing was granted."""


class EdgeFull(EdgeError):
    """The disk, or the capacity that policy allows, is used up; room made later is used at once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written; ``occurred_at`` is the clock's time where it is not given."""

    kind: str
    body: Mapping[str, Any]
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatePut:
    """A value of the gateway's own state, written with the entries; ``None`` deletes it."""

    kind: str
    key: str
    value: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class EdgeEntry:
    """A durable entry. ``occurred_at`` is UTC text with microseconds, as hashed."""

    gateway: str
    epoch: int
    seq: int
    kind: str
    occurred_at: str
    clock_offset_ms: int | None
    prev_hash: str
    hash: str
    body: str  # canonical JSON


@dataclass(slots=True)
class _Ticket:
    drafts: Sequence[tuple[str, str, int | None, bytes]]
    puts: Sequence[StatePut]
    needs_reserve: bool
    entries: tuple[EdgeEntry, ...] = ()
    error: EdgeError | None = None
    done: bool = False


def entry_hash(
    *,
    gateway: str,
    epoch: int,
    seq: int,
    kind: str,
    occurred_at: str,
    clock_offset_ms: int | None,
    prev_hash: str,
    body: bytes,
) -> str:
    """SHA-256 of the canonical JSON of all named fields; ``body`` is canonical JSON already."""
    header = canonical_json(
        {
            "gateway": gateway,
            "epoch": epoch,
            "seq": seq,
            "kind": kind,
            "occurred_at": occurred_at,
            "clock_offset_ms": clock_offset_ms,
            "prev_hash": prev_hash,
        }
    )
    # "body" sorts before every other key, so this is canonical without encoding the body twice.
    return hashlib.sha256(b'{"body":' + body + b"," + header[1:]).hexdigest()


def moment(at: datetime) -> str:
    """A time as the edge writes it: UTC, always six decimals, so that it survives a database."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class EdgeJournal:
    """The journal of one gateway in one file.

    ``epoch`` tells one store from the next: milliseconds since 1970 when the file was made.
    INVARIANT: within an epoch ``seq`` runs from 1 without a gap, across restarts.
    """

    path: Path
    gateway: str
    clock: Clock
    capacity: int = SHIPPED.edge_capacity_mb * MEGABYTE
    reserve: int = SHIPPED.edge_reserve_mb * MEGABYTE
    clock_offset_ms: int | None = None
    on_append: Callable[[], None] = field(default=lambda: None)
    ballast: Ballast | None = None
    free: Callable[[], int] | None = None  # bytes that the disk has left, if not to be asked of it

    def __post_init__(self) -> None:
        self._queue: list[_Ticket] = []
        self._queue_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self.epoch = 0
        self._seq = 0
        self._hash = GENESIS
        self.low = False  # whether the last look found the reserve touched, or nothing writable
        with self._write_lock:
            self._open()

    @property
    def seq(self) -> int:
        """The last durable entry."""
        return self._seq

    def append(
        self, drafts: Sequence[Draft], puts: Sequence[StatePut] = (), *, needs_reserve: bool = False
    ) -> tuple[EdgeEntry, ...]:
        """Write entries and state in one transaction; returns when they are durable.

        ``needs_reserve`` is for what must not happen while the reserve is touched, that is grants.
        Raises EdgeFull, EdgeError; TypeError for a body that is not canonical.
        """
        ticket = _Ticket(
            [
                (
                    draft.kind,
                    moment(draft.occurred_at or self.clock()),
                    self.clock_offset_ms,
                    canonical_json(draft.body),
                )
                for draft in drafts
            ],
            puts,
            needs_reserve,
        )
        with self._queue_lock:
            self._queue.append(ticket)
        with self._write_lock:
            # Whoever comes first commits for all who wait: one disk flush for many.
            if not ticket.done:
                with self._queue_lock:
                    batch, self._queue = self._queue, []
                self._commit(batch)
        if ticket.error is not None:
            raise ticket.error
        if ticket.entries:
            self.on_append()
        return ticket.entries

    def after(self, seq: int, limit: int) -> list[EdgeEntry]:
        """Durable entries after a sequence number, in order."""
        rows = self._read(
            "SELECT seq, kind, occurred_at, clock_offset_ms, prev_hash, hash, body FROM event"
            " WHERE seq > ? ORDER BY seq LIMIT ?",
            (seq, limit),
        )
        return [EdgeEntry(self.gateway, self.epoch, *row) for row in rows]

    def states(self, kind: str) -> dict[str, Any]:
        """All values of one kind of state. Raises sqlite3.Error, also for a value that is damaged.

        A state that cannot be read is not taken as absent: it may be a lock-out.
        """
        rows = self._read("SELECT key, value FROM state WHERE kind = ?", (kind,))
        return {key: edge_schema.value_of(key, value) for key, value in rows}

    def prune(self, drained: int, limit: int = 500) -> int:
        """Delete the oldest entries that the centre has, once half of what may be used is.

        That is the capacity, or on a smaller disk what others leave of it.
        The newest entry stays: the next one carries its hash. Returns how many were deleted.
        """
        with self._write_lock:
            try:
                writer = self._connected()
                if edge_schema.used(writer) < self._room(writer):
                    return 0
                done = writer.execute(
                    "DELETE FROM event WHERE seq IN"
                    " (SELECT seq FROM event WHERE seq <= ? AND seq < ? ORDER BY seq LIMIT ?)",
                    (drained, self._seq, limit),
                )
            except (sqlite3.Error, OSError):
                self._drop()
                return 0
            return done.rowcount

    def limits(self, capacity: int, reserve: int) -> None:
        """Set how many bytes may be used and how many of them are kept back."""
        with self._write_lock:
            if (capacity, reserve) != (self.capacity, self.reserve):
                self.capacity, self.reserve = capacity, reserve
                self._drop()

    def keep_reserve(self) -> None:
        """Take the reserve on the disk, where it is not taken."""
        if self.ballast is not None:
            self.ballast.keep(self.reserve)

    def close(self) -> None:
        """Release the file."""
        with self._write_lock:
            self._drop()
        with self._read_lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def _commit(self, batch: Sequence[_Ticket]) -> None:
        written: list[_Ticket] = []
        try:
            writer = self._connected()
            room = self._room(writer)
            self.low = room < self.reserve
            seq, last = self._seq, self._hash
            writer.execute("BEGIN IMMEDIATE")
            for ticket in batch:
                if ticket.needs_reserve and room < self.reserve:
                    ticket.error = EdgeFull("only the reserve is left")
                    continue
                seq, last = self._write(writer, ticket, seq, last)
                written.append(ticket)
            writer.execute("COMMIT")
            self._seq, self._hash = seq, last
        except Exception as error:
            # What SQLite half did is unknown until it is opened again. INVARIANT: whatever it was
            # that went wrong, nobody who waits is told "durable".
            self._drop()
            self.low = True
            code = getattr(error, "sqlite_errorcode", None)
            full = code == sqlite3.SQLITE_FULL
            if self.ballast is not None:  # a fact is tried again at once, and finds room
                if full:
                    self.ballast.give(self.reserve)
                elif code == sqlite3.SQLITE_IOERR_WRITE:
                    self.ballast.give()  # so SQLite calls a quota that is used up
            for ticket in batch:
                ticket.entries = ()
                ticket.error = EdgeFull(str(error)) if full else EdgeError(str(error))
        finally:
            for ticket in batch:
                ticket.done = True

    def _write(
        self, writer: sqlite3.Connection, ticket: _Ticket, seq: int, last: str
    ) -> tuple[int, str]:
        entries = []
        for kind, occurred_at, offset, body in ticket.drafts:
            seq += 1
            digest = entry_hash(
                gateway=self.gateway,
                epoch=self.epoch,
                seq=seq,
                kind=kind,
                occurred_at=occurred_at,
                clock_offset_ms=offset,
                prev_hash=last,
                body=body,
            )
            row = (seq, kind, occurred_at, offset, last, digest, body.decode())
            writer.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            entries.append(EdgeEntry(self.gateway, self.epoch, *row))
            last = digest
        edge_schema.put_states(writer, ticket.puts)
        ticket.entries = tuple(entries)
        return seq, last

    def _room(self, writer: sqlite3.Connection) -> int:
        free = self.free() if self.free else shutil.disk_usage(self.path.parent).free
        # What was pruned gives no room back to the disk, but it is written over.
        free += edge_schema.spare(writer)
        return min(free, self.capacity - edge_schema.used(writer))

    def _connected(self) -> sqlite3.Connection:
        return self._writer if self._writer is not None else self._open()

    def _open(self) -> sqlite3.Connection:
        writer = edge_schema.connect(self.path, self.capacity)
        try:
            with edge_schema.damage_named():
                self.epoch = edge_schema.epoch(writer, self.gateway, self.clock)
                self._seq, self._hash = edge_schema.head(writer, GENESIS)
        except BaseException:
            writer.close()
            raise
        self._writer = writer
        return writer

    def _drop(self) -> None:
        """Close the writer; the next append opens it again and reads what is truly there."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _read(self, query: str, values: Sequence[Any]) -> list[Any]:
        with self._read_lock:
            if self._reader is None:
                self._reader = edge_schema.connect(self.path, self.capacity)
            with edge_schema.damage_named():
                return self._reader.execute(query, values).fetchall()
