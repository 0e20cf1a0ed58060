"""Buses and devices as officers install them, and what the gateway is told of it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from access.services.rewiring import device_change_ask
from hardware.models import Bus, Device, DeviceState, FeedbackPattern, Gateway, InboxEvent
from hardware.services.device import DOOR_STATUS
from hardware.services.installation import gateway_publish
from hardware.services.plant import bus_add, bus_change, device_add
from hardware.services.reader_key import reader_provision
from scif.alarms.models import Alarm
from scif.facilities.models import LockerBank, Portal, Zone
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from tests.factories import Place, make_place
from tests.flows.plant_world import (
    gateway,
    officer_of,
    plant_place,
    portal,
    reader,
    report,
    second_officer,
    told,
)
from tests.two_officers import by_two

PANEL = {"area": "own-r", "inputs": {"5": {"fact": "access", "active": True}}}

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    return plant_place()


@pytest.fixture
def officer(place: Place) -> Actor:
    return officer_of(place)


def io_bus(place: Place, officer: Actor) -> Bus:
    return bus_add(
        gateway_id=gateway(place).pk,
        code="own-io",
        driver="modbus",
        port="ttyS9",
        baud=9600,
        actor=officer,
    )


def test_a_bus_and_a_board_are_added_changed_and_told(place: Place, officer: Actor) -> None:
    bus = io_bus(place, officer)
    options = {"contact_input": 0, "rex_input": 1, "output": 0, "tamper_input": 7}
    board = device_add(
        bus_id=bus.pk,
        code="own-io1",
        address=1,
        portal=portal(place),
        options=options,
        actor=officer,
    )
    assert told(place, "bus", "own-io") == {"driver": "modbus", "port": "ttyS9", "baud": 9600}
    assert told(place, "device", "own-io1").items() >= {"kind": "io_board", **options}.items()
    by_two(
        device_change_ask,
        device_id=board.pk,
        address=2,
        options={"contact_input": 3},
        reason="moved",
        actor=officer,
        other=second_officer(place),
        portal=portal(place),
    )
    record = told(place, "device", "own-io1")
    assert (record["address"], record["contact_input"], record.get("output")) == (2, 3, None)
    bus_change(bus_id=bus.pk, port="ttyS9", baud=19200, actor=officer)
    assert told(place, "bus", "own-io") == {"driver": "modbus", "port": "ttyS9", "baud": 19200}


def test_a_board_of_several_doors_tells_the_gateway_of_all(place: Place, officer: Actor) -> None:
    zone = Zone.objects.get(pk=place.records["facilities.zone"].pk)
    Portal.objects.create(zone=zone, code="own-d2", name="D2", pulse_tenths=20, held_seconds=9)
    wires = {"own-d1": {"contact_input": 0}, "own-d2": {"contact_input": 1, "output": 1}}
    device_add(
        bus_id=io_bus(place, officer).pk,
        code="own-io1",
        address=1,
        options={"portals": wires, "panel": PANEL},
        actor=officer,
    )
    assert told(place, "portal", "own-d2")["pulse_tenths"] == 20
    assert told(place, "device", "own-io1")["portals"] == wires


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"address": 0}, "address_out_of_range"),
        ({"options": {"lamp": 1}}, "option_unknown"),
        ({"options": {"output": -1}}, "options_malformed"),
        ({"options": {"output": True}}, "options_malformed"),
        ({"options": {"portals": {"own-d1": {"lamp": 1}}}}, "options_malformed"),
        ({"options": {"portals": [1]}}, "options_malformed"),
        ({"options": {"portals": {"far-d1": {"contact_input": 1}}}}, "other_facility"),
        ({"options": {"panel": {"alarm": 1}}}, "options_malformed"),
        ({"options": {"panel": {**PANEL, "area": "far-r"}}}, "other_facility"),
        ({"options": {"normally_closed": ["x"]}}, "options_malformed"),
        ({"options": {"contact_input": 1, "rex_input": 1}}, "wire_twice"),
        ({"options": {"contact_input": 5, "panel": PANEL}}, "wire_twice"),
    ],
)
def test_what_no_driver_could_serve_is_refused(
    place: Place, officer: Actor, changed: dict[str, Any], code: str
) -> None:
    make_place("far")
    said: dict[str, Any] = {"address": 1, "options": {}} | changed
    bus = io_bus(place, officer)
    with pytest.raises(Refused) as refused, transaction.atomic():
        device_add(bus_id=bus.pk, code="own-io1", portal=portal(place), actor=officer, **said)
    assert refused.value.code == code
    assert not Device.objects.filter(code="own-io1").exists()


def test_a_door_has_one_contact(place: Place, officer: Actor) -> None:
    first = reader(place)
    first.options = {"contact_input": 0}
    first.save()
    with pytest.raises(Refused) as refused:
        device_add(
            bus_id=io_bus(place, officer).pk,
            code="own-io1",
            address=1,
            portal=portal(place),
            options={"contact_input": 0},
            actor=officer,
        )
    assert refused.value.code == "wire_elsewhere"


NO_PORTS = (
    *("../../etc/passwd", "/dev/sda", "/dev/ttyS0", "sda", "dm-0", "", "tty", "ttyS0\n"),
    *("ttyS\u202e0", "serial/by-id/..", "serial/by-id/../../sda", "ttyS0/../sda", "tty\0S0"),
)


@pytest.mark.parametrize("port", ["ttyS0", "ttyUSB12", "ttyAMA0", "serial/by-id/usb-FTDI_A-if00"])
def test_a_serial_port_is_named_as_below_dev(place: Place, officer: Actor, port: str) -> None:
    said: dict[str, Any] = {"code": "b", "driver": "modbus", "port": port, "baud": 9600}
    assert bus_add(gateway_id=gateway(place).pk, actor=officer, **said).port == port


def test_a_bus_of_virtual_devices_keeps_its_port(
    place: Place, officer: Actor, settings: Settings
) -> None:
    settings.SIMULATORS = True
    said: dict[str, Any] = {"code": "b", "driver": "modbus", "port": "own-io", "baud": 9600}
    assert bus_add(gateway_id=gateway(place).pk, actor=officer, **said).port == "own-io"
    with pytest.raises(Refused):
        bus_add(gateway_id=gateway(place).pk, actor=officer, **{**said, "port": "../../x"})


def test_what_is_no_port_is_said_at_its_field(place: Place, client: Client) -> None:
    client.force_login(place.users["officer"])
    said = {"code": "b", "driver": "modbus", "port": "/dev/sda", "baud": "9600"}
    answer = client.post(f"/admin/act/bus-add/{gateway(place).pk}/", said)
    assert answer.status_code == 422
    assert "port" in answer.context["form"].errors


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"driver": "telex"}, "not_valid"),
        ({"baud": 300}, "not_valid"),
        ({"port": "ttyS1"}, "port_taken"),
        *(({"port": port}, "port_malformed") for port in NO_PORTS),
        ({"code": "own-osdp"}, "not_valid"),
    ],
)
def test_a_bus_that_cannot_be_is_refused(
    place: Place, officer: Actor, settings: Settings, said: dict[str, Any], code: str
) -> None:
    settings.SIMULATORS = False
    good: dict[str, Any] = {"code": "b", "driver": "modbus", "port": "ttyS9", "baud": 9600}
    with pytest.raises(Refused) as refused:
        bus_add(gateway_id=gateway(place).pk, actor=officer, **{**good, **said})
    assert refused.value.code == code


def test_a_guard_and_a_stranger_install_nothing(place: Place) -> None:
    for user in (place.users["guard"], make_place("far").users["officer"]):
        actor = Actor.user(user.pk, user.person_id)
        with pytest.raises(Gateway.DoesNotExist):
            io_bus(place, actor)
        with pytest.raises(Device.DoesNotExist):
            reader_provision(device_id=reader(place).pk, reason="x", actor=actor)


def test_patterns_are_told_to_the_bus_of_readers(place: Place, officer: Actor) -> None:
    FeedbackPattern.objects.filter(facility=place.world.facility).update(
        color="blue", beeps=2, text="Welcome"
    )
    gateway_publish(gateway=gateway(place), actor=officer)
    shown = told(place, "bus", "own-osdp")["feedback"]
    assert shown == {
        "granted": {"color": "blue", "beeps": 2, "tenths": 30, "beep_tenths": 1, "text": "Welcome"}
    }


# What the centre makes of a gateway's reports


def heard(place: Place, seq: int, kind: str, **body: Any) -> None:
    report(place, seq, kind, **body)
    assert not InboxEvent.objects.exclude(quarantine="").exists()


def test_supply_warning_and_panel_raise_alarms(place: Place, officer: Actor) -> None:
    code = reader(place).code
    heard(place, 1, "device.power", device=code, active=True)
    heard(place, 2, "door.held_warning", portal="own-d1")
    said = {"panel": code, "area": place.world.area.code}
    heard(place, 3, "panel.changed", **said, mode="secure", alarm=True, trouble=False)
    heard(place, 4, "panel.changed", **said, mode="access", alarm=False, trouble=False)
    heard(place, 5, "panel.changed", **said, mode="unknown", alarm=None, trouble=None)
    alarms = dict(
        Alarm.objects.filter(facility=place.world.facility).values_list("kind", "gravity")
    )
    assert (
        alarms.items()
        >= {
            "device_power": "act",
            "door_held_warning": "note",
            "ids_in_alarm": "respond",
            "ids_unknown": "act",
        }.items()
    )
    assert "ids_trouble" not in alarms
    heard(place, 6, "door.closed", portal="own-d1")
    assert not Alarm.objects.filter(kind="door_held_warning", closed_at=None).exists()
    heard(place, 7, "device.power", device=code, active=False)
    device = Device.objects.select_related("state").get(code=code)
    assert device.state.power_failed is False


def test_a_door_is_unknown_while_the_board_of_its_contact_is_away(
    place: Place, officer: Actor
) -> None:
    device_add(
        bus_id=io_bus(place, officer).pk,
        code="own-io1",
        address=1,
        options={"portals": {"own-d1": {"contact_input": 0}}},
        actor=officer,
    )
    heard(place, 1, "device.offline", device="own-io1", reason="silent")
    assert Portal.objects.get(code="own-d1").state.status == "unknown"
    heard(place, 2, "device.online", device="own-io1", secure=False)
    assert Portal.objects.get(code="own-d1").state.status == "locked"


@pytest.mark.parametrize("kind", ["door.forced", "door.held", "door.opened"])
def test_a_door_that_stood_open_is_not_shut_by_its_contact_s_coming_back(
    place: Place, officer: Actor, kind: str
) -> None:
    code, wires = "own-io1", {"portals": {"own-d1": {"contact_input": 0}}}
    bus = io_bus(place, officer).pk
    device_add(bus_id=bus, code=code, address=1, options=wires, actor=officer)
    status = DOOR_STATUS[kind]
    heard(place, 1, "device.online", device=code, secure=False)
    heard(place, 2, kind, portal="own-d1", read_id=None)
    heard(place, 3, "device.offline", device=code, reason="silent")
    assert Portal.objects.get(code="own-d1").state.status == "unknown"
    heard(place, 4, "device.online", device=code, secure=False, away_ms=400)
    assert Portal.objects.get(code="own-d1").state.status == status
    heard(place, 5, "door.closed", portal="own-d1")
    heard(place, 6, "device.offline", device=code, reason="silent")
    heard(place, 7, "device.online", device=code, secure=False, away_ms=400)
    assert Portal.objects.get(code="own-d1").state.status == "locked"


def test_a_silence_that_ended_is_said_so_and_a_short_one_needs_nobody(place: Place) -> None:
    code = reader(place).code
    begun = now()
    away = Alarm.objects.filter(kind="device_offline", subject=code)
    heard(place, 1, "device.offline", device=code, reason="garbled")
    assert away.get().closed_at is None
    heard(place, 2, "device.online", device=code, secure=True, away_ms=400)
    (blip,) = away
    assert blip.closed_at is not None
    assert blip.note == f"{code} gave no answer for 0.4 s; it answers again"
    # The gateway's clock is set back meanwhile: what it measured counts, not its times.
    heard(place, 3, "device.offline", device=code, reason="silent")
    with clock_set(partial(lambda at: at, begun - timedelta(hours=1))):
        heard(place, 4, "device.online", device=code, secure=True, away_ms=60_200)
    still = away.get(closed_at=None)
    assert still.message == f"{code} gave no answer for 60 s; it answers again"


def test_a_bus_begun_anew_alarms_only_if_a_device_does_not_come_back(place: Place) -> None:
    """A reader's key is replaced: what else hangs on its line is away for a moment, as planned."""
    code = reader(place).code
    away = Alarm.objects.filter(kind="device_offline", subject=code)
    heard(place, 1, "device.offline", device=code, reason="bus_anew")
    assert not DeviceState.objects.get(device__code=code).online
    assert not away.exists()
    heard(place, 2, "device.offline", device=code, reason="silent")
    assert away.get().closed_at is None


def test_a_silence_that_nobody_measured_is_looked_at(place: Place) -> None:
    code = reader(place).code
    heard(place, 1, "device.offline", device=code, reason="silent")
    heard(place, 2, "device.online", device=code, secure=True)
    still = Alarm.objects.get(kind="device_offline", subject=code)
    assert still.closed_at is None
    assert still.message.endswith("its gateway has started since; it answers again")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("wrong_key", "it cannot prove its key"),
        ("not_secure", "it does not speak over Secure Channel"),
    ],
)
def test_an_insecure_reader_is_told_with_what_it_did(place: Place, reason: str, words: str) -> None:
    code = reader(place).code
    heard(place, 1, "device.insecure", device=code, reason=reason)
    told = Alarm.objects.get(kind="device_insecure", subject=code)
    assert told.message == f"{code} is not spoken to: {words}"


@pytest.mark.parametrize(
    ("jump", "words"), [(-3_600_000, "jumped 3600.0 s back"), (1_500, "jumped 1.5 s ahead")]
)
def test_a_clock_that_jumped_is_an_alarm_until_somebody_closes_it(
    place: Place, jump: int, words: str
) -> None:
    code = gateway(place).code
    heard(place, 1, "clock.jumped", jump_ms=jump)
    told = Alarm.objects.get(kind="clock_jumped", subject=code)
    assert told.gravity == "check"
    assert told.message == f"Clock of {code} {words}: see who or what set it"
    heard(place, 2, "clock.jumped", jump_ms=-jump)  # set right, it still was set
    told.refresh_from_db()
    assert (told.closed_at, told.count) == (None, 2)


# At the screen


def test_an_officer_adds_a_bus_and_a_board_at_the_screen(place: Place, client: Client) -> None:
    client.force_login(place.users["officer"])
    page = f"/admin/act/bus-add/{gateway(place).pk}/"
    assert b"Modbus RTU" in client.get(page).content
    said = {"code": "own-io", "driver": "modbus", "port": "ttyS9", "baud": "9600"}
    bus = Bus.objects.get(code="own-io") if client.post(page, said).status_code == 302 else None
    assert bus is not None
    page = f"/admin/act/device-add/{bus.pk}/"
    shown = client.get(page).content
    assert b"contact_input" in shown
    assert b'name="direction"' not in shown
    odd = client.post(page, {"code": "io\N{GRINNING FACE}", "address": "1", "contact_input": "0"})
    assert "A code is letters without accents" in odd.content.decode()
    assert "slug" not in odd.content.decode().split("<main")[-1]
    answer = client.post(
        page,
        {"code": "own-io1", "address": "1", "contact_input": "0", "more_inputs": "4"},
    )
    board = Device.objects.get(code="own-io1")
    assert answer["Location"].endswith(f"/admin/hardware/device/{board.pk}/change/")
    assert board.options == {"contact_input": 0, "inputs": 4}
    page = f"/admin/act/device-change/{board.pk}/"
    assert 'name="more_inputs" value="4"' in client.get(page).content.decode()
    far = client.post(page, {"address": "300"})
    assert far.status_code == 409
    assert "address" in far.context["form"].errors
    assert client.post(page, {"address": "2", "more_inputs": "many"}).status_code == 422
    assert client.post(page, {"address": "2", "portal": str(portal(place).pk)}).status_code == 302
    board.refresh_from_db()
    assert (board.address, board.portal, board.options) == (2, portal(place), {})


def test_a_locker_board_is_asked_for_its_bank_only(place: Place, client: Client) -> None:
    client.force_login(place.users["officer"])
    bus = Bus.objects.create(
        gateway=gateway(place), code="own-k", driver="krcu16", port="ttyS7", baud=19200
    )
    page = f"/admin/act/device-add/{bus.pk}/"
    assert b"contact_input" not in client.get(page).content
    bank = LockerBank.objects.get(facility=place.world.facility)
    assert client.post(page, {"code": "kb", "address": "1"}).status_code == 409
    said = {"code": "kb", "address": "1", "bank": str(bank.pk)}
    assert client.post(page, said).status_code == 302
    assert Device.objects.get(code="kb").bank == bank


def test_a_board_of_several_dialects_is_taken_with_one_of_them_only(
    place: Place, client: Client
) -> None:
    client.force_login(place.users["officer"])
    bus = Bus.objects.create(
        gateway=gateway(place), code="own-k48", driver="cu48", port="ttyS8", baud=19200
    )
    page = f"/admin/act/device-add/{bus.pk}/"
    bank = LockerBank.objects.get(facility=place.world.facility)
    said = {"code": "kb48", "address": "0", "bank": str(bank.pk)}
    for dialect in ("", "70-71", "50", "50-51,60-61"):
        assert client.post(page, said | {"more_dialect": dialect}).status_code == 409
    assert client.post(page, said | {"more_dialect": "60-61"}).status_code == 302
    assert Device.objects.get(code="kb48").options == {"dialect": "60-61"}
    assert told(place, "device", "kb48")["dialect"] == "60-61"


def test_a_door_in_use_gets_no_way_out_by_one_officer(place: Place, officer: Actor) -> None:
    door, bus = reader(place).portal, reader(place).bus
    said: dict[str, Any] = {"bus_id": bus.pk, "code": "own-r9", "address": 9, "options": {}}
    said["actor"] = officer
    with pytest.raises(Refused) as refused:
        device_add(portal=door, direction="out", **said)
    assert refused.value.code == "two_needed"
    added = device_add(portal=door, direction="in", **said)
    by_two(
        device_change_ask,
        device_id=added.pk,
        address=9,
        options={},
        portal=door,
        direction="out",
        reason="The way out",
        actor=officer,
        other=second_officer(place),
    )
    assert told(place, "device", "own-r9")["direction"] == "out"
