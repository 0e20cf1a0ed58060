"""The centre's database, spoken to as the gateway's own role: all the SQL of a gateway."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from hardware.gateway.centre import CentreAway, Status
from hardware.gateway.seals import Sealed
from hardware.gateway.snapshot import Delta, Floor

T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]

TIMEOUTS = "-c statement_timeout=10000 -c idle_in_transaction_session_timeout=10000"
COLUMNS = "gateway, epoch, seq, kind, occurred_at, clock_offset_ms, prev_hash, hash, body, seal"
INSERT = (
    f"INSERT INTO hardware_inboxevent ({COLUMNS})"  # noqa: S608  a constant of this module
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s) ON CONFLICT DO NOTHING"
)
COPY = f"COPY hardware_inboxevent ({COLUMNS}) FROM STDIN"
ARRIVED = "NOTIFY inbox_arrived"
DELTAS = """
    SELECT gateway, version, kind, key, payload, signature FROM hardware_snapshotdelta
    WHERE gateway = %s AND version >= %s ORDER BY version LIMIT %s"""
FLOOR = """
    SELECT gateway, version, digest, signature FROM hardware_snapshotfloor WHERE gateway = %s"""
UP_TO = """
    SELECT gateway, version, kind, key, payload, signature FROM hardware_snapshotdelta
    WHERE gateway = %s AND version <= %s ORDER BY version"""
REPORT = """
    INSERT INTO hardware_gatewaystatus
        (gateway, version, heard_at, edge_seq, clock_offset_ms, state)
    VALUES (%s, %s, clock_timestamp(), %s, %s, %s)
    ON CONFLICT (gateway) DO UPDATE SET
        version = excluded.version, heard_at = excluded.heard_at, edge_seq = excluded.edge_seq,
        clock_offset_ms = excluded.clock_offset_ms, state = excluded.state
    RETURNING clock_timestamp()"""


class PostgresCentre:
    """A ``Centre`` over one connection, opened when it is needed."""

    def __init__(self, gateway: str, connect: Callable[[], Connection]) -> None:
        self._channel = f"snapshot_{gateway}"
        self._connect = connect
        self._connection: Connection | None = None

    def insert(self, entries: Sequence[Sealed]) -> None:
        """Insert entries in one transaction, leaving alone what is there."""

        def work(connection: Connection) -> None:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(INSERT, [_row(entry) for entry in entries])
                cursor.execute(ARRIVED)

        self._ask(work)

    def copy(self, entries: Sequence[Sealed]) -> None:
        """Copy entries in one transaction; insert them where some are there already."""

        def work(connection: Connection) -> None:
            with connection.transaction(), connection.cursor() as cursor:
                with cursor.copy(COPY) as copy:
                    for entry in entries:
                        copy.write_row(_row(entry))
                cursor.execute(ARRIVED)

        try:
            self._ask(work)
        except CentreAway as error:
            if not isinstance(error.__cause__, psycopg.errors.UniqueViolation):
                raise
            # The commit before the last break was not heard of; which rows it left is unknown.
            self.insert(entries)

    def deltas(self, gateway: str, version: int, limit: int) -> list[Delta]:
        """Read deltas from a version on."""

        def work(connection: Connection) -> list[Delta]:
            rows = connection.execute(DELTAS, (gateway, version, limit)).fetchall()
            return [Delta(*row) for row in rows]

        return self._ask(work)

    def full(self, gateway: str) -> tuple[Floor, list[Delta]] | None:
        """Read the floor and what is left below it, as they are at one moment."""

        def work(connection: Connection) -> tuple[Floor, list[Delta]] | None:
            with connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                row = connection.execute(FLOOR, (gateway,)).fetchone()
                if row is None:
                    return None
                floor = Floor(*row)
                rows = connection.execute(UP_TO, (gateway, floor.version)).fetchall()
            return floor, [Delta(*row) for row in rows]

        return self._ask(work)

    def report(self, status: Status) -> datetime:
        """Write the status row; gives the database's time."""

        def work(connection: Connection) -> datetime:
            row = connection.execute(
                REPORT,
                (
                    status.gateway,
                    status.version,
                    status.edge_seq,
                    status.clock_offset_ms,
                    Jsonb(dict(status.state)),
                ),
            ).fetchone()
            if row is None:
                raise psycopg.DataError("the status row was not written")
            at: datetime = row[0]
            return at

        return self._ask(work)

    def wait(self, seconds: float) -> None:
        """Wait for a notification of this gateway's snapshot."""

        def work(connection: Connection) -> None:
            for _ in connection.notifies(timeout=seconds, stop_after=1):
                pass

        self._ask(work)

    def close(self) -> None:
        """Drop the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _ask(self, work: Callable[[Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._connect()
                self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            return work(self._connection)
        except psycopg.Error as error:
            if self._connection is not None and self._connection.closed:
                self._connection = None
            raise CentreAway(str(error).strip() or type(error).__name__) from error


def connector(settings: dict[str, Any], gateway: str) -> Callable[[], Connection]:
    """How to connect with settings named as Django names them."""

    def connect() -> Connection:
        return psycopg.connect(
            host=settings["HOST"],
            port=settings["PORT"],
            dbname=settings["NAME"],
            user=settings["USER"],
            password=settings["PASSWORD"],
            connect_timeout=5,
            application_name=f"gateway.{gateway}",
            options=TIMEOUTS,
            autocommit=True,
        )

    return connect


def _row(sealed: Sealed) -> tuple[Any, ...]:
    entry = sealed.entry
    return (
        entry.gateway,
        entry.epoch,
        entry.seq,
        entry.kind,
        entry.occurred_at,
        entry.clock_offset_ms,
        entry.prev_hash,
        entry.hash,
        entry.body,
        sealed.seal,
    )
