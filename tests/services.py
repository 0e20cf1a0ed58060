"""Pytest plugin (`-p tests.services`): PostgreSQL and Valkey of their own for each run.

They must answer before pytest-django reads the settings, hence no conftest. Processes that run
within a run (workers of pytest-xdist, the streams of `make test`) have each a database
(tests/conftest.py) in its PostgreSQL, and a Valkey and a place for simulators of their own.

`python -m tests.services COMMAND…` is such a run: the migrations are made once for all of it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from scif.runtime.child import wait_ready
from scif.runtime.keys import make_keys
from scif.runtime.places import Places, make_places
from scif.runtime.postgres import DATABASE, PORT, Postgres
from scif.runtime.valkey import Valkey

# ext4 passes over the places of files removed within the last minutes: databases made and dropped
# by the hundred make it slow (a clone 1 s instead of 0.05 s). Memory has no such thing.
_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30  # bytes; a container has 64 MiB there unless told otherwise
_SERVED = "SCIF_TESTS_SERVED"


def _place(*, within: bool) -> Path:
    """A directory of this run's own, in memory where there is room; or one in that of the run."""
    if within:
        return Path(tempfile.mkdtemp(prefix="in-", dir=os.environ["SCIF_VAR"]))
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    return Path(tempfile.mkdtemp(prefix="scif-test-", dir=_MEMORY if roomy else None))


@contextmanager
def running_broker(var: Path) -> Generator[Places]:
    """Start Valkey in `var`, name it and the simulators' place in the environment, and end it."""
    places = make_places(var)
    valkey = Valkey(places)
    broker = valkey.start()
    try:
        wait_ready("Valkey", broker, valkey.ready)
        os.environ.update(SCIF_SIM_DIR=str(places.simulators), VALKEY_URL=valkey.url)
        yield places
    finally:
        broker.stop()
        places.remove_sockets()


@contextmanager
def running_services(var: Path) -> Generator[Postgres]:
    """Start both servers in `var`, name them in the environment, and end them afterwards."""
    with running_broker(var) as places:
        postgres = Postgres(places, durable=False)
        database = postgres.start()
        try:
            wait_ready("PostgreSQL", database, postgres.ready)
            postgres.make_database()
            make_keys(places.keys)
            os.environ.update(
                SCIF_VAR=str(places.var),
                SCIF_KEYS=str(places.keys),
                DB_HOST=str(postgres.socket_directory),
                DB_PORT=str(PORT),
                DB_NAME=DATABASE,
                DB_USER="scif_web",
                DB_PASSWORD=postgres.password("scif_web"),
            )
            yield postgres
        finally:
            database.stop(signal.SIGQUIT)


@contextmanager
def _services() -> Generator[None]:
    """What a process of the tests needs, in a place that is removed afterwards."""
    within = "PYTEST_XDIST_WORKER" in os.environ or _SERVED in os.environ
    var = _place(within=within)
    try:
        # mkdtemp lets nobody else in; as root the servers run as somebody else.
        var.chmod(0o755)
        with running_broker(var) if within else running_services(var):
            yield
    finally:
        shutil.rmtree(var)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Have the servers answer before any settings are read."""
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    stack.enter_context(_services())
    return (yield)


def main() -> int:
    """Run a command while the servers answer; gives what it gave. A signal ends all of it."""
    with _services():
        os.environ[_SERVED] = "1"
        with subprocess.Popen(sys.argv[1:], start_new_session=True) as child:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: os.killpg(child.pid, signal.SIGTERM))
            return child.wait()


if __name__ == "__main__":
    sys.exit(main())
