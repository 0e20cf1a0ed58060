"""The file of an edge journal: its tables, how it is opened, and how much of it is used."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from scif.kernel.canonical import canonical_json
from scif.kernel.clock import Clock

TABLES = """
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, occurred_at TEXT NOT NULL,
    clock_offset_ms INTEGER, prev_hash TEXT NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS state (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
"""


class StateChange(Protocol):
    """A value to be kept; see ``StatePut``."""

    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def value(self) -> object: ...


def connect(path: Path, capacity: int) -> sqlite3.Connection:
    """Open the file for one thread at a time, durable at each commit. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        with damage_named():
            _prepare(connection, capacity)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def damage_named() -> Iterator[None]:
    """Raise sqlite3.DatabaseError where a damaged file makes SQLite say what makes no sense."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise sqlite3.DatabaseError("this edge journal is damaged") from error


def _prepare(connection: sqlite3.Connection, capacity: int) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    connection.execute(f"PRAGMA max_page_count={max(capacity // page, 16)}")
    connection.executescript(TABLES)


def used(connection: sqlite3.Connection) -> int:
    """Bytes of the file that hold something."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * size) - spare(connection)


def spare(connection: sqlite3.Connection) -> int:
    """Bytes of the file that hold nothing any more; it is written there before the file grows."""
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(free * size)


def put_states(connection: sqlite3.Connection, puts: Iterable[StateChange]) -> None:
    """Write or delete values within the caller's transaction."""
    for put in puts:
        if put.value is None:
            connection.execute("DELETE FROM state WHERE kind = ? AND key = ?", (put.kind, put.key))
        else:
            connection.execute(
                "INSERT INTO state VALUES (?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value",
                (put.kind, put.key, canonical_json(put.value).decode()),
            )


def epoch(connection: sqlite3.Connection, gateway: str, clock: Clock) -> int:
    """The number of this store, made with it; refuses the store of another gateway."""
    made = int(clock().timestamp() * 1000)
    connection.execute(
        "INSERT INTO state VALUES ('meta', 'epoch', ?) ON CONFLICT DO NOTHING",
        (canonical_json({"epoch": made, "gateway": gateway}).decode(),),
    )
    found, owner = connection.execute(
        "SELECT value ->> 'epoch', value ->> 'gateway' FROM state"
        " WHERE kind = 'meta' AND key = 'epoch'"
    ).fetchone() or (None, None)
    if owner != gateway:
        raise sqlite3.DatabaseError(f"this edge journal is of gateway {owner}, not {gateway}")
    if not isinstance(found, int):
        raise sqlite3.DatabaseError("this edge journal has lost its epoch")
    return found


def head(connection: sqlite3.Connection, genesis: str) -> tuple[int, str]:
    """The last entry's number and hash; refuses a file in which it is damaged."""
    found = connection.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
    seq, last = found or (0, genesis)
    if not isinstance(last, str) or len(last) != len(genesis) or (found and seq < 1):
        raise sqlite3.DatabaseError("the last entry of this edge journal is damaged")
    return seq, last


def value_of(key: str, stored: object) -> dict[str, Any]:
    """A value that was put; raises sqlite3.DatabaseError where it is damaged."""
    try:
        value = json.loads(stored) if isinstance(stored, str) else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise sqlite3.DatabaseError(f"the state {key!r} of this edge journal is damaged")
    return value
