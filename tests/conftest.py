"""Databases of the tests: made by the migrations as owner, used as the web role.

The journal's tables refuse TRUNCATE, so that no test flushes: a test rolls back (`db`), or has a
database of its own that is dropped afterwards (`committed_database`).
"""

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from scif.runtime.libraries import BROWSER, NFC, SSH, TPM
from scif.runtime.places import make_places
from scif.runtime.postgres import OWNER, Postgres

WEB_ROLE = "scif_web"
INGESTER_ROLE = "scif_ingester"  # a member of the web role
TEMPLATE = "scif_template"
# Held while the template is made, so that the workers of pytest-xdist do so once.
_TEMPLATE_LOCK = 74_111_001

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


def _clone(postgres: Postgres, name: str) -> None:
    with postgres.connect() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE), sql.Identifier(OWNER)
            )
        )


def _drop(postgres: Postgres, name: str) -> None:
    with postgres.connect() as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """The cluster that tests/services.py started."""
    return Postgres(make_places(Path(os.environ["SCIF_VAR"])), durable=False)


@pytest.fixture(scope="session")
def _template(postgres: Postgres, django_db_blocker: DjangoDbBlocker) -> None:
    """Make, once for each run, the migrated database that all others are cloned from."""
    with postgres.connect() as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])
        made = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone()
        if not made:
            fresh = f"{TEMPLATE}_new"
            for statement in (
                "DROP DATABASE IF EXISTS {} WITH (FORCE)",
                "CREATE DATABASE {} OWNER scif_owner",
            ):
                admin.execute(sql.SQL(statement).format(sql.Identifier(fresh)))
            with django_db_blocker.unblock():
                _use(fresh, OWNER, postgres.password(OWNER))
                call_command("migrate", verbosity=0)
                connections.close_all()
            postgres.set_passwords()
            for gateway in GATEWAYS:
                postgres.gateway_role(gateway, fresh)
            admin.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(fresh), sql.Identifier(TEMPLATE)
                )
            )


@pytest.fixture(scope="session")
def django_db_setup(
    _template: None,
    postgres: Postgres,
    django_db_blocker: DjangoDbBlocker,
    django_test_environment: None,
) -> Generator[None]:
    """Give the run a database that only migrations have written to, used as the web role."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'scif')}"
    _clone(postgres, name)
    with django_db_blocker.unblock():
        _use_as_web(name, postgres)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    _drop(postgres, name)


@contextmanager
def own_database(postgres: Postgres, blocker: DjangoDbBlocker) -> Generator[str]:
    """A database of one's own, where commits are real; gives its name and drops it afterwards."""
    shared = connections["default"].settings_dict["NAME"]
    name = f"test_{uuid4().hex}"
    _clone(postgres, name)
    with blocker.unblock():
        _use_as_web(name, postgres)
        yield name
        _use_as_web(shared, postgres)
    _drop(postgres, name)


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
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker(
        "django_db"
    ):
        raise pytest.UsageError("committed_database stands instead of db and django_db")
    with own_database(postgres, django_db_blocker) as name:
        yield name


@pytest.fixture
def role_connection(
    django_db_setup: None, postgres: Postgres
) -> Generator[Callable[[str], Connection]]:
    """Open connections (autocommit) to the test's database as another role, by its name."""
    with ExitStack() as stack:
        yield lambda role: stack.enter_context(
            postgres.connect(role, str(connections["default"].settings_dict["NAME"]))
        )
