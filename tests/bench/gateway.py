"""Targets 3 and 7: a durable decision beside a raw durable append, and the edge journal's drain.

What is compared alternates in one run on one disk, so that a ratio means something on a shared
machine. The database is a durable PostgreSQL of its own (fsync on).
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.gateway.database import COLUMNS, Connection, PostgresCentre
from hardware.gateway.edge_journal import MEGABYTE, Draft, EdgeEntry, EdgeJournal
from hardware.gateway.policy import GatewayPolicy
from hardware.gateway.uplink import BATCH, Uplink
from scif.runtime.child import wait_ready
from scif.runtime.places import make_places
from scif.runtime.postgres import DATABASE, OWNER, PORT, PROCESS_ROLES, Postgres
from tests.gateway_rig import Rig, number_of

ROLE = "scif_gateway_bench"
ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, Any]

# A busy gateway, one of a bus and a full one: a passage each minute at each door, seven events a
# passage.
DOORS, PASSAGES_PER_HOUR, EVENTS_PER_PASSAGE = (8, 64), 60, 7
HOURS_WANTED = 120


def measure(long: bool) -> list[Row]:
    """The rows of the report: name, target, measured, unit, ok."""
    var = Path(tempfile.mkdtemp(prefix="scif-bench-"))
    var.chmod(0o755)
    try:
        rows = _decision(var / "decision", reads=3000 if long else 600)
        rows += _capacity(var / "capacity")
        with _database(var) as postgres:
            rows += _drain(var / "drain", postgres, events=400_000 if long else 60_000)
    finally:
        shutil.rmtree(var, ignore_errors=True)
    return rows


def _row(name: str, target: str, measured: float, unit: str, *, ok: bool) -> Row:
    return {"name": name, "target": target, "measured": measured, "unit": unit, "ok": ok}


def _decision(directory: Path, *, reads: int) -> list[Row]:
    """Target 3: badge in the gateway's hands → intent durable and pulse handed to the bus."""
    directory.mkdir()
    rig = Rig(directory)
    rig.start()
    rig.admit("ann")
    portal, number = rig.gateway.plant.portals["D1"], number_of("ann")
    portal.card("R1", number)
    intent = rig.entries()[-2:]
    # The same bytes, appended and flushed: what no durable record can be faster than.
    raw = "".join(f"{e.prev_hash}{e.hash}{e.kind}{e.body}" for e in intent).encode()
    descriptor = os.open(directory / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append() -> None:
        os.write(descriptor, raw)
        os.fdatasync(descriptor)

    decided, appended = [], []
    for _ in range(reads):
        rig.snapshot.heard(rig.time.clock())  # the centre is there
        appended.append(_seconds(append))
        decided.append(_seconds(lambda: portal.card("R1", number)))
        rig.run(10, step=2)  # answers, relocking; the next read finds the door at rest
    os.close(descriptor)
    rig.crash()
    assert len(rig.bus.pulses) == reads + 1
    ratio = statistics.median(decided) / statistics.median(appended)
    return [
        _row(
            "Durable decision, p50, beside a raw durable append (target 3)",
            "≤ 4 x",
            round(ratio, 2),
            "x",
            ok=ratio <= 4,
        ),
        _row(
            "  raw durable append, p50 (the machine)",
            "",
            round(statistics.median(appended) * 1e6),
            "µs",
            ok=True,
        ),
    ]


def _capacity(directory: Path) -> list[Row]:
    """Target 7: how many hours of a busy gateway fit into what policy allows."""
    directory.mkdir()
    rig = Rig(directory)
    rig.start()
    rig.admit("ann")
    size, before = _file_size(rig), rig.edge.seq
    for _ in range(600):
        rig.snapshot.heard(rig.time.clock())
        rig.walk_in("ann")
        rig.badge("ann", "R1X")
        rig.contact(opened=True)
        rig.contact(opened=False)
        rig.run(10, step=2)
    each = (_file_size(rig) - size) / (rig.edge.seq - before)
    rig.crash()
    assert len(rig.bus.pulses) == 1200  # in and out, none of them refused
    policy = GatewayPolicy()
    room = (policy.edge_capacity_mb - policy.edge_reserve_mb) * MEGABYTE
    rows = []
    for doors in DOORS:
        hours = room / each / (doors * PASSAGES_PER_HOUR * EVENTS_PER_PASSAGE)
        rows.append(
            _row(
                f"Edge journal holds, {doors} doors with a passage a minute each (target 7)",
                f"≥ {HOURS_WANTED} h",
                round(hours),
                "h",
                ok=hours >= HOURS_WANTED,
            )
        )
    rows.append(_row("  an event, with its place in the file", "", round(each), "B", ok=True))
    return rows


def _drain(directory: Path, postgres: Postgres, *, events: int) -> list[Row]:
    """Target 7: after an outage, beside COPY of the same rows into a table without indexes."""
    directory.mkdir()
    edge = EdgeJournal(directory / "edge.sqlite", "bench", lambda: datetime.now(UTC))
    with postgres.connect(OWNER, DATABASE) as owner:
        owner.execute(
            f"CREATE TABLE bench_copy AS SELECT {COLUMNS} FROM hardware_inboxevent LIMIT 0"
        )
        owner.execute("GRANT INSERT ON bench_copy TO scif_gateway_bench")
        drained, copied = 0.0, 0.0
        signer = Ed25519PrivateKey.generate()
        centre = PostgresCentre("bench", lambda: postgres.connect(ROLE, DATABASE))
        uplink = Uplink(edge, centre, signer)
        body = {"portal": "D1", "read_id": "0" * 36, "text": "x" * 300}
        rounds = 4
        for _ in range(rounds):
            for _ in range(events // rounds // 1000):
                edge.append([Draft("door.read", body)] * 1000)
            entries = edge.after(uplink.cursor, events)
            with postgres.connect(ROLE, DATABASE) as plain:
                copied += _seconds(lambda: _copy(plain, entries))  # noqa: B023  called at once
            drained += _seconds(lambda: _drain_all(uplink))
        found = owner.execute("SELECT count(*), max(seq) FROM hardware_inboxevent").fetchone()
        owner.execute("DROP TABLE bench_copy")
    exact = found == (edge.seq, edge.seq)
    edge.close()
    ratio = copied / drained
    return [
        _row(
            f"Drain of {edge.seq} events after an outage, beside COPY (target 7)",
            "≥ 0.3 x COPY, exactly once",
            round(ratio, 2) if exact else 0.0,
            "x",
            ok=ratio >= 0.3 and exact,
        ),
        _row("  drain", "", round(edge.seq / drained), "events/s", ok=True),
    ]


def _drain_all(uplink: Uplink) -> None:
    while uplink.drain():
        pass


def _copy(connection: Connection, entries: list[EdgeEntry]) -> None:
    for start in range(0, len(entries), BATCH):
        with (
            connection.transaction(),
            connection.cursor() as cursor,
            cursor.copy(f"COPY bench_copy ({COLUMNS}) FROM STDIN") as copy,
        ):
            for e in entries[start : start + BATCH]:
                copy.write_row([getattr(e, column, None) for column in COLUMNS.split(", ")])


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _file_size(rig: Rig) -> int:
    rig.edge.limits(rig.edge.capacity + 1, rig.edge.reserve)  # reopened, so its log is folded in
    rig.edge.append([])
    return rig.edge.path.stat().st_size


@contextmanager
def _database(var: Path) -> Iterator[Postgres]:
    """A migrated database on a durable server of its own."""
    places = make_places(var)
    postgres = Postgres(places, durable=True)
    server = postgres.start()
    try:
        wait_ready("PostgreSQL", server, postgres.ready)
        postgres.make_database()
        environment = {
            **os.environ,
            "SCIF_VAR": str(var),
            "SCIF_KEYS": str(places.keys),
            "DB_HOST": str(postgres.socket_directory),
            "DB_PORT": str(PORT),
            "DB_NAME": DATABASE,
            "DB_USER": OWNER,
            "DB_PASSWORD": postgres.password(OWNER),
            "DJANGO_SETTINGS_MODULE": "scif.settings.test",
            "LOG_LEVEL": "ERROR",
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v", "0"],
            cwd=ROOT,
            env=environment,
            check=True,
        )
        postgres.set_passwords(PROCESS_ROLES)
        postgres.gateway_role("bench")
        yield postgres
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(places.run)
