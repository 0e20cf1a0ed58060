"""Fixtures of the links between a gateway and the centre."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from hardware.gateway.centre import Status
from hardware.gateway.database import Connection, PostgresCentre
from hardware.models import Command, CommandState, Gateway
from scif.alarms.models import Alarm
from scif.kernel.clock import now
from scif.runtime.postgres import Postgres
from tests.factories import Place, make_place
from tests.gateway_rig import Rig
from tests.hardware.links_rig import Connect, Report


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


@pytest.fixture
def place(committed_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    """A facility with two gateways of this test's own database."""
    with django_db_blocker.unblock():
        place = make_place("w")
        gateways = Gateway.objects.all()
        gateways.filter(code="w-g").update(code="g1")
        first = gateways.get(code="g1")
        Gateway.objects.create(facility=first.facility, code="g2", name="The other")
        Command.objects.all().update(state=CommandState.CONFIRMED)
        Alarm.objects.all().update(closed_at=now())
        yield place


@pytest.fixture
def report(committed_database: str, postgres: Postgres) -> Report:
    """Let a gateway say how it is, as its own role."""

    def report(
        code: str, *, version: int, offset: int | None = 0, state: dict[str, object] | None = None
    ) -> None:
        role = f"scif_gateway_{code}"
        centre = PostgresCentre(code, lambda: postgres.connect(role, committed_database))
        centre.report(Status(code, version, 0, offset, state or {}))
        centre.close()

    return report
