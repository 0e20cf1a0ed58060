"""A door whose strike and contact hang on a relay board, and whose reader is on another bus."""

import hashlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.hardware.osdp_rig import NUMBER, card_make, reader
from tests.hardware.rig import simulators
from tests.hardware.test_gateway_door import Door, key, running

WIRES = {"D1": {"output": 2, "contact_input": 3, "rex_input": 4}}


def world() -> dict[str, Any]:
    door = {"name": "D1", "strike": ["IO1", 2], "contact": ["IO1", 3], "rex": ["IO1", 4]}
    board = {"name": "IO1", "address": 1, "normally_closed": [3, 7]}
    osdp = {"kind": "osdp", "name": "bus", "port": "ttyBUS", "baud": 115200}
    modbus = {"kind": "modbus", "name": "io", "port": "ttyIO", "baud": 9600}
    return {
        "name": "sim",
        "buses": [
            {**osdp, "readers": [reader(1, outputs=0, inputs=0)], "doors": []},
            {**modbus, "boards": [board], "doors": [door]},
        ],
    }


def records(directory: Path) -> dict[tuple[str, str], dict[str, Any]]:
    at_door = {"portal": "D1", "direction": "in"}
    credential = {"person_id": "p-1", "until": "2999-01-01T00:00:00+00:00"}
    return {
        ("bus", "B"): {"driver": "osdp", "port": str(directory / "ttyBUS"), "baud": 115200},
        ("bus", "IO"): {"driver": "modbus", "port": str(directory / "ttyIO"), "baud": 9600},
        ("device", "R1"): {"bus": "B", "kind": "reader", "address": 1, **at_door, "scbk": key(1)},
        ("device", "IO1"): {
            "bus": "IO",
            "kind": "io_board",
            "address": 1,
            "normally_closed": [3, 7],
            "tamper_input": 7,
            "portals": WIRES,
        },
        ("portal", "D1"): {"zone": "Z1", "pulse_tenths": 10, "held_seconds": 20},
        ("credential", hashlib.sha256(NUMBER).hexdigest()): credential,
    }


@pytest.fixture
def door(tmp_path: Path) -> Generator[Door]:
    card_make(tmp_path)
    with (
        simulators(tmp_path, world()) as sim,
        running(tmp_path, sim, records(tmp_path)) as door,
    ):
        door.heard("device.online", 2)
        door.until(lambda: door.process.gateway.state()["doors"] == {"D1": "shut"})
        yield door


def test_a_badge_at_the_reader_opens_the_door_on_the_board(door: Door) -> None:
    door.sim.do("tap", reader="R1", card="card-01")
    assert door.heard("door.read")["outcome"] == "granted"
    door.heard("door.acknowledged")
    door.until(lambda: not door.sim.door("D1")["locked"])
    door.sim.do("push", door="D1")
    door.heard("presence.entered")
    door.sim.do("close", door="D1")
    door.heard("door.closed")
    assert door.heard("door.relocked")["confirmed"]
    assert not door.bodies("door.forced")


def test_the_handle_on_the_board_explains_an_opening(door: Door) -> None:
    door.sim.do("leave", door="D1")
    assert door.heard("door.opened")["cause"] == "rex"
    assert not door.bodies("door.forced")


def test_force_and_cover_are_told_through_the_board(door: Door) -> None:
    door.sim.do("force", door="D1")
    door.heard("door.forced")
    door.sim.do("sense", board="IO1", number=7, active=True)
    door.until(lambda: {"device": "IO1", "active": True} in door.bodies("device.tamper"))


def test_a_board_that_is_gone_grants_nothing_and_its_door_stays_shut(door: Door) -> None:
    door.sim.do("cut", board="IO1")
    door.heard("device.offline")
    door.sim.do("tap", reader="R1", card="card-01")
    assert door.heard("command.failed")["reason"] == "offline"
    assert door.sim.door("D1")["locked"]
    door.sim.do("mend", board="IO1")
    door.heard("device.online", 3)
    assert door.sim.door("D1")["locked"]
