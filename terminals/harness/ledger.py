"""The ledger of a harness: what each engagement has spent, durable before an answer leaves.

SQLite in WAL mode with ``synchronous=FULL``. What was charged stays charged: after a crash the
ledger may count an answer that never left, and never the other way round. Sums are read inside the
transaction that raises them, so that neither threads nor processes overshoot a cap together;
callers of several threads share one commit.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from terminals.harness.meters import Amounts, Meter
from terminals.harness.policy import Policy, PolicyError

TABLES = """
CREATE TABLE IF NOT EXISTS policy (
    engagement TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (
    engagement TEXT NOT NULL, meter TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (engagement, meter)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept (
    engagement TEXT NOT NULL, digest BLOB NOT NULL, answer BLOB NOT NULL,
    PRIMARY KEY (engagement, digest)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS spent_only_grows BEFORE UPDATE ON spent
    WHEN NEW.amount < OLD.amount OR NEW.engagement <> OLD.engagement OR NEW.meter <> OLD.meter
    BEGIN SELECT RAISE(ABORT, 'what is spent stays spent'); END;
CREATE TRIGGER IF NOT EXISTS spent_is_not_forgotten BEFORE DELETE ON spent
    BEGIN SELECT RAISE(ABORT, 'what is spent stays spent'); END;
CREATE TRIGGER IF NOT EXISTS policy_only_advances BEFORE UPDATE ON policy
    WHEN NEW.version <= OLD.version
    BEGIN SELECT RAISE(ABORT, 'a policy does not go back'); END;
"""


class LedgerError(Exception):
    """Nothing could be made durable. INVARIANT: then nothing is asked and nothing leaves."""


class NotCharged(Exception):
    """Nothing was charged, for a reason that the ledger knows."""


class CapReached(NotCharged):
    """The charge would go over a cap; it was not made."""

    def __init__(self, meter: Meter) -> None:
        super().__init__(meter)
        self.meter = meter


class PolicyReplaced(NotCharged):
    """Another version than the caller's is in force."""


@dataclass(slots=True)
class _Charge:
    policy: Policy
    amounts: Amounts
    left: Amounts | None = None
    error: Exception | None = None
    done: bool = False


class Ledger:
    """One file; any number of threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises LedgerError."""
        self._path = path
        self._queue: list[_Charge] = []
        self._queue_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        with self._write_lock, self._transaction() as writer:
            # A file that is something else is known now, and not at the first question.
            _spent(writer, "")
            _kept(writer, "", b"")
            writer.execute("SELECT engagement, version, document FROM policy LIMIT 1")

    def charge(self, policy: Policy, amounts: Amounts) -> Amounts:
        """Count these amounts, all or none; returns what is left under each cap, once durable.

        Raises CapReached, PolicyReplaced, LedgerError.
        """
        charge = _Charge(policy, amounts)
        with self._queue_lock:
            self._queue.append(charge)
        with self._write_lock:
            # Whoever comes first commits for all who wait: one disk flush for many.
            if not charge.done:
                with self._queue_lock:
                    batch, self._queue = self._queue, []
                self._commit(batch)
        if charge.error is not None:
            raise charge.error
        if charge.left is None:
            raise LedgerError("a charge was neither made nor refused")
        return charge.left

    def accept(self, policy: Policy, document: str) -> None:
        """Put a policy in force; returns when it is durable. The same one again changes nothing.

        Raises PolicyError for a version that is not newer, LedgerError.
        """
        with self._write_lock, self._transaction() as writer:
            known = writer.execute(
                "SELECT version, document FROM policy WHERE engagement = ?", (policy.engagement,)
            ).fetchone()
            if known == (policy.version, document):
                return
            if known is not None and known[0] >= policy.version:
                raise PolicyError(
                    f"$.version: version {known[0]} is in force; a newer one expected"
                )
            writer.execute(
                "INSERT INTO policy VALUES (?, ?, ?) ON CONFLICT (engagement)"
                " DO UPDATE SET version = excluded.version, document = excluded.document",
                (policy.engagement, policy.version, document),
            )
            spent = _spent(writer, policy.engagement)
            _write(
                writer,
                policy.engagement,
                {meter: max(spent[meter], policy.already[meter]) for meter in Meter},
            )

    def documents(self) -> dict[str, str]:
        """The policy in force for each engagement, as text."""
        with self._write_lock, self._transaction() as writer:
            return dict(writer.execute("SELECT engagement, document FROM policy").fetchall())

    def spent(self, engagement: str) -> Amounts:
        """What an engagement has spent."""
        with self._write_lock, self._transaction() as writer:
            return _spent(writer, engagement)

    def kept(self, engagement: str, digest: bytes) -> bytes | None:
        """The answer that this question got before."""
        with self._write_lock, self._transaction() as writer:
            return _kept(writer, engagement, digest)

    def keep(self, engagement: str, digest: bytes, answer: bytes) -> bytes:
        """Keep the answer to a question, durably; gives the one that was kept first."""
        with self._write_lock, self._transaction() as writer:
            writer.execute(
                "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (engagement, digest, answer),
            )
            return _kept(writer, engagement, digest) or answer

    def close(self) -> None:
        """Release the file."""
        with self._write_lock:
            self._drop()

    def _commit(self, batch: Sequence[_Charge]) -> None:
        try:
            with self._transaction() as writer:
                for charge in batch:
                    try:
                        charge.left = _apply(writer, charge)
                    except NotCharged as refused:
                        charge.error = refused
        except LedgerError as error:
            for charge in batch:
                charge.error = error
        finally:
            for charge in batch:
                charge.done = True

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable at its end; whatever goes wrong rolls it back."""
        try:
            writer = self._writer = self._writer or _connect(self._path)
            writer.execute("BEGIN IMMEDIATE")
            yield writer
            writer.execute("COMMIT")
        except BaseException as error:
            # What SQLite half did is unknown until the file is opened again.
            self._drop()
            if isinstance(error, Exception) and not isinstance(error, PolicyError):
                raise LedgerError(str(error)) from error
            raise

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _connect(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(TABLES)
    except BaseException:
        connection.close()
        raise
    return connection


def _apply(writer: sqlite3.Connection, charge: _Charge) -> Amounts:
    engagement = charge.policy.engagement
    found = writer.execute(
        "SELECT version FROM policy WHERE engagement = ?", (engagement,)
    ).fetchone()
    if found != (charge.policy.version,):
        raise PolicyReplaced
    spent = _spent(writer, engagement)
    after = {meter: spent[meter] + charge.amounts.get(meter, 0) for meter in Meter}
    for meter, amount in after.items():
        # INVARIANT: nothing is spent beyond a cap. A cap lowered below what is spent stops all.
        if amount > charge.policy.caps[meter]:
            raise CapReached(meter)
    _write(
        writer, engagement, {meter: after[meter] for meter, each in charge.amounts.items() if each}
    )
    return {meter: charge.policy.caps[meter] - amount for meter, amount in after.items()}


def _spent(writer: sqlite3.Connection, engagement: str) -> dict[Meter, int]:
    rows = writer.execute("SELECT meter, amount FROM spent WHERE engagement = ?", (engagement,))
    found = dict(rows.fetchall())
    return {meter: int(found.get(meter.value, 0)) for meter in Meter}


def _write(writer: sqlite3.Connection, engagement: str, amounts: Amounts) -> None:
    writer.executemany(
        "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (engagement, meter)"
        " DO UPDATE SET amount = excluded.amount",
        [(engagement, meter.value, amount) for meter, amount in amounts.items()],
    )


def _kept(writer: sqlite3.Connection, engagement: str, digest: bytes) -> bytes | None:
    found = writer.execute(
        "SELECT answer FROM kept WHERE engagement = ? AND digest = ?", (engagement, digest)
    ).fetchone()
    return bytes(found[0]) if found else None
