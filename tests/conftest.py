"""Databases of the tests: made by the migrations as owner, used as the web role.

The journal's tables refuse TRUNCATE, so that no test flushes: a test rolls back (`db`), or has a
database of its own that is dropped afterwards (`committed_database`).
"""

import gc
import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from scif.kernel.clock import now
from scif.runtime.libraries import BROWSER, NFC, SSH, TPM
from scif.runtime.places import make_places
from scif.runtime.postgres import OWNER, Postgres
from tests.hardware.rig import Sim

WEB_ROLE = "scif_web"
INGESTER_ROLE = "scif_ingester"  # a member of the web role
TEMPLATE = "scif_template"
# Templates with the demonstration's world in it: as it is at noon today, and beside a bench. Each
# process has its own, for the cards of its world lie in its own place.
SEEDED = f"scif_seeded_{os.getpid()}"
BENCH = f"scif_bench_{os.getpid()}"

_MISSING = pytest.StashKey[dict[str, str]]()

Connection = psycopg.Connection[tuple[object, ...]]


GATEWAYS = ("g1", "g2", "b7", "ml")  # those that have a database role in tests
_LIBRARIES = (NFC, BROWSER, SSH, TPM)


def pytest_configure(config: pytest.Config) -> None:
    """Look once which system libraries are missing."""
    config.stash[_MISSING] = {
        library.name: f"{library.title} is missing on this machine"
        for library in _LIBRARIES
        if not library.present()
    }


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what a missing library forbids, visibly; with CI=true nothing may be skipped so."""
    for name, reason in item.config.stash[_MISSING].items():
        if item.get_closest_marker(name):
            if os.environ.get("CI") == "true":
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


def pytest_collection_finish() -> None:
    """What is loaded stays: the collector need not look through it after every few objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that read files beside the project, where there are none."""
    if _external_data(config).is_dir():
        return
    away = [item for item in items if item.get_closest_marker("external_data")]
    config.hook.pytest_deselected(items=away)
    items[:] = [item for item in items if item not in away]


def _external_data(config: pytest.Config) -> Path:
    beside = config.rootpath.parent / "shared" / "data"
    return Path(os.environ.get("SCIF_EXTERNAL_DATA") or beside)


@pytest.fixture(scope="session")
def external_data(pytestconfig: pytest.Config) -> Path:
    """The directory of the files beside the project; for tests marked `external_data`."""
    return _external_data(pytestconfig)


def _use(database: str, role: str, password: str) -> None:
    """Point Django's connections of this process, and its child processes, at a database."""
    connections.close_all()
    settings = connections["default"].settings_dict
    settings.update(NAME=database, USER=role, PASSWORD=password)
    settings["OPTIONS"].pop("options", None)
    os.environ.update(DB_NAME=database, DB_USER=role, DB_PASSWORD=password)


def _use_as_web(database: str, postgres: Postgres) -> None:
    """The web role for all; this process logs in as the ingester and plays web (tests/roles.py)."""
    _use(database, WEB_ROLE, postgres.password(WEB_ROLE))
    settings = connections["default"].settings_dict
    settings.update(USER=INGESTER_ROLE, PASSWORD=postgres.password(INGESTER_ROLE))
    settings["OPTIONS"]["options"] = f"-c role={WEB_ROLE}"


def _clone(postgres: Postgres, name: str, template: str = TEMPLATE) -> None:
    with postgres.connect() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                *map(sql.Identifier, (name, template, OWNER))
            )
        )


def _drop(postgres: Postgres, name: str) -> None:
    with postgres.connect() as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _make_once(postgres: Postgres, name: str, like: str, fill: Callable[[str], None]) -> None:
    """Make a template of another and `fill` it, unless this run has it already."""
    with postgres.connect() as admin:
        # So that all processes of a run together make it once.
        admin.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        fresh = f"{name}_new"
        _drop(postgres, fresh)
        _clone(postgres, fresh, like)
        fill(fresh)
        connections.close_all()
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (fresh, name)))
        )


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """The cluster that tests/services.py started."""
    return Postgres(make_places(Path(os.environ["SCIF_VAR"])), durable=False)


@pytest.fixture(scope="session")
def _template(postgres: Postgres, django_db_blocker: DjangoDbBlocker) -> None:
    """Make, once for each run, the migrated database that all others are cloned from."""

    def migrate(fresh: str) -> None:
        _use(fresh, OWNER, postgres.password(OWNER))
        call_command("migrate", verbosity=0)
        postgres.set_passwords()
        with postgres.connect() as admin:
            # So that a test can act as the control process on its one connection (tests/roles.py).
            admin.execute("GRANT scif_control TO scif_ingester WITH INHERIT FALSE, SET TRUE")
        for gateway in GATEWAYS:
            postgres.gateway_role(gateway, fresh)

    with django_db_blocker.unblock():
        _make_once(postgres, TEMPLATE, "template1", migrate)


def _seeded_template(postgres: Postgres) -> str:
    """The name of the template with today's world of the demonstration, which it makes."""
    from scif.console.demo.seed import seed
    from tests.flows.desk_world import midday

    def fill(fresh: str) -> None:
        _use_as_web(fresh, postgres)
        with transaction.atomic():
            seed(history=False)

    with midday():
        # A run that crosses midnight makes another: a test of the desk lives at noon of its day.
        name = f"{SEEDED}_{now():%Y%m%d}"
        _make_once(postgres, name, TEMPLATE, fill)
    return name


@pytest.fixture(scope="session")
def django_db_setup(
    _template: None,
    postgres: Postgres,
    django_db_blocker: DjangoDbBlocker,
    django_test_environment: None,
) -> Generator[None]:
    """Give the run a database that only migrations have written to, used as the web role."""
    name = f"test_{os.getpid()}"
    _clone(postgres, name)
    with django_db_blocker.unblock():
        _use_as_web(name, postgres)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    _drop(postgres, name)


@contextmanager
def own_database(
    postgres: Postgres, blocker: DjangoDbBlocker, *, seeded: bool = False, like: str = TEMPLATE
) -> Generator[str]:
    """A database of one's own, where commits are real; gives its name and drops it afterwards.

    `seeded`: with the demonstration's world in it, without its history; else as the template is.
    """
    shared = connections["default"].settings_dict["NAME"]
    name = f"test_{uuid4().hex}"
    with blocker.unblock():
        _clone(postgres, name, _seeded_template(postgres) if seeded else like)
        _use_as_web(name, postgres)
        yield name
        _use_as_web(shared, postgres)
    _drop(postgres, name)


def _refuse_rollback(request: pytest.FixtureRequest) -> None:
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker(
        "django_db"
    ):
        raise pytest.UsageError("a database of one's own stands instead of db and django_db")


@pytest.fixture
def committed_database(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    postgres: Postgres,
    django_db_blocker: DjangoDbBlocker,
) -> Generator[str]:
    """A database of this test's own, where commits are real; gives its name.

    For tests with several connections, threads or processes. Not together with `db`.
    """
    _refuse_rollback(request)
    with own_database(postgres, django_db_blocker) as name:
        yield name


@pytest.fixture
def seeded_database(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    postgres: Postgres,
    django_db_blocker: DjangoDbBlocker,
) -> Generator[str]:
    """As `committed_database`, with the demonstration's world in it from the beginning."""
    _refuse_rollback(request)
    with own_database(postgres, django_db_blocker, seeded=True) as name:
        yield name


@pytest.fixture(scope="module")
def bench_world(
    django_db_setup: None, postgres: Postgres, django_db_blocker: DjangoDbBlocker
) -> Generator[None]:
    """The demonstration's world and a drawer of cards, for a module's benches."""
    from tests.hardware.bench_rig import seed

    def fill(fresh: str) -> None:
        _use_as_web(fresh, postgres)
        seed()

    with django_db_blocker.unblock():
        shared = str(connections["default"].settings_dict["NAME"])
        _make_once(postgres, BENCH, TEMPLATE, fill)
        _use_as_web(shared, postgres)
    with own_database(postgres, django_db_blocker, like=BENCH):
        yield


@pytest.fixture
def bench(bench_world: None) -> Generator[Sim]:
    """The virtual devices of a bench; the cards that a test makes are thrown away after it."""
    from tests.hardware.bench_rig import drawer_empty, virtual_devices

    with virtual_devices() as running:
        yield running
    drawer_empty()


@pytest.fixture
def role_connection(
    django_db_setup: None, postgres: Postgres
) -> Generator[Callable[[str], Connection]]:
    """Open connections (autocommit) to the test's database as another role, by its name."""
    with ExitStack() as stack:
        yield lambda role: stack.enter_context(
            postgres.connect(role, str(connections["default"].settings_dict["NAME"]))
        )
