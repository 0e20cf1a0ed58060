"""What screens say of a device: silence is never order, and trouble shows at its door."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hardware.models import Bus, Device, DeviceState, Gateway
from scif.console.selectors.device_state import DeviceRow, door_troubles
from scif.console.selectors.hardware_plan import door_drawn
from scif.facilities.models import Portal
from scif.kernel.clock import now

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HEARD = AT - timedelta(minutes=5)


def row(
    *,
    silent: bool = False,
    gateway_at: datetime | None = None,
    report: dict[str, Any] | None = None,
    driver: str = "osdp",
    **state: Any,
) -> DeviceRow:
    bus = Bus(gateway=Gateway(code="g"), code="b", driver=driver)
    device = Device(bus=bus, code="R1", kind="reader", portal=Portal(code="D1"), key=b"sealed")
    heard = DeviceState(device=device, heard_at=HEARD, **state) if state else None
    return DeviceRow(device, heard, report or {}, None if silent else AT, gateway_at)


GOOD: dict[str, Any] = {"online": True, "secure": True}


@pytest.mark.parametrize(
    ("given", "status", "troubles"),
    [
        (row(), "off", ["no answer"]),
        (row(**GOOD), "online", []),
        (row(**GOOD, silent=True), "off", ["no answer"]),
        (row(online=False), "off", ["no answer"]),
        (row(online=True, secure=False), "degraded", ["not secure"]),
        (row(online=True, secure=False, driver="modbus"), "online", []),
        (row(**GOOD, power_failed=True), "degraded", ["supply failed"]),
        (row(**GOOD, tamper=True), "tamper", ["tamper"]),
        (
            row(online=False, tamper=True),
            "tamper",
            ["no answer", "tamper when last heard, 2 Mar 08:55"],
        ),
    ],
)
def test_a_device_is_well_only_while_it_and_its_gateway_say_so(
    given: DeviceRow, status: str, troubles: list[str]
) -> None:
    assert (given.status, given.troubles) == (status, troubles)


def test_last_seen_is_now_while_it_answers_and_its_last_event_after() -> None:
    assert row(**GOOD).seen == AT
    assert row(**GOOD, silent=True).seen == HEARD
    assert row(online=False).seen == HEARD
    assert row().seen is None


def test_a_silent_gateway_saw_its_device_with_its_own_last_report() -> None:
    later = HEARD + timedelta(minutes=3)
    assert row(**GOOD, silent=True, gateway_at=later).seen == later
    assert row(online=False, silent=True, gateway_at=later).seen == HEARD


def test_cover_and_supply_are_current_only_while_the_device_says_so() -> None:
    well = row(**GOOD)
    assert (well.cover_told, well.supply_told) == ("shut", "good")
    years = (now() - HEARD).days
    silent = row(online=False, tamper=True)
    assert silent.cover_told == f"Tamper, when last heard {years} days ago"
    assert silent.supply_told == f"good, when last heard {years} days ago"
    never = row()
    assert (never.cover_told, never.supply_told) == ("unknown", "unknown")


def test_what_no_wire_tells_is_not_called_shut_or_good() -> None:
    lockers = row(**GOOD, driver="krcu16")
    board = row(**GOOD, driver="modbus")
    assert (lockers.cover_told, board.supply_told) == ("not watched", "not watched")
    board.device.options = {"tamper_input": 7}
    assert (board.cover_told, board.supply_told) == ("shut", "not watched")


def test_a_silent_device_says_why_in_words() -> None:
    assert row(online=False, reason="not_secure").words == (
        "No answer: it does not speak over Secure Channel"
    )
    assert row(online=False, reason="").words == "No answer"


def test_frames_are_told_where_the_driver_counts() -> None:
    assert row(**GOOD, report={"sent": 400, "failed": 3}).frames == "3 of 400 (0.75 %)"
    assert row(**GOOD, report={"sent": 0, "failed": 0}).frames == "0 of 0 (0.00 %)"
    assert row(**GOOD).frames == ""


def test_a_reader_without_a_key_says_so() -> None:
    reader = row(**GOOD)
    reader.device.key = None
    assert reader.secure == "no key yet"
    assert row(**GOOD).secure == "Secure Channel"
    assert row(**GOOD, driver="modbus").secure == "no key by its kind"


def test_a_door_tells_of_every_device_that_it_hangs_on() -> None:
    board = row(driver="modbus", online=False)
    board.device.code, board.device.portal = "IO1", None
    board.device.options = {"portals": {"D1": {"contact_input": 0}, "D2": {"output": 1}}}
    told = door_troubles([row(**GOOD, tamper=True), board])
    assert told == {"D1": "R1 tamper; IO1 no answer", "D2": "IO1 no answer"}
    assert door_troubles([row(**GOOD)]) == {}


def test_the_plan_says_it_after_the_doors_own_state() -> None:
    assert door_drawn("locked", "") == {"status": "locked"}
    drawn = door_drawn("unknown", "IO1 no answer")
    assert drawn == {"status": "off", "words": "No answer; IO1 no answer"}
