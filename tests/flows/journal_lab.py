"""A journal to work on and to tamper with: a database, a key and a witness of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from scif.journal.models import Outbox
from scif.journal.notes import Signer
from scif.journal.sequencing.sequencer import Connection, Sequencer
from scif.journal.sequencing.witness import Witness
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.runtime.keys import secret_bytes
from scif.runtime.postgres import SUPERUSER, Postgres

ROOT = Path(__file__).resolve().parents[2]
ACTOR = Actor.system("test")
FACILITY = UUID("0b9be3a6-3c1e-4d0a-8df3-0d9d7a6d7c55")


@dataclass
class Lab:
    """What tests of the journal share; ``var`` stands for the installation's SCIF_VAR."""

    postgres: Postgres
    connect: Callable[[str], psycopg.Connection[tuple[object, ...]]]
    var: Path

    @property
    def folder(self) -> Path:
        """Where the published checkpoint and the verifier key lie."""
        return self.var / "journal"

    @property
    def signer(self) -> Signer:
        """The log's key, the same that the processes read."""
        path = Path(os.environ["SCIF_KEYS"]) / "journal.ed25519"
        text = secret_bytes(path, (os.urandom(32).hex() + "\n").encode()).decode()
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
        return Signer(settings.JOURNAL_ORIGIN, private)

    def sequencer(self) -> Sequencer:
        """A sequencer in this process, in the sequencer's role; the test moves and signs."""
        witness = Witness(self.folder, self.signer)
        return Sequencer(
            self.role("scif_sequencer"), self.signer, witness, published=witness.head()
        )

    def role(self, name: str) -> Connection:
        """A connection to the database as another role."""
        return self.connect(name)

    def fill(self, *checkpoints: int, kind: str = "test.written") -> Sequencer:
        """Entries up to the last of these sizes, and a checkpoint at each of them."""
        sequencer = self.sequencer()
        for size in checkpoints:
            write(size - sequencer.size - Outbox.objects.count(), kind=kind)
            while sequencer.move():
                pass
            sequencer.sign(at_once=True)
        return sequencer

    def tamper(self, *statements: str) -> None:
        """Do what only the superuser of the database can: change it behind the triggers."""
        with psycopg.connect(
            host=str(self.postgres.socket_directory),
            port=connection.settings_dict["PORT"],
            user=SUPERUSER,
            password=self.postgres.password(SUPERUSER),
            dbname=connection.settings_dict["NAME"],
        ) as intruder:
            tables = intruder.execute(
                "SELECT relname FROM pg_class WHERE relname ~ '^journal_' AND relkind IN ('r', 'p')"
            ).fetchall()
            for (table,) in tables:
                intruder.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                intruder.execute(statement.encode())
            for (table,) in tables:
                intruder.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def environment(self, role: str) -> dict[str, str]:
        """The environment of a process in a role."""
        assert self.signer
        return {
            **os.environ,
            "SCIF_VAR": str(self.var),
            "DB_USER": role,
            "DB_PASSWORD": self.postgres.password(role),
            "DJANGO_SETTINGS_MODULE": "scif.settings.test",
        }

    def manage(self, role: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment(role),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def start(self) -> subprocess.Popen[str]:
        """Start a sequencer process; returns when it works or stands by."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", "sequencer"],
            cwd=ROOT,
            env=self.environment("scif_sequencer"),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        for line in process.stderr:
            if "sequencing from" in line or "standing by" in line:
                return process
        raise AssertionError(f"the sequencer ended with status {process.wait()}")

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """A sequencer process for the length of a block."""
        process = self.start()
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)


def write(count: int, *, kind: str = "test.written", **more: Any) -> None:
    """Journal so many entries, in one transaction."""
    with transaction.atomic():
        for number in range(count):
            append(
                kind=kind,
                actor=ACTOR,
                subject=("test.subject", str(number)),
                facility=FACILITY,
                body={"name": f"Ada Lovelace {number}"},
                **more,
            )
