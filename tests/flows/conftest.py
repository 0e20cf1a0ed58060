"""What the flows share."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from scif.runtime.postgres import Postgres
from tests.conftest import own_database


@pytest.fixture(scope="module")
def seeded_world(
    django_db_setup: None, postgres: Postgres, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The demonstration's world in a database of the module's own; each test rolls back to it."""
    with own_database(postgres, django_db_blocker, seeded=True):
        yield
