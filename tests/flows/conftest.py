"""What the flows share."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from pytest_django.plugin import DjangoDbBlocker

from scif.runtime.postgres import Postgres
from tests.conftest import own_database
from tests.flows.journal_lab import Lab
from tests.flows.session_world import Room, make_room
from tests.flows.terminal_world import ticking


@pytest.fixture(scope="module")
def seeded_world(
    django_db_setup: None, postgres: Postgres, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The demonstration's world in a database of the module's own; each test rolls back to it."""
    with own_database(postgres, django_db_blocker, seeded=True):
        yield


@pytest.fixture(scope="module")
def seated_room(
    django_db_setup: None, postgres: Postgres, django_db_blocker: DjangoDbBlocker
) -> Iterator[Room]:
    """As `seeded_world`, with a visitor at a laptop in the room, who is slow to check in."""
    with own_database(postgres, django_db_blocker, seeded=True):
        with ticking(early=timedelta(seconds=5)):
            room = make_room()
        yield room


@pytest.fixture
def lab(
    committed_database: str,
    postgres: Postgres,
    role_connection: Callable[[str], psycopg.Connection[tuple[object, ...]]],
    tmp_path: Path,
) -> Lab:
    """A journal of the test's own, with a sequencer to move."""
    return Lab(postgres, role_connection, tmp_path)


@pytest.fixture
def room(seated_room: Room) -> Room:
    """Everything that a session needs, as this test alone has it."""
    room = deepcopy(seated_room)
    room.heard()
    return room
