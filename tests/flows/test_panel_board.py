"""The board that carries an area's alarm panel: no act at it takes the question from a door."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from access.decider import AccessDecider
from access.models import Badge
from access.selectors.facts import area_facts
from access.selectors.told import Told
from access.selectors.why import Assumed, why
from access.services.projection import area_project
from access.services.rewiring import device_change_ask, device_retire_ask
from hardware.decider import Direction, DoorRead, SnapshotView, ZoneView
from hardware.models import Bus, Device, Gateway, SnapshotDelta
from hardware.services.plant import bus_add, device_add
from inspections.models import Sweep
from scif.alarms.models import Alarm
from scif.facilities.models import Area, IdsState, Portal
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.kernel.keys import KeyStore
from scif.people.models import User
from tests.flows.desk_world import World, actor_named, make_world, midday
from tests.flows.test_visit_desk import check_in
from tests.two_officers import by_two

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]

INPUTS = {"0": {"fact": "access", "active": True}, "1": {"fact": "alarm", "active": True}}


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


def carries(area: Area) -> dict[str, Any]:
    return {"panel": {"area": area.code, "inputs": INPUTS}}


def board(world: World, code: str = "ml-io1", address: int = 1) -> Device:
    """A board of the area's gateway that carries its panel."""
    bus = Bus.objects.filter(code="ml-io").first() or bus_add(
        gateway_id=Gateway.objects.get(facility=world.facility).pk,
        code="ml-io",
        driver="modbus",
        port="ttyS9",
        baud=9600,
        actor=world.officer,
    )
    return device_add(
        bus_id=bus.pk,
        code=code,
        address=address,
        options=carries(world.area),
        actor=world.officer,
    )


def says(world: World, mode: str) -> None:
    said = {"area": world.area.code, "mode": mode, "alarm": False, "trouble": False}
    world.heard("panel.changed", panel="ml-io1", **said)


def ids(world: World) -> tuple[str, bool | None]:
    state = IdsState.objects.get(area=world.area)
    return state.mode, state.in_alarm


def unknown_alarms(world: World) -> int:
    return Alarm.objects.filter(kind="ids_unknown", subject=world.area.code, closed_at=None).count()


@dataclass(frozen=True)
class Unheard:
    """What a gateway was told, where it hears no panel of any area."""

    told: Told

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        return None if kind == "panel" else self.told.get(kind, key)

    @property
    def version(self) -> int:
        return self.told.version

    @property
    def heard_at(self) -> datetime | None:
        return self.told.heard_at


def door_says(world: World, pin: str, snapshot: SnapshotView) -> set[str]:
    """What the gateway's own decider objects to, of the panel."""
    portal = Portal.objects.get(zone__area=world.area)
    badge = Badge.objects.get(assignments__visit=world.visit)
    read = DoorRead("r", portal.code, Direction.IN, credential=badge.number_sha256, pin=pin)
    zone = ZoneView(portal.zone.code, 1, {}, certain=True)
    decider = AccessDecider(KeyStore(settings.KEY_DIR).secret("pin.hmac"))
    verdict = decider.door(read, snapshot, zone, now())
    return {each["code"] for each in verdict.objections}


def why_says(world: World) -> set[str]:
    portal = Portal.objects.get(zone__area=world.area)
    answer = why(world.visit.person, portal, at=now(), assumed=Assumed.BADGE_AND_PIN)
    return {each.code for each in answer.speaks.decision.objections}


def test_a_panel_that_is_added_is_unknown_until_it_is_heard(world: World) -> None:
    board(world)
    assert ids(world) == ("unknown", None)
    assert IdsState.objects.get(area=world.area).heard_at is None
    assert unknown_alarms(world) == 1
    told = SnapshotDelta.objects.filter(kind="area", key=str(world.area.pk)).latest("version")
    assert told.payload is not None
    assert told.payload["has_panel"] is True
    says(world, "access")
    assert unknown_alarms(world) == 0


@pytest.mark.parametrize("reason", ["retire", "change", "another area"])
def test_no_board_leaves_its_area_without_a_panel(world: World, reason: str) -> None:
    device = board(world)
    says(world, "secure")
    other = Area.objects.filter(facility=world.facility).exclude(pk=world.area.pk)[0]
    options = {"retire": None, "change": {}, "another area": carries(other)}[reason]
    act = (
        partial(device_retire_ask, reason="burnt out")
        if options is None
        else partial(device_change_ask, address=1, options=options, reason="moved")
    )
    with pytest.raises(Refused) as refused:
        act(device_id=device.pk, actor=world.officer)
    assert refused.value.code == "panel_needed"
    assert world.area.name in refused.value.message
    device.refresh_from_db()
    assert (device.retired_at, device.options) == (None, carries(world.area))


def test_a_panel_moves_to_another_board_first(world: World) -> None:
    device = board(world)
    says(world, "secure")
    board(world, "ml-io2", 2)
    assert ids(world) == ("unknown", None)
    by_two(
        device_retire_ask,
        device_id=device.pk,
        reason="burnt out",
        actor=world.officer,
        other=actor_named("h.marsh"),
    )
    assert area_facts(world.area).has_panel


def test_a_panel_that_is_wired_anew_is_unknown(world: World) -> None:
    device = board(world)
    says(world, "access")
    turned = {"0": {"fact": "access", "active": False}}
    options = {"panel": {"area": world.area.code, "inputs": turned}}
    by_two(
        device_change_ask,
        device_id=device.pk,
        address=1,
        options=options,
        reason="turned at the panel",
        actor=world.officer,
        other=actor_named("h.marsh"),
    )
    assert ids(world) == ("unknown", None)
    assert unknown_alarms(world) == 1


def test_the_officer_reads_why_the_board_stays(world: World) -> None:
    device = board(world)
    client = Client()
    assert world.officer.user_id is not None
    client.force_login(User.objects.get(pk=world.officer.user_id))
    answer = client.post(f"/admin/act/device-retire/{device.pk}/", {"reason": "burnt out"})
    assert answer.status_code == 409
    assert "Let another board of this gateway carry the panel first" in answer.content.decode()


def test_a_board_that_is_gone_takes_no_check_with_it(world: World) -> None:
    """However it went: the door, which hears no panel any more, and the question why agree."""
    device = board(world)
    pin = check_in(world)
    Sweep.objects.filter(area=world.area).update(state="passed")
    says(world, "access")
    Device.objects.filter(pk=device.pk).update(retired_at=now(), options={})
    world.heard(
        "panel.changed",
        panel="ml-io1",
        area=world.area.code,
        mode="unknown",
        alarm=None,
        trouble=None,
    )
    area_project(area_id=world.area.pk)
    gateway = Gateway.objects.get(facility=world.facility)
    at_the_door = door_says(world, pin, Unheard(Told.now(gateway.code, now())))
    assert {"ids_unknown", "ids_not_access"} <= at_the_door
    assert at_the_door == why_says(world)
