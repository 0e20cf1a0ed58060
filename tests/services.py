"""Pytest plugin (`-p tests.services`): PostgreSQL and Valkey of their own for each run.

They must answer before pytest-django reads the settings, hence no conftest. Of workers of
pytest-xdist each has a database (tests/conftest.py) in the PostgreSQL of the controller, and a
Valkey and a place for simulators of its own.
"""

import os
import shutil
import signal
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


def _place() -> Path:
    """A directory of this run's own, in memory where there is room."""
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


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Have the servers answer before any settings are read."""
    worker = "PYTEST_XDIST_WORKER" in os.environ
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    var = _place()
    stack.callback(shutil.rmtree, var)
    # mkdtemp lets nobody else in; as root the servers run as somebody else.
    var.chmod(0o755)
    stack.enter_context(running_broker(var) if worker else running_services(var))
    return (yield)
