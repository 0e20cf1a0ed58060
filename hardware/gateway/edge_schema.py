"""The file of an edge journal: its tables, how it is opened, and how much of it is used."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

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
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        (page,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute(f"PRAGMA max_page_count={max(capacity // page, 16)}")
        connection.executescript(TABLES)
    except BaseException:
        connection.close()
        raise
    return connection


def used(connection: sqlite3.Connection) -> int:
    """Bytes of the file that hold something."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)


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
    ).fetchone()
    if owner != gateway:
        raise sqlite3.DatabaseError(f"this edge journal is of gateway {owner}, not {gateway}")
    return int(found)
