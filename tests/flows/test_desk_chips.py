"""The chips at the head of the desk: which rooms may be used, and which doors answer."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from django.test import Client

from access.selectors.desk import fitness_of
from hardware.models import DoorState, DoorStatus, Gateway
from inspections.models import Accreditation
from inspections.rules.states import IN_FORCE
from scif.facilities.models import AreaKind, Portal
from scif.kernel.clock import clock_set, now
from scif.people.models import User
from tests.flows.desk_world import World, make_world

pytestmark = pytest.mark.django_db
Connection = psycopg.Connection[tuple[object, ...]]
Heard = Callable[[str, datetime], object]


@pytest.fixture
def world() -> Iterator[World]:
    """Time stands still: a busy machine makes no gateway late."""
    then = now()
    with clock_set(lambda: then):
        yield make_world()


@pytest.fixture
def heard(role_connection: Callable[[str], Connection]) -> Iterator[Heard]:
    """When the gateway of Mill Lane was heard last; it commits, so it is tidied up."""
    gateway, owner = role_connection("scif_gateway_ml"), role_connection("scif_owner")
    yield lambda code, at: gateway.execute(
        "INSERT INTO hardware_gatewaystatus (gateway, version, heard_at, edge_seq, state)"
        " VALUES (%s, 1, %s, 0, '{}')"
        " ON CONFLICT (gateway) DO UPDATE SET heard_at = excluded.heard_at",
        (code, at),
    )
    owner.execute("DELETE FROM hardware_gatewaystatus")


def head(world: World) -> str:
    guard = Client()
    guard.force_login(User.objects.get(username="e.hughes"))
    return guard.get(f"/desk/{world.facility.code}/arrivals/").content.decode()


def test_doors_that_give_no_answer_are_counted(world: World, heard: Heard) -> None:
    gateway = Gateway.objects.get(facility=world.facility)
    heard(gateway.code, now())
    assert "Doors answer" in head(world)
    doors = Portal.objects.filter(devices__bus__gateway=gateway).distinct()
    for silent, door in enumerate(doors[:2], 1):
        DoorState.objects.update_or_create(portal=door, defaults={"status": DoorStatus.UNKNOWN})
        words = "1 door: no answer" if silent == 1 else f"{silent} doors: no answer"
        assert words in head(world)
    assert "Doors answer" not in head(world)
    heard(gateway.code, now() - timedelta(hours=1))
    assert f"Doors {gateway.code}: no word" in head(world)


def test_a_room_whose_letter_or_temporary_use_is_over_is_unfit(world: World) -> None:
    area, today = world.area, now().date()
    assert area not in fitness_of(world.facility).unfit
    area.kind, area.temporary_since = AreaKind.TSWA, None
    area.save()
    assert area in fitness_of(world.facility).unfit
    assert f"{area.name} unfit" in head(world)
    for since, fit in ((today, True), (today + timedelta(days=2), False), (today, True)):
        area.temporary_since = since
        area.save()
        assert (area not in fitness_of(world.facility).unfit) is fit
    area.temporary_since = today - timedelta(days=400)
    area.save()
    assert area in fitness_of(world.facility).unfit
    area.kind = AreaKind.READING_ROOM
    area.save()
    Accreditation.objects.filter(area=area, state__in=IN_FORCE).update(
        expires_on=today - timedelta(days=1)
    )
    assert (area in fitness_of(world.facility).unfit) is (area.level_id is not None)
