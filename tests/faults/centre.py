"""The journal's fate: its sequencer killed under load, then its entries edited by a superuser."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scif.runtime.child import wait_ready, wait_until
from scif.runtime.keys import make_keys
from scif.runtime.places import make_places
from scif.runtime.postgres import DATABASE, OWNER, PORT, PROCESS_ROLES, SUPERUSER, Postgres
from tests.bench.table import ROOT, Row, row

WRITERS = 8
INSERT = (
    "INSERT INTO journal_outbox (header, salt, content) SELECT"
    """ '{"actor":{"kind":"system","ref":"faults"},"facility":null,"kind":"fault.written","""
    """"occurred_at":"2026-03-01T10:00:00.000000Z","recorded_at":"2026-03-01T10:00:00.000000Z","subject":"""
    """{"id":"1","type":"fault"},"v":1}', sha256(%s::text::bytea), convert_to(%s, 'UTF8')"""
)
ROWS = (
    "SELECT position, convert_from(content, 'UTF8') FROM journal_entry JOIN journal_body"
    " USING (position) ORDER BY position"
)


def play(chance: random.Random, long: bool) -> list[Row]:
    """Both, on one durable database."""
    with tempfile.TemporaryDirectory(prefix="scif-faults-") as name:
        var = Path(name)
        var.chmod(0o755)
        with _database(var) as postgres:
            return [
                *_killed(postgres, chance, kills=30 if long else 6),
                *_edited(postgres, chance, edits=20 if long else 4),
                *_bundle_edited(postgres, chance, edits=60 if long else 15),
            ]


@contextmanager
def _database(var: Path) -> Iterator[Postgres]:
    places = make_places(var)
    make_keys(places.keys)
    postgres = Postgres(places, durable=True)
    server = postgres.start()
    try:
        wait_ready("PostgreSQL", server, postgres.ready)
        postgres.make_database()
        _manage(postgres, OWNER, "migrate", "-v", "0")
        postgres.set_passwords(PROCESS_ROLES)
        yield postgres
    finally:
        server.stop(signal.SIGQUIT)
        places.remove_sockets()
        if places.data.is_symlink():
            shutil.rmtree(places.data.resolve(), ignore_errors=True)


def _env(postgres: Postgres, role: str) -> dict[str, str]:
    places = postgres.places
    return {
        **os.environ,
        "SCIF_VAR": str(places.var),
        "SCIF_KEYS": str(places.keys),
        "DB_HOST": str(postgres.socket_directory),
        "DB_PORT": str(PORT),
        "DB_NAME": DATABASE,
        "DB_USER": role,
        "DB_PASSWORD": postgres.password(role),
        "DJANGO_SETTINGS_MODULE": "scif.settings.test",
        "LOG_LEVEL": "ERROR",
    }


def _manage(postgres: Postgres, role: str, *words: str, check: bool = True) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=_env(postgres, role),
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{words}: {done.stderr[-500:]}")
    return done.returncode, done.stdout + done.stderr


# The sequencer


def _killed(postgres: Postgres, chance: random.Random, *, kills: int) -> list[Row]:
    acknowledged: set[str] = set()
    stop, pause = threading.Event(), threading.Event()
    writers = [
        threading.Thread(target=_write, args=(postgres, number, acknowledged, stop))
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    try:
        for _ in range(kills):
            sequencer = _sequencer(postgres)
            before = _size(postgres)
            moved = wait_until(lambda: _size(postgres) > before, 60)  # noqa: B023  called at once
            assert moved, "the sequencer gives no positions"
            pause.wait(chance.uniform(0, 0.3))
            sequencer.kill()
            sequencer.wait()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    sequencer = _sequencer(postgres)
    settled = wait_until(lambda: _settled(postgres), 120)
    sequencer.terminate()
    sequencer.wait()
    with postgres.connect("scif_web", DATABASE) as connection:
        rows = connection.execute(ROWS).fetchall()
    bodies = [str(body) for _, body in rows]
    lost = len(acknowledged - set(bodies))
    double = len(bodies) - len(set(bodies))
    gaps = sum(position != place for place, (position, _) in enumerate(rows))
    status, said = _manage(postgres, "scif_web", "journal_verify", check=False)
    return [
        row(
            f"{kills} x kill -9 of the sequencer, {len(acknowledged)} entries written meanwhile:"
            " all signed afterwards",
            "yes",
            "yes" if settled else "no",
            "",
            ok=bool(settled),
        ),
        row("A1 acknowledged entries that are not in the journal", 0, lost, "entries", ok=not lost),
        row("A1 entries twice", 0, double, "entries", ok=not double),
        row("A1 positions missing", 0, gaps, "positions", ok=not gaps),
        row(
            "journal_verify afterwards",
            "holds",
            "holds" if not status else said.strip()[-100:],
            "",
            ok=not status,
        ),
    ]


def _write(postgres: Postgres, number: int, acknowledged: set[str], stop: threading.Event) -> None:
    with postgres.connect("scif_web", DATABASE) as connection:
        count = 0
        while not stop.is_set():
            count += 1
            body = f"{number}/{count}"
            connection.execute(INSERT, [body, body])
            acknowledged.add(body)  # it returned: the commit is durable
            stop.wait(0.02)


def _sequencer(postgres: Postgres) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "sequencer"], cwd=ROOT, env=_env(postgres, "scif_sequencer")
    )


def _size(postgres: Postgres) -> int:
    with postgres.connect("scif_web", DATABASE) as connection:
        row = connection.execute("SELECT coalesce(max(position) + 1, 0) FROM journal_entry")
        return int(str((row.fetchone() or (0,))[0]))


def _settled(postgres: Postgres) -> bool:
    with postgres.connect("scif_web", DATABASE) as connection:
        found = connection.execute(
            "SELECT NOT EXISTS (SELECT FROM journal_outbox) AND coalesce((SELECT max(position) + 1"
            " FROM journal_entry), 0) = coalesce((SELECT max(size) FROM journal_checkpoint), 0)"
        ).fetchone()
    return found == (True,)


# The entries


def _edited(postgres: Postgres, chance: random.Random, *, edits: int) -> list[Row]:
    """A database superuser edits an entry; `journal_verify` must name it."""
    size, named = _size(postgres), 0
    for number in range(edits):
        position = chance.randrange(size)
        table, column, change = (
            ("journal_entry_000000", "header", "replace(header, 'written', 'wrltten')"),
            ("journal_body", "content", "content || 'x'::bytea"),
        )[number % 2]
        with postgres.connect(SUPERUSER, DATABASE) as god:
            god.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            kept = god.execute(
                f"SELECT {column} FROM {table} WHERE position = %s", [position]
            ).fetchone()
            god.execute(f"UPDATE {table} SET {column} = {change} WHERE position = %s", [position])
            status, said = _manage(postgres, "scif_web", "journal_verify", check=False)
            named += status == 1 and f"entry {position}:" in said
            assert kept is not None
            god.execute(
                f"UPDATE {table} SET {column} = %s WHERE position = %s", [kept[0], position]
            )
    return [
        row(
            f"{edits} entries edited in the database: journal_verify names the entry",
            str(edits),
            named,
            "named",
            ok=named == edits,
        )
    ]


def _bundle_edited(postgres: Postgres, chance: random.Random, *, edits: int) -> list[Row]:
    """Whoever carries a bundle edits it; the standalone verifier must name the entry."""
    folder = postgres.places.var
    _manage(postgres, "scif_web", "journal_export", str(folder / "bundle"))
    lines = (folder / "bundle").read_text().splitlines()
    named = 0
    for number in range(edits):
        position = chance.randrange(len(lines) - 1)
        altered = list(lines)
        entry: Mapping[str, str] = json.loads(lines[position + 1])
        if number % 3 == 0:
            entry = {**entry, "body": str(entry["body"]) + " "}
        elif number % 3 == 1:
            entry = {**entry, "header": str(entry["header"]).replace("written", "wrltten")}
        altered[position + 1 : position + 2] = [json.dumps(entry)] if number % 3 < 2 else []
        (folder / "altered").write_text("\n".join(altered) + "\n")
        done = subprocess.run(
            [
                sys.executable,
                "-I",
                str(ROOT / "scif/journal/verifier.py"),
                str(folder / "altered"),
                "--key",
                str(folder / "journal" / "vkey"),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        # An entry taken out at the very end is a journal that is shorter than its signature.
        found = re.search(r"FAULT (?:altered|missing|truncated)[^:]*: entry (\d+):", done.stdout)
        named += done.returncode != 0 and found is not None and int(found[1]) == position
    return [
        row(
            f"{edits} entries altered or taken out of a bundle: verifier.py names the entry",
            str(edits),
            named,
            "named",
            ok=named == edits,
        )
    ]
