"""Fixtures of the links between a gateway and the centre."""

from pathlib import Path

import pytest

from hardware.gateway.database import Connection
from scif.runtime.postgres import Postgres
from tests.gateway_rig import Rig
from tests.hardware.links_rig import Connect


@pytest.fixture
def connect(committed_database: str, postgres: Postgres) -> Connect:
    """Connections of a gateway to a database of this test's own."""
    return lambda: postgres.connect("scif_gateway_g1", committed_database)


@pytest.fixture
def owner(committed_database: str, postgres: Postgres) -> Connection:
    """The owner's connection, for looking and for damaging."""
    return postgres.connect("scif_owner", committed_database)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path).start()
