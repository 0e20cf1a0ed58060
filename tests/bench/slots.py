"""Target 8: what keeps a slot for one booking, by itself, beside the other way to do it.

Fifty clients book hours in twenty rooms on a durable PostgreSQL: with an exclusion constraint as
``access_booking`` has one, and with a lock of the room, a look and an insert. By turns, since other
work on the machine comes and goes. What a whole request costs is measured in ``booking.py``.
"""

import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import LiteralString

import psycopg

from scif.runtime.postgres import DATABASE, OWNER
from tests.bench.server import Server, server
from tests.bench.table import Row, row

CLIENTS, ROOMS = 50, 20
ROUNDS, SECONDS, SECONDS_LONG = 5, 1.5, 10.0
HOURS = 24 * 365 * 100  # so many that few ask for the same
LEAST = 2.0

_TABLES: LiteralString = """
CREATE TABLE bench_room (id int PRIMARY KEY);
INSERT INTO bench_room SELECT generate_series(1, 20);
CREATE TABLE bench_excluded (room int NOT NULL, held tstzrange NOT NULL,
    EXCLUDE USING gist (room WITH =, held WITH &&));
CREATE TABLE bench_locked (room int NOT NULL, held tstzrange NOT NULL);
CREATE INDEX ON bench_locked USING gist (room, held);
"""
_HELD: LiteralString = (
    "tstzrange(timestamptz '2026-01-01' + %(hour)s * interval '1 hour',"
    " timestamptz '2026-01-01' + (%(hour)s + 1) * interval '1 hour')"
)
_OVERLAPS: LiteralString = (
    "SELECT count(*) FROM {} one JOIN {} other"
    " ON one.room = other.room AND one.held && other.held AND one.ctid < other.ctid"
)


def measure(long: bool) -> list[Row]:
    """Slots a second of each way, and whether any two overlap."""
    rates: dict[str, list[float]] = {"excluded": [], "locked": []}
    with server() as centre:
        with centre.postgres.connect(OWNER, DATABASE) as owner:
            owner.execute(_TABLES)
        for number in range(ROUNDS):
            for kind, measured in rates.items():
                measured.append(
                    _booked(centre, kind, f"{number}", SECONDS_LONG if long else SECONDS)
                )
        with centre.postgres.connect(OWNER, DATABASE) as owner:
            overlaps = _overlaps(owner)
    pairs = zip(rates["excluded"], rates["locked"], strict=True)
    ratio = statistics.median(ours / other for ours, other in pairs)
    told = (statistics.median(each) for each in rates.values())
    return [
        row(
            f"{CLIENTS} clients, {ROOMS} rooms: exclusion constraint / FOR UPDATE"
            " ({:.0f} and {:.0f} slots a second; target 8)".format(*told),
            f"≥ {LEAST}",
            round(ratio, 2),
            "ratio",
            ok=ratio >= LEAST,
        ),
        row("  overlaps of those", 0, overlaps, "slots", ok=not overlaps),
    ]


def _booked(centre: Server, kind: str, seed: str, seconds: float) -> float:
    """Slots a second that all clients got."""
    barrier = Barrier(CLIENTS, timeout=60)

    def client(number: int) -> float:
        draw = random.Random(f"{seed} {number}")
        with centre.postgres.connect(OWNER, DATABASE) as own:
            book = _excluded if kind == "excluded" else _locked
            barrier.wait()
            got, begun = 0, time.monotonic()
            while time.monotonic() - begun < seconds:
                asked = {"room": draw.randint(1, ROOMS), "hour": draw.randrange(HOURS)}
                got += book(own, asked)
            return got / (time.monotonic() - begun)

    with ThreadPoolExecutor(CLIENTS) as clients:
        return sum(clients.map(client, range(CLIENTS)))


def _excluded(own: psycopg.Connection, asked: dict[str, int]) -> bool:
    try:
        own.execute("INSERT INTO bench_excluded VALUES (%(room)s, " + _HELD + ")", asked)
    except psycopg.errors.ExclusionViolation:
        return False
    return True


def _locked(own: psycopg.Connection, asked: dict[str, int]) -> bool:
    with own.transaction():
        own.execute("SELECT FROM bench_room WHERE id = %(room)s FOR UPDATE", asked)
        taken = own.execute(
            "SELECT EXISTS (SELECT FROM bench_locked WHERE room = %(room)s AND held && "
            + _HELD
            + ")",
            asked,
        ).fetchone()
        if taken == (True,):
            return False
        own.execute("INSERT INTO bench_locked VALUES (%(room)s, " + _HELD + ")", asked)
    return True


def _overlaps(owner: psycopg.Connection) -> int:
    found = 0
    for table in ("bench_excluded", "bench_locked"):
        name = psycopg.sql.Identifier(table)
        counted = owner.execute(psycopg.sql.SQL(_OVERLAPS).format(name, name)).fetchone()
        assert counted is not None
        found += counted[0]
    return found
