"""Targets 5 and 6: journal append beside a plain insert, checkpoint delay, verification's cost.

Starts a durable PostgreSQL of its own (fsync on), a sequencer, and writers as processes; the two
kinds of writing alternate in one run, so that their ratio means something on a shared machine.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from scif.journal.merkle import inclusion_proof
from scif.runtime.child import wait_ready
from scif.runtime.keys import secret_bytes
from scif.runtime.places import make_places
from scif.runtime.postgres import DATABASE, OWNER, PORT, PROCESS_ROLES, Postgres

WRITERS = 8
ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, Any]


def measure(long: bool) -> list[Row]:
    """The rows of the report: name, target, measured, unit, ok."""
    var = Path(tempfile.mkdtemp(prefix="scif-bench-"))
    var.chmod(0o755)
    try:
        with _installation(var) as postgres:
            rows = _append(postgres, rounds=7, seconds=6.0 if long else 2.0)
        shutil.rmtree(var / "servers")
        with _installation(var) as postgres:
            rows += _verify(postgres, [10_000, 1_000_000 if long else 100_000])
    finally:
        shutil.rmtree(var, ignore_errors=True)
    return rows


def _row(name: str, target: str, measured: float, unit: str, *, ok: bool) -> Row:
    return {"name": name, "target": target, "measured": measured, "unit": unit, "ok": ok}


@contextmanager
def _installation(var: Path) -> Iterator[Postgres]:
    """A migrated database on a server with fsync, and its keys, named in the environment."""
    shutil.rmtree(var / "journal", ignore_errors=True)
    places = make_places(var)
    postgres = Postgres(places, durable=True)
    secret_bytes(places.keys / "journal.ed25519", (os.urandom(32).hex() + "\n").encode())
    server = postgres.start()
    before = dict(os.environ)
    try:
        wait_ready("PostgreSQL", server, postgres.ready)
        postgres.make_database()
        os.environ.update(
            SCIF_VAR=str(var),
            SCIF_KEYS=str(places.keys),
            DB_HOST=str(postgres.socket_directory),
            DB_PORT=str(PORT),
            DB_NAME=DATABASE,
            DJANGO_SETTINGS_MODULE="scif.settings.test",
            LOG_LEVEL="ERROR",
        )
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v", "0"],
            cwd=ROOT,
            env=_env(postgres, OWNER),
            check=True,
        )
        postgres.set_passwords(PROCESS_ROLES)
        yield postgres
    finally:
        os.environ.clear()
        os.environ.update(before)
        server.stop(signal.SIGQUIT)
        shutil.rmtree(places.run)


def _env(postgres: Postgres, role: str) -> dict[str, str]:
    return {**os.environ, "DB_USER": role, "DB_PASSWORD": postgres.password(role)}


@contextmanager
def _sequencer(postgres: Postgres) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sequencer"], cwd=ROOT, env=_env(postgres, "scif_sequencer")
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _append(postgres: Postgres, *, rounds: int, seconds: float) -> list[Row]:
    """Target 5, with the sequencer at work beside the writers."""
    with postgres.connect(OWNER, DATABASE) as owner:
        owner.execute(
            "CREATE TABLE bench_plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " header text NOT NULL, salt bytea NOT NULL, content bytea NOT NULL)"
        )
    rates: dict[str, list[float]] = {"plain": [], "append": []}
    with _sequencer(postgres):
        for _ in range(rounds):
            for kind, measured in rates.items():
                measured.append(_write(postgres, kind, WRITERS, seconds))
                _wait_empty(postgres)
        # Neighbours in time are compared, since other work on the machine comes and goes.
        pairs = zip(rates["append"], rates["plain"], strict=True)
        ratio = statistics.median(ours / plain for ours, plain in pairs)
        under_load = _delays(postgres)
        alone = sorted(_probe(postgres) for _ in range(200))
    return [
        _row(
            "journal append, 8 writers, against plain insert"
            f" ({statistics.median(rates['append']):.0f} and"
            f" {statistics.median(rates['plain']):.0f} per s)",
            "≥ 0.5",
            round(ratio, 2),
            "times",
            ok=ratio >= 0.5,
        ),
        _row(
            "recorded → signed checkpoint, 8 writers, p99",
            "≤ 2",
            round(under_load, 2),
            "s",
            ok=under_load <= 2,
        ),
        _row(
            f"commit → position, one writer, p99 (p50 {alone[100] * 1000:.0f} ms)",
            "≤ 50",
            round(alone[197] * 1000, 1),
            "ms",
            ok=alone[197] <= 0.05,
        ),
    ]


def _write(postgres: Postgres, kind: str, writers: int, seconds: float) -> float:
    """Committed rows per second of so many processes."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.journal", kind, str(seconds)],
            cwd=ROOT,
            env=_env(postgres, "scif_web"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(writers)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return sum(float(process.communicate()[0]) for process in processes)


def _writer(kind: str, seconds: float) -> None:
    """One writing process: reports its rate."""
    import django

    django.setup()
    from django.db import connection, transaction

    from scif.journal.services import append
    from scif.kernel.actor import Actor

    actor, number = Actor.system("bench"), 0
    salt, content = os.urandom(16), json.dumps({"note": "x" * 60, "number": 12345}).encode()
    header = json.dumps({"kind": "bench.written", "filler": "x" * 220})
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        number += 1
        with transaction.atomic():
            if kind == "append":
                append(
                    kind="bench.written",
                    actor=actor,
                    subject=("bench.row", str(number)),
                    body={"note": "x" * 60, "number": number},
                )
            else:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "INSERT INTO bench_plain (header, salt, content) VALUES (%s, %s, %s)",
                        [header, salt, content],
                    )
    sys.stdout.write(f"{number / (time.monotonic() - began)}\n")


def _wait_empty(postgres: Postgres) -> None:
    """Until the sequencer has signed everything."""
    with postgres.connect("scif_web", DATABASE) as connection:
        while connection.execute(
            "SELECT EXISTS (SELECT FROM journal_outbox) OR coalesce((SELECT max(position) + 1 FROM"
            " journal_entry), 0) > coalesce((SELECT max(size) FROM journal_checkpoint), 0)"
        ).fetchone() != (False,):
            list(connection.notifies(timeout=0.05))


def _delays(postgres: Postgres) -> float:
    """Seconds from an entry's recording to the first checkpoint over it, 99th percentile."""
    with postgres.connect("scif_web", DATABASE) as connection:
        row = connection.execute(
            "SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY"
            " extract(epoch FROM covering.signed_at - entry.recorded_at))::float"
            " FROM journal_entry entry CROSS JOIN LATERAL (SELECT signed_at FROM journal_checkpoint"
            " WHERE size > entry.position ORDER BY size LIMIT 1) covering"
        ).fetchone()
    assert row is not None
    return float(str(row[0]))


def _probe(postgres: Postgres) -> float:
    """Seconds from one commit to its announced position."""
    with (
        postgres.connect("scif_web", DATABASE) as listener,
        postgres.connect("scif_web", DATABASE) as writer,
    ):
        listener.execute("LISTEN journal_published")
        writer.execute(_FILL, [1])
        committed = time.perf_counter()
        assert list(listener.notifies(timeout=5, stop_after=1))
        return time.perf_counter() - committed


_FILL = (
    "INSERT INTO journal_outbox (header, salt, content) SELECT"
    """ '{"actor":{"kind":"user","ref":"3f0e7f0c-4d38-4a58-a6a0-8f2f1e3c9f11"},"facility":"""
    """"0b9be3a6-3c1e-4d0a-8df3-0d9d7a6d7c55","kind":"bench.filled","occurred_at":"""
    """"2026-03-01T10:00:00.000000Z","recorded_at":"2026-03-01T10:00:00.000000Z","subject":"""
    """{"id":"' || number || '","type":"access.booking"},"v":1}',"""
    " sha256(number::text::bytea),"
    " convert_to(repeat('a body of some length ', 8) || number, 'UTF8')"
    " FROM generate_series(1, %s::bigint) AS number"
)


def _verify(postgres: Postgres, sizes: Sequence[int]) -> list[Row]:
    """Target 6: the command's own work, beside the SHA-256 of exactly the same bytes."""
    filled, costs, ratios = 0, [], []
    for size in sizes:
        with _sequencer(postgres):
            with postgres.connect("scif_web", DATABASE) as web:
                while filled < size:
                    more = min(50_000, size - filled)
                    web.execute(_FILL, [more])
                    filled += more
            _wait_empty(postgres)
        pairs = [_verify_once(postgres) for _ in range(5)]
        costs.append(min(cost for cost, _ in pairs) / size * 1e9)
        # Each is measured beside its floor, since other work on the machine comes and goes.
        ratios.append(statistics.median(cost / floor for cost, floor in pairs))
    raw, growth = ratios[-1], ratios[-1] / ratios[0]
    proof = 32 * len(inclusion_proof(0, 1_000_000, lambda height, index: bytes(32)))
    return [
        _row(
            f"journal_verify of {sizes[-1]} entries from the database, against SHA-256 of the same"
            f" ({costs[-1]:.0f} ns an entry)",
            "≤ 4",
            round(raw, 2),
            "times",
            ok=raw <= 4,
        ),
        _row(
            f"journal_verify's cost of an entry, {sizes[-1]} against {sizes[0]} entries",
            "≤ 1.25",
            round(growth, 2),
            "times",
            ok=growth <= 1.25,
        ),
        _row("proof of one entry in 1,000,000", "≤ 640", proof, "B", ok=proof <= 640),
    ]


def _verify_once(postgres: Postgres) -> tuple[float, float]:
    """Seconds of a verification and of its floor, in a process of their own."""
    output = subprocess.run(
        [sys.executable, "-m", "tests.bench.journal", "verify"],
        cwd=ROOT,
        env=_env(postgres, "scif_web"),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    cost, floor = output.split()
    return float(cost), float(floor)


def _verifier() -> None:
    import django

    django.setup()
    from django.db import connection

    from scif.journal.verification import verify_journal

    connection.ensure_connection()
    began = time.perf_counter()
    entries = verify_journal().entries
    cost = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT header, body_hash, salt, content FROM journal_entry JOIN journal_body"
            " USING (position) ORDER BY position LIMIT 10000"
        )
        sample = [
            (b"\x00" + header.encode() + bytes(digest), bytes(salt) + bytes(content))
            for header, digest, salt, content in cursor.fetchall()
        ]
    inner = bytes(65)
    began = time.perf_counter()
    for leaf, body in sample:
        sha256(leaf).digest()
        sha256(body).digest()
        sha256(inner).digest()
    floor = (time.perf_counter() - began) * entries / len(sample)
    sys.stdout.write(f"{cost} {floor}\n")


if __name__ == "__main__":
    if sys.argv[1] == "verify":
        _verifier()
    elif sys.argv[1] == "measure":
        for line in measure(long="--long" in sys.argv):
            sys.stdout.write(f"{line}\n")
    else:
        _writer(sys.argv[1], float(sys.argv[2]))
