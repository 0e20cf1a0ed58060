"""The embedded servers: start, stop, kill, recover, in any path, as root or not."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from scif.runtime.child import Child, ServerUser, wait_ready, wait_until
from scif.runtime.errors import CannotStart
from scif.runtime.keys import make_keys
from scif.runtime.laptops import BASTION_PORT
from scif.runtime.places import Places, make_places, reachable
from scif.runtime.postgres import OWNER, Postgres
from scif.runtime.processes import Installation
from scif.runtime.valkey import Valkey

ROOT = os.geteuid() == 0
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def open_directory() -> Generator[Path]:
    """A directory that the servers' user may enter also where root runs the tests."""
    directory = Path(tempfile.mkdtemp(prefix="scif-unit-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def _start(places: Places) -> tuple[Postgres, Child]:
    postgres = Postgres(places, durable=False)
    child = postgres.start()
    wait_ready("PostgreSQL", child, postgres.ready)
    return postgres, child


def _children(child: Child) -> list[psutil.Process]:
    children: list[psutil.Process] = psutil.Process(child.pid).children(recursive=True)
    return children


@pytest.mark.parametrize("name", ["plain", "with a space", "x" * 120])
def test_servers_start_stop_and_keep_their_data_in_any_path(
    open_directory: Path, name: str
) -> None:
    places = make_places(open_directory / name)
    assert len(os.fsencode(places.simulators)) <= 60
    assert " " not in str(places.run)
    postgres, child = _start(places)
    postgres.make_database()
    postgres.make_database()
    with postgres.connect(OWNER, "scif") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    children = _children(child)
    child.stop(postgres.stop_signal)
    assert child.poll() == 0
    assert not psutil.wait_procs(children, 5)[1]
    postgres, child = _start(make_places(open_directory / name))
    with postgres.connect(OWNER, "scif") as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    child.stop(postgres.stop_signal)
    places.remove_sockets()


def test_postgres_recovers_from_a_kill_and_a_reused_process_number(open_directory: Path) -> None:
    places = make_places(open_directory)
    postgres, child = _start(places)
    with postgres.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        connection.execute("CHECKPOINT")
    children = _children(child)
    child.send(signal.SIGKILL)
    assert wait_until(lambda: child.poll() is not None, 5)
    assert not psutil.wait_procs(children, 5)[1]
    stale = places.data / "postgres" / "postmaster.pid"
    lines = stale.read_text().split("\n")
    # The number now belongs to a program of the same user that is no PostgreSQL.
    stale.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    postgres, child = _start(places)
    with postgres.connect() as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    child.stop(postgres.stop_signal)
    places.remove_sockets()


def test_a_server_that_outlived_its_supervisor_is_ended(open_directory: Path) -> None:
    places = make_places(open_directory)
    _, survivor = _start(places)
    children = _children(survivor)
    postgres, child = _start(places)
    assert survivor.poll() is not None
    assert not psutil.wait_procs(children, 5)[1]
    child.stop(postgres.stop_signal)
    places.remove_sockets()


def test_servers_are_reached_by_their_own_user_with_a_password_and_not_by_tcp(
    open_directory: Path,
) -> None:
    places = make_places(open_directory)
    postgres, child = _start(places)
    valkey = Valkey(places)
    broker = valkey.start()
    wait_ready("Valkey", broker, valkey.ready)
    for server in (child, broker):
        assert psutil.Process(server.pid).net_connections("inet") == []
        assert psutil.Process(server.pid).uids().effective != 0
    for directory in (places.run / "postgres", places.run / "valkey"):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert not places.run.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=str(postgres.socket_directory), user="postgres", password="guess")
    client = redis.Redis.from_url(valkey.url)
    assert client.set("a", "b")
    client.close()
    with pytest.raises(CannotStart, match="in use by another server"):
        valkey.start()
    broker.send(signal.SIGKILL)
    assert wait_until(lambda: broker.poll() is not None, 5)
    # The stale socket is no hindrance.
    broker = valkey.start()
    wait_ready("Valkey", broker, valkey.ready)
    broker.stop()
    child.stop(postgres.stop_signal)
    places.remove_sockets()


def test_the_socket_of_another_server_is_neither_taken_nor_removed(open_directory: Path) -> None:
    places = make_places(open_directory)
    for server, path in (
        (Postgres(places), places.run / "postgres" / ".s.PGSQL.5432"),
        (Valkey(places), places.run / "valkey" / "valkey.sock"),
    ):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.bind(str(path))
            stranger.listen()
            with pytest.raises(CannotStart, match="in use by another server"):
                server.start()
            places.remove_sockets()
            assert path.is_socket()
        places.remove_sockets()
        assert not path.exists()
        places = make_places(open_directory)


def test_a_bastion_whose_port_a_stranger_holds_is_not_ready(open_directory: Path) -> None:
    places = make_places(open_directory)
    make_keys(places.keys)
    installation = Installation(places, Postgres(places), Valkey(places), 8000)
    (bastion, _harness) = installation.beyond([])
    assert bastion.ready is not None
    with socket.create_server((installation.laptops.host, BASTION_PORT)):
        child = bastion.start()
        assert wait_until(lambda: child.poll() is not None, 30)
        assert not bastion.ready(child)
        assert child.why() == (
            f"ended: its address {installation.laptops.host}:{BASTION_PORT} is in use"
        )
    child = bastion.start()
    assert wait_until(lambda: bastion.ready is not None and bastion.ready(child), 30)
    child.stop()
    places.remove_sockets()


def test_passwords_are_random_kept_and_private(open_directory: Path) -> None:
    places = make_places(open_directory)
    password = Postgres(places).password("scif_web")
    assert len(password) >= 40
    assert password == Postgres(places).password("scif_web") != Postgres(places).password("other")
    path = places.var / "passwords" / "scif_web"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    places.remove_sockets()


def test_a_socket_directory_that_somebody_else_made_is_refused(open_directory: Path) -> None:
    places = make_places(open_directory)
    places.remove_sockets()
    places.run.symlink_to(open_directory)
    with pytest.raises(CannotStart, match="belongs to another user"):
        make_places(open_directory)
    places.run.unlink()


def test_another_version_of_postgres_is_refused_in_one_line(open_directory: Path) -> None:
    places = make_places(open_directory)
    cluster = places.data / "postgres"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotStart, match="was made by PostgreSQL 9"):
        Postgres(places).start()
    places.remove_sockets()


_AS_USER = """
import sys
from pathlib import Path
from tests.services import running_services
with running_services(Path(sys.argv[1])) as postgres:
    with postgres.connect("scif_owner", "scif") as connection:
        print(connection.execute("SELECT current_user").fetchone()[0])
"""


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_root_can_have_a_normal_user_run_them(open_directory: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    user = ServerUser(nobody.pw_uid, nobody.pw_gid)
    packages = Path(redis.__file__).parents[1]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    pythons = [
        Path(path) for path in (sys.executable, shutil.which(version, path="/usr/bin")) if path
    ]
    python = next((path for path in pythons if reachable(path, user)), None)
    if not python or not reachable(PROJECT, user) or not reachable(packages, user):
        pytest.skip("other users may not enter the project or run its Python")
    os.chown(open_directory, nobody.pw_uid, nobody.pw_gid)
    done = subprocess.run(
        [python, "-c", _AS_USER, str(open_directory / "var")],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{PROJECT}:{packages}"},
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("scif_owner", "")


@pytest.mark.skipif(not ROOT, reason="only root's servers run as somebody else")
def test_root_can_use_a_directory_that_nobody_else_may_enter(open_directory: Path) -> None:
    open_directory.chmod(0o700)
    places = make_places(open_directory)
    assert places.data.parent == Path("/var/lib")
    postgres, child = _start(places)
    child.stop(postgres.stop_signal)
    kept = make_places(open_directory).data / "postgres"
    assert kept.exists()
    # The installation was removed: so are its data, with the next one at this place.
    (open_directory / "servers").unlink()
    make_places(open_directory)
    assert not kept.exists()
    shutil.rmtree(places.data)
    places.remove_sockets()
