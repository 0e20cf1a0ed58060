"""What has been let through, on disk: a promise is written before the bytes that it covers flow.

INVARIANT: for each budget, what stands in the file is never less than what has passed. A bastion
that is killed has promised at most one lease more than passed.
"""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


class LedgerError(Exception):
    """The ledger takes no promise; no byte may flow on it."""


class Ledger:
    """Bytes promised for each budget since its beginning, in an SQLite file of this process alone.

    Writing waits for the disk, so that a thread of its own does it and the sessions go on.
    """

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        try:
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = FULL")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS promised"
                " (key TEXT PRIMARY KEY, bytes INTEGER NOT NULL CHECK (bytes >= 0)) STRICT"
            )
            rows = self._file.execute("SELECT key, bytes FROM promised").fetchall()
        except sqlite3.Error as error:
            raise LedgerError(f"{path}: {error}") from error
        self._known: dict[str, int] = dict(rows)

    def known(self) -> dict[str, int]:
        """What stood in the file at the start: all of it counts as passed."""
        return dict(self._known)

    async def promise(self, key: str, amount: int) -> None:
        """Have it on disk that ``amount`` bytes in all may have passed; raises LedgerError."""
        try:
            written = self._thread.submit(self._write, key, amount)
        except RuntimeError as error:
            raise LedgerError("the ledger is closed") from error
        await asyncio.wrap_future(written)

    def settle(self, passed: dict[str, int]) -> None:
        """At an orderly end: what has passed indeed, instead of what was promised."""
        for key, amount in passed.items():
            self._thread.submit(self._write, key, amount).result()

    def close(self) -> None:
        """Close the file after what is being written."""
        self._thread.shutdown()
        self._file.close()

    def _write(self, key: str, amount: int) -> None:
        try:
            self._file.execute(
                "INSERT INTO promised (key, bytes) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes",
                (key, amount),
            )
        except (sqlite3.Error, OverflowError) as error:
            raise LedgerError(str(error)) from error
