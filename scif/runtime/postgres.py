"""The embedded PostgreSQL: a cluster on a unix socket, SCRAM passwords, no TCP.

Production brings a server of its own; this one serves `make demo` and `make test`.
"""

import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from scif.runtime.binaries import postgres_major, postgres_programs
from scif.runtime.child import Child, wait_until
from scif.runtime.errors import CannotStart, explain_log
from scif.runtime.keys import secret_text
from scif.runtime.places import Places, refuse_taken

PORT = 5432
SUPERUSER = "postgres"
OWNER = "scif_owner"
DATABASE = "scif"
# Made by migrations (of the journal, and of the terminals), before what they may touch.
# Those of gateways are made one by one, when it is known which there are.
PROCESS_ROLES = ("scif_web", "scif_ingester", "scif_sequencer", "scif_control")

_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_FAST_AND_LOSSY = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off"),
    "max_wal_size=256MB",  # the cluster of a test may live in memory
)


@dataclass(frozen=True)
class Postgres:
    """The cluster of one installation; `durable=False` (tests) trades safety for speed."""

    places: Places
    durable: bool = True
    # Fast shutdown: sessions are ended, the next start needs no recovery.
    stop_signal = signal.SIGINT
    # Immediate shutdown: the next start recovers from the write-ahead log.
    death_signal = signal.SIGQUIT

    @property
    def socket_directory(self) -> Path:
        """What clients name as DB_HOST."""
        return self.places.run / "postgres"

    @property
    def cluster(self) -> Path:
        """The data directory."""
        return self.places.data / "postgres"

    def password(self, role: str) -> str:
        """Give the password of a role: random for each installation, kept readable by us only."""
        return secret_text(self.places.var / "passwords" / role)

    def start(self) -> Child:
        """Make the cluster where there is none, clear what a crash left, and start the server.

        Returns before the server answers; see `ready`. Raises CannotStart, OSError.
        """
        programs = postgres_programs(self.places)
        if not self.cluster.exists():
            self._initialise(programs)
        self._require_same_version(programs)
        self._end_survivor()
        settings = [
            "listen_addresses=",
            f'unix_socket_directories="{self.socket_directory}"',
            "unix_socket_permissions=0700",
            "password_encryption=scram-sha-256",
            "max_connections=200",
            "timezone=UTC",
            "log_timezone=UTC",
            *(() if self.durable else _FAST_AND_LOSSY),
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        return Child(
            [str(programs / "postgres"), "-D", str(self.cluster), "-p", str(PORT), *options],
            env=_ENV,
            log=self.places.log / "postgres.log",
            user=self.places.user,
            death_signal=self.death_signal,
        )

    def ready(self) -> bool:
        """Tell whether the server answers."""
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(
        self, role: str = SUPERUSER, database: str = "postgres"
    ) -> psycopg.Connection[tuple[object, ...]]:
        """Open a connection in autocommit mode. Raises psycopg.OperationalError."""
        return psycopg.connect(
            host=str(self.socket_directory),
            port=PORT,
            user=role,
            password=self.password(role),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def make_database(self) -> None:
        """Make the owner's role and its database, where they are absent."""
        with self.connect() as connection:
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", OWNER):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB").format(
                        sql.Identifier(OWNER)
                    )
                )
            self._set_password(connection, OWNER)
            if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )

    def set_passwords(self, roles: Sequence[str] = PROCESS_ROLES) -> None:
        """Give the roles that the migrations made their passwords."""
        with self.connect() as connection:
            for role in roles:
                self._set_password(connection, role)

    def gateway_role(self, code: str, database: str = DATABASE) -> str:
        """Make the role of a gateway in a migrated database; gives its name."""
        with self.connect(database=database) as connection:
            row = connection.execute("SELECT hardware_gateway_role(%s)", [code]).fetchone()
            role = str(row[0] if row else "")
            self._set_password(connection, role)
        return role

    def _set_password(self, connection: psycopg.Connection[tuple[object, ...]], role: str) -> None:
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(self.password(role))
            )
        )

    def _initialise(self, programs: Path) -> None:
        """Run initdb aside and move its result into place: a cluster is complete or absent."""
        partial = self.cluster.with_name("postgres.new")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        passwords = self.places.data / "initdb.password"
        passwords.unlink(missing_ok=True)
        with os.fdopen(os.open(passwords, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(self.password(SUPERUSER))
        user = self.places.user
        if user:
            for path in (partial, passwords):
                os.chown(path, user.uid, user.gid)
        locale = ["--locale=C.UTF-8"]
        if (postgres_major(programs) or 0) >= 17:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        log = self.places.log / "initdb.log"
        child = Child(
            [
                *(str(programs / "initdb"), "-D", str(partial), "-U", SUPERUSER),
                *("--encoding=UTF8", *locale, "--auth=scram-sha-256", f"--pwfile={passwords}"),
                *(() if self.durable else ("--no-sync",)),
            ],
            env=_ENV,
            log=log,
            user=user,
        )
        ended = wait_until(lambda: child.poll() is not None, 120)
        child.stop()
        passwords.unlink()
        if not ended or child.poll() != 0:
            shutil.rmtree(partial, ignore_errors=True)
            raise CannotStart(f"PostgreSQL: {explain_log(child.output())} ({log})")
        partial.rename(self.cluster)

    def _require_same_version(self, programs: Path) -> None:
        made_by = int((self.cluster / "PG_VERSION").read_text())
        major = postgres_major(programs)
        if major != made_by:
            raise CannotStart(
                f"{self.cluster} was made by PostgreSQL {made_by}, and {programs} is {major}; "
                "use that version or another SCIF_VAR"
            )

    def _end_survivor(self) -> None:
        """End the server of a killed supervisor, or remove what it left.

        The caller holds the installation's lock, so that nobody else's server can be meant.
        """
        pid_file = self.cluster / "postmaster.pid"
        if pid_file.exists():
            pid = int(pid_file.read_text().split("\n", 1)[0])
            if pid_is(pid, "postgres"):
                os.kill(pid, signal.SIGQUIT)
                if not wait_until(lambda: not pid_is(pid, "postgres"), 10):
                    raise CannotStart(
                        f"PostgreSQL of an earlier start (process {pid}) does not end"
                    )
        refuse_taken(self.socket_directory / f".s.PGSQL.{PORT}")
        # Its number may meanwhile be another program's, which PostgreSQL would take for itself.
        pid_file.unlink(missing_ok=True)
        for left in self.socket_directory.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)


def pid_is(pid: int, program: str) -> bool:
    """Tell whether a process runs that program (where the system cannot tell: whether it runs)."""
    if Path("/proc/self").exists():
        try:
            name, state = Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except FileNotFoundError:
            return False
        # A zombie has ended; in a container without an init process it stays one.
        return program in name and state.split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _exists(
    connection: psycopg.Connection[tuple[object, ...]], query: LiteralString, name: str
) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None
