"""A migrated database on a durable server of its own, which can be stopped and started again."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scif.runtime.child import Child, wait_ready
from scif.runtime.places import Places, make_places
from scif.runtime.postgres import DATABASE, OWNER, PORT, PROCESS_ROLES, Postgres
from tests.bench.table import ROOT


@dataclass
class Server:
    """The server and where its files are."""

    places: Places
    postgres: Postgres
    child: Child | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.child = self.postgres.start()
        wait_ready("PostgreSQL", self.child, self.postgres.ready)

    def stop(self) -> None:
        """Stop it at once, as a power cut would."""
        if self.child is not None:
            self.child.stop(signal.SIGQUIT)
            self.child = None

    def environment(self, role: str) -> dict[str, str]:
        """What a process of the product needs to reach it."""
        return {
            **os.environ,
            "SCIF_VAR": str(self.places.var),
            "SCIF_KEYS": str(self.places.keys),
            "DB_HOST": str(self.postgres.socket_directory),
            "DB_PORT": str(PORT),
            "DB_NAME": DATABASE,
            "DB_USER": role,
            "DB_PASSWORD": self.postgres.password(role),
            "DJANGO_SETTINGS_MODULE": "scif.settings.test",
            "LOG_LEVEL": "ERROR",
        }

    def settings(self, role: str) -> dict[str, str]:
        """The same as Django's settings name it."""
        return {
            "HOST": str(self.postgres.socket_directory),
            "PORT": str(PORT),
            "NAME": DATABASE,
            "USER": role,
            "PASSWORD": self.postgres.password(role),
        }


@contextmanager
def server() -> Iterator[Server]:
    """A database with all tables; it is gone after the block."""
    var = Path(tempfile.mkdtemp(prefix="scif-bench-"))
    var.chmod(0o755)
    places = make_places(var)
    made = Server(places, Postgres(places, durable=True))
    try:
        made.start()
        made.postgres.make_database()
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v", "0"],
            cwd=ROOT,
            env=made.environment(OWNER),
            check=True,
        )
        made.postgres.set_passwords(PROCESS_ROLES)
        yield made
    finally:
        made.stop()
        places.remove_sockets()
        if places.data.is_symlink():
            shutil.rmtree(places.data.resolve(), ignore_errors=True)
        shutil.rmtree(var, ignore_errors=True)
