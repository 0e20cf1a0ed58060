"""Devices and buses that are taken out: told to the gateway, journaled, and not forgotten."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hardware.models import Bus, Device, DeviceState, SnapshotDelta
from hardware.services.plant import bus_add, bus_change, device_add, device_change
from hardware.services.reader_key import reader_provision
from hardware.services.retirement import bus_retire, device_retire
from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_raise
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from tests.factories import Place
from tests.flows.plant_world import gateway, officer_of, plant_place, portal, reader, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    return plant_place()


@pytest.fixture
def officer(place: Place) -> Actor:
    return officer_of(place)


def journaled(kind: str) -> list[dict[str, Any]]:
    return [dict(row.data) for row in Outbox.objects.all() if row.fields["kind"] == kind]


def is_told(place: Place, kind: str, key: str) -> bool:
    deltas = SnapshotDelta.objects.filter(gateway=gateway(place).code, kind=kind, key=key)
    return deltas.latest("version").payload is not None


def test_a_device_is_taken_out_and_its_history_stays(place: Place, officer: Actor) -> None:
    reader_provision(device_id=reader(place).pk, reason="new", actor=officer)
    device = reader(place)
    DeviceState.objects.update_or_create(device=device, defaults={"online": True, "tamper": True})
    alarm_raise(
        facility=device.bus.gateway.facility,
        gravity=Gravity.CHECK,
        kind="device_offline",
        subject=device.code,
        message="It gives no answer",
        actor=officer,
    )
    assert is_told(place, "device", device.code)
    device_retire(device_id=device.pk, reason="burnt out", actor=officer)
    kept = Device.objects.get(pk=device.pk)
    assert kept.retired_at is not None
    assert (kept.portal, kept.next_key, kept.window_until, kept.options) == (None, None, None, {})
    assert not is_told(place, "device", device.code)
    (body,) = journaled("device.retired")
    assert body["reason"] == "burnt out"
    assert body["portal"] == portal(place).code
    assert not DeviceState.objects.get(device=device).online
    assert not Alarm.objects.filter(subject=device.code, closed_at=None).exists()


def test_its_address_is_free_and_its_code_is_not(place: Place, officer: Actor) -> None:
    old = reader(place)
    device_retire(device_id=old.pk, reason="exchanged", actor=officer)
    said: dict[str, Any] = {"address": old.address, "portal": portal(place), "direction": "in"}
    with pytest.raises(Refused):
        device_add(bus_id=old.bus_id, code=old.code, options={}, actor=officer, **said)
    device_add(bus_id=old.bus_id, code="own-r9", options={}, actor=officer, **said)
    assert told(place, "device", "own-r9")["address"] == old.address


def test_what_was_taken_out_stays_out(place: Place, officer: Actor) -> None:
    device = reader(place)
    with pytest.raises(Refused, match="Say why"):
        device_retire(device_id=device.pk, reason=" ", actor=officer)
    device_retire(device_id=device.pk, reason="old", actor=officer)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: device_retire(device_id=device.pk, reason="again", actor=officer),
        lambda: reader_provision(device_id=device.pk, reason="again", actor=officer),
        lambda: device_change(device_id=device.pk, address=3, options={}, actor=officer),
    )
    for again in attempts:
        with pytest.raises(Refused) as refused:
            again()
        assert refused.value.code == "retired"


def test_a_bus_goes_when_nothing_stands_on_it(place: Place, officer: Actor) -> None:
    bus = bus_add(
        gateway_id=gateway(place).pk,
        code="own-io",
        driver="modbus",
        port="ttyS9",
        baud=9600,
        actor=officer,
    )
    board = device_add(bus_id=bus.pk, code="own-io1", address=1, options={}, actor=officer)
    with pytest.raises(Refused) as refused:
        bus_retire(bus_id=bus.pk, reason="moved", actor=officer)
    assert refused.value.code == "bus_in_use"
    device_retire(device_id=board.pk, reason="moved", actor=officer)
    bus_retire(bus_id=bus.pk, reason="moved", actor=officer)
    assert not is_told(place, "bus", "own-io")
    assert [body["port"] for body in journaled("bus.retired")] == ["ttyS9"]
    attempts: tuple[Callable[[], object], ...] = (
        lambda: bus_retire(bus_id=bus.pk, reason="again", actor=officer),
        lambda: bus_change(bus_id=bus.pk, port="ttyS7", baud=9600, actor=officer),
        lambda: device_add(bus_id=bus.pk, code="x", address=1, options={}, actor=officer),
    )
    for again in attempts:
        with pytest.raises(Refused) as refused:
            again()
        assert refused.value.code == "retired"
    said: dict[str, Any] = {"driver": "modbus", "port": "ttyS9", "baud": 9600}
    bus_add(gateway_id=gateway(place).pk, code="own-io2", actor=officer, **said)


def test_an_officer_takes_a_device_out_at_the_screen(place: Place, client: Client) -> None:
    client.force_login(place.users["officer"])
    device = reader(place)
    page = f"/admin/act/device-retire/{device.pk}/"
    assert "Take the device out" in client.get(page).content.decode()
    assert client.post(page, {"reason": "burnt out"}).status_code == 302
    assert reader(place).retired_at is not None
    bus = f"/admin/act/bus-retire/{device.bus_id}/"
    assert client.post(bus, {"reason": "empty"}).status_code == 302
    assert Bus.objects.get(pk=device.bus_id).retired_at is not None
    for kind, code in (("device", device.code), ("bus", device.bus.code)):
        rows = f"/admin/hardware/{kind}/?retired_at__isempty"
        assert code in client.get(f"{rows}=0").content.decode()
        assert f">{code}</a>" not in client.get(f"{rows}=1").content.decode()


def test_a_guard_takes_nothing_out(place: Place) -> None:
    user = place.users["guard"]
    with pytest.raises(Device.DoesNotExist):
        device_retire(
            device_id=reader(place).pk,
            reason="x",
            actor=Actor.user(user.pk, user.person_id),
        )
    assert reader(place).retired_at is None
