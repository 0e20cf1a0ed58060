"""Monitored inputs: of readers and boards, of one door or several, of a cover, of a panel."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from hardware.drivers.base import Signal, Traffic, Verb
from tests.gateway_rig import INSTALLED, Rig

BOARD: dict[tuple[str, str], dict[str, Any]] = {
    ("device", "R1"): {
        key: value
        for key, value in INSTALLED["device", "R1"].items()
        if key not in {"output", "contact_input", "rex_input"}
    },
    ("bus", "B4"): {"driver": "scripted", "port": "/dev/null", "baud": 9600},
    ("device", "IO1"): {
        "bus": "B4",
        "kind": "io_board",
        "address": 1,
        "portals": {
            "D1": {"output": 0, "contact_input": 0, "rex_input": 1},
            "D2": {"output": 1, "contact_input": 2},
        },
        "tamper_input": 7,
        "power_input": 6,
        "panel": {"alarm": 4, "trouble": 5},
        "area": "a-1",
    },
    ("device", "R2"): {
        "bus": "B1",
        "kind": "reader",
        "address": 3,
        "portal": "D2",
        "direction": "in",
        "scbk": "02" * 16,
    },
    ("portal", "D2"): {"zone": "Z1", "pulse_tenths": 20, "held_seconds": 20, "contact": True},
}


@pytest.fixture
def board(tmp_path: Path) -> Rig:
    rig = Rig(tmp_path, records=BOARD).start(shut=False)
    for number in range(8):
        rig.say("IO1", Signal.INPUT, number=number, active=False)
    rig.run()
    return rig


def told(rig: Rig, number: int, *, active: bool) -> None:
    rig.say("IO1", Signal.INPUT, number=number, active=active)
    rig.run()


def test_a_board_opens_the_door_of_a_reader_and_tells_of_it(board: Rig) -> None:
    person = board.admit("ann")
    board.badge("ann")
    (pulse,) = board.buses["B4"].pulses
    assert (pulse.device, dict(pulse.args)) == ("IO1", {"output": 0, "tenths": 30})
    told(board, 0, active=True)
    (entered,) = board.events("presence.entered")
    assert entered["person_id"] == person


def test_each_door_of_a_board_knows_its_own_wires(board: Rig) -> None:
    board.admit("ann")
    board.badge("ann", "R2")
    (pulse,) = board.buses["B4"].pulses
    assert dict(pulse.args) == {"output": 1, "tenths": 20}
    told(board, 2, active=True)
    assert [each["portal"] for each in board.events("door.opened")] == ["D2"]
    told(board, 0, active=True)
    board.run(1)
    assert [each["portal"] for each in board.events("door.forced")] == ["D1"]


def test_the_handle_may_hang_on_a_board(board: Rig) -> None:
    told(board, 1, active=True)
    told(board, 0, active=True)
    assert [each["cause"] for each in board.events("door.opened")] == ["rex"]
    assert board.events("door.forced") == []


def test_an_input_may_be_a_boards_own_cover_or_supply(board: Rig) -> None:
    start = len(board.events("device.tamper", "device.power"))
    told(board, 7, active=True)
    told(board, 6, active=True)
    told(board, 7, active=False)
    assert board.events("device.tamper", "device.power")[start:] == [
        {"device": "IO1", "active": True},
        {"device": "IO1", "active": True},
        {"device": "IO1", "active": False},
    ]


def test_a_reader_tells_of_its_supply(board: Rig) -> None:
    board.say("R2", Signal.POWER, active=True)
    board.run()
    assert {"device": "R2", "active": True} in board.events("device.power")


def test_the_alarm_panel_is_heard_and_never_told_anything(board: Rig) -> None:
    told(board, 4, active=True)
    last = board.events("panel.changed")[-1]
    assert last == {"device": "IO1", "area": "a-1", "name": "alarm", "active": True}
    assert board.buses["B4"].told == []


def test_a_panel_whose_board_is_away_is_unknown_until_it_is_back(board: Rig) -> None:
    told(board, 5, active=True)
    board.say("IO1", Signal.OFFLINE, reason="silent")
    board.run()
    board.say("IO1", Signal.OFFLINE, reason="silent")
    board.run()
    assert board.events("panel.unknown") == [{"device": "IO1", "area": "a-1"}]
    before = len(board.events("panel.changed"))
    board.say("IO1", Signal.ONLINE, secure=False)
    board.run()
    again = {each["name"]: each["active"] for each in board.events("panel.changed")[before:]}
    assert again == {"alarm": False, "trouble": True}


def test_a_door_warns_before_it_is_held(tmp_path: Path) -> None:
    rig = Rig(tmp_path, policy={"held_warning_seconds": 5}).start()
    rig.admit("ann")
    rig.badge("ann")
    rig.contact(opened=True)
    rig.run(14)
    assert rig.events("door.held_warning") == []
    rig.run(2)
    assert rig.events("door.held_warning") == [{"portal": "D1"}]
    warned = [c for c in rig.bus.told if c.args.get("outcome") == "held_warning"]
    assert {command.device for command in warned} == {"R1", "R1X"}
    assert all(command.verb is Verb.FEEDBACK for command in warned)
    rig.run(5)
    assert len(rig.events("door.held_warning")) == 1
    assert rig.events("door.held") == [{"portal": "D1"}]


def test_a_door_shut_in_time_is_not_held_and_warns_anew_the_next_time(tmp_path: Path) -> None:
    rig = Rig(tmp_path, policy={"held_warning_seconds": 5}).start()
    rig.admit("ann")
    for _ in range(2):
        rig.badge("ann", "R1X")
        rig.contact(opened=True)
        rig.run(16)
        rig.contact(opened=False)
        rig.run(6)
    assert len(rig.events("door.held_warning")) == 2
    assert rig.events("door.held") == []


@pytest.mark.parametrize("ahead", [0, 20, 60])
def test_without_time_ahead_nothing_warns(tmp_path: Path, ahead: int) -> None:
    rig = Rig(tmp_path, policy={"held_warning_seconds": ahead}).start()
    rig.admit("ann")
    rig.badge("ann")
    rig.contact(opened=True)
    rig.run(22)
    assert rig.events("door.held_warning") == []
    assert rig.events("door.held") == [{"portal": "D1"}]


def test_a_key_taken_is_told_by_its_fingerprint(board: Rig) -> None:
    board.say("R2", Signal.KEYED, fingerprint="ab" * 8)
    board.run()
    assert board.events("device.keyed") == [{"device": "R2", "fingerprint": "ab" * 8}]


def test_frames_are_counted_over_an_hour(board: Rig) -> None:
    counts = board.bus.counted = {"R2": Traffic(100, 5)}
    board.run(1.1)
    counts["R2"] = Traffic(160, 6)
    board.run(120)
    assert board.gateway.state()["devices"]["R2"]["sent"] == 160
    counts["R2"] = Traffic(10, 2)  # the driver was made anew
    board.run(1.1)
    seen = board.gateway.state()["devices"]["R2"]
    assert (seen["sent"], seen["failed"]) == (170, 8)
    board.run(3600, step=30)
    assert board.gateway.state()["devices"]["R2"]["sent"] == 0


def test_a_device_record_that_is_not_clear_shuts_no_other_door(tmp_path: Path) -> None:
    broken = {**BOARD, ("device", "IO9"): {"bus": "B4", "kind": "io_board", "portals": [1]}}
    rig = Rig(tmp_path, records=broken).start(shut=False)
    assert set(rig.gateway.plant.portals) == {"D1", "D2"}


@pytest.mark.parametrize("allowed", [False, True])
def test_a_card_that_tells_its_serial_number_only_counts_where_policy_says(
    tmp_path: Path, allowed: bool
) -> None:
    uid = bytes.fromhex("04a1b2c3d4e5f6")
    rig = Rig(tmp_path, policy={"uid_only_cards": allowed}).start()
    record = {"person_id": "p-1", "until": "2999-01-01T00:00:00+00:00"}
    rig.tell("credential", hashlib.sha256(uid).hexdigest(), record)
    for reader in ("R1", "R1X"):
        rig.say(reader, Signal.CARD, number=uid, bits=56)
        rig.run()
    read, out = rig.events("door.read")
    codes = [each["code"] for each in read["objections"]]
    assert (read["outcome"], codes) == (("granted", []) if allowed else ("refused", ["uid_only"]))
    # Whoever is inside is let out, whatever card it was.
    assert out["outcome"] == "granted"
