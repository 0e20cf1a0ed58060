"""The relay and input board's driver against the simulated boards, over a paced serial port."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.drivers.base import Signal, Verb
from hardware.drivers.modbus import ModbusBoard, ModbusBus, ModbusTiming
from tests.hardware.rig import Sim, Turner, simulators

FAST = ModbusTiming(poll=0.02, outputs=0.05, missing=0.1, reopen=0.05)
BOARDS = (
    ModbusBoard("IO1", 1, outputs=8, inputs=8, normally_closed=frozenset({7})),
    ModbusBoard("IO2", 2, outputs=2, inputs=4),
)


def world() -> dict[str, Any]:
    boards = [
        {"name": "IO1", "address": 1, "normally_closed": [7]},
        {"name": "IO2", "address": 2, "outputs": 2, "inputs": 4},
    ]
    door = {"name": "D9", "strike": ["IO1", 0], "contact": ["IO1", 0], "rex": ["IO2", 1]}
    bus = {"kind": "modbus", "name": "io", "port": "ttyIO", "baud": 9600, "seed": 3}
    return {"name": "sim", "buses": [{**bus, "boards": boards, "doors": [door]}]}


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Sim]:
    with simulators(tmp_path, world()) as running:
        yield running


@pytest.fixture
def turner(sim: Sim) -> Iterator[Turner]:
    driver = ModbusBus(str(sim.directory / "ttyIO"), BOARDS, timing=FAST)
    driver.open()
    turner = Turner(driver)
    for code in ("IO1", "IO2"):
        turner.hear(Signal.ONLINE, device=code, secure=False)
    turner.until(lambda: inputs(turner) == 12)
    yield turner
    driver.close()


def inputs(turner: Turner) -> int:
    return sum(event.signal is Signal.INPUT for event in turner.events)


def board(sim: Sim, name: str) -> dict[str, Any]:
    found: dict[str, Any] = sim.do("state")["state"]["io"]["boards"][name]
    return found


def frames(sim: Sim) -> list[str]:
    """What crossed to the boards, as the tape has it."""
    return [str(entry["data"]) for entry in sim.log("wire") if entry["way"] == "in"]


def test_the_first_look_tells_every_input_and_the_next_only_what_changed(
    sim: Sim, turner: Turner
) -> None:
    first = [event for event in turner.events if event.signal is Signal.INPUT]
    assert not any(event.data["active"] for event in first)
    turner.events.clear()
    sim.do("sense", board="IO2", number=3, active=True)
    turner.hear(Signal.INPUT, device="IO2", number=3, active=True)
    assert inputs(turner) == 0


def test_an_open_loop_of_a_normally_closed_input_is_active(sim: Sim, turner: Turner) -> None:
    """The board reads 1 while the loop is whole: a cut wire must not read as peace."""
    sim.do("sense", board="IO1", number=7, active=True)
    turner.hear(Signal.INPUT, device="IO1", number=7, active=True)


def test_a_pulse_is_timed_by_the_board(sim: Sim, turner: Turner) -> None:
    assert turner.command("IO1", Verb.PULSE, "c1", output=0, tenths=5)
    turner.hear(Signal.DELIVERED, command_id="c1")
    turner.hear(Signal.OUTPUT, device="IO1", number=0, active=True)
    sim.do("push", door="D9")
    turner.hear(Signal.INPUT, device="IO1", number=0, active=True)
    sent = len([frame for frame in frames(sim) if frame.startswith("0105")])
    turner.hear(Signal.OUTPUT, device="IO1", number=0, active=False)
    assert len([frame for frame in frames(sim) if frame.startswith("0105")]) == sent == 1


def test_what_the_maker_printed_is_what_crosses(sim: Sim, turner: Turner) -> None:
    turner.command("IO1", Verb.HOLD, "on", output=0, active=True)
    turner.hear(Signal.DELIVERED, command_id="on")
    assert board(sim, "IO1")["outputs"][0]
    turner.command("IO1", Verb.HOLD, "off", output=0, active=False)
    turner.hear(Signal.DELIVERED, command_id="off")
    turner.command("IO1", Verb.PULSE, "pulse", output=0, tenths=50)
    turner.hear(Signal.DELIVERED, command_id="pulse")
    turner.turn_for(0.1)
    seen = set(frames(sim))
    assert {"01050000ff008c3a", "010500000000cdca", "0105020000324da7"} <= seen
    assert {"0101000000083dcc", "01020000000879cc"} <= seen


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        (Verb.PULSE, {"output": 8, "tenths": 5}),
        (Verb.PULSE, {"output": 0, "tenths": 0}),
        (Verb.PULSE, {"output": 0, "tenths": 0x8000}),
        (Verb.LOCKER_OPEN, {"lock": 1}),
        (Verb.FEEDBACK, {"outcome": "granted"}),
        (Verb.HOLD, {"output": "x", "active": True}),
    ],
)
def test_what_no_board_can_is_impossible(
    sim: Sim, turner: Turner, verb: Verb, args: dict[str, Any]
) -> None:
    assert turner.command("IO1", verb, "c1", **args)
    turner.hear(Signal.FAILED, command_id="c1", reason="impossible")
    assert not [frame for frame in frames(sim) if frame.startswith("0105")]


def test_a_pulse_that_nobody_acknowledged_is_not_sent_again(sim: Sim, turner: Turner) -> None:
    sim.do("drop", bus="io", count=1)
    turner.until(
        lambda: turner.driver.traffic()["IO1"].failed + turner.driver.traffic()["IO2"].failed
    )
    sim.do("drop", bus="io", count=2)
    turner.command("IO1", Verb.PULSE, "c1", output=1, tenths=30)
    turner.hear(Signal.FAILED, command_id="c1", reason="unanswered")
    turner.turn_for(0.3)
    assert len([frame for frame in frames(sim) if frame.startswith("0105")]) == 1


def test_a_board_without_power_is_missed_and_the_other_goes_on(sim: Sim, turner: Turner) -> None:
    sim.do("cut", board="IO1")
    turner.hear(Signal.OFFLINE, device="IO1", reason="silent")
    assert not turner.command("IO1", Verb.PULSE, "late", output=0, tenths=5)
    turner.command("IO2", Verb.PULSE, "c2", output=1, tenths=5)
    turner.hear(Signal.DELIVERED, command_id="c2")
    turner.events.clear()
    sim.do("mend", board="IO1")
    turner.hear(Signal.ONLINE, device="IO1")
    turner.turn_for(0.2)
    anew = [e for e in turner.events if e.device == "IO1" and e.signal is Signal.INPUT]
    assert {e.data["number"] for e in anew} == set(range(8)), (
        "nothing of before is taken for granted"
    )
    assert not [frame for frame in frames(sim) if frame.startswith("0105")]


def test_a_pulled_cable_fails_what_waits_and_the_line_comes_back(sim: Sim, turner: Turner) -> None:
    sim.do("unplug", bus="io")
    for code in ("IO1", "IO2"):
        turner.hear(Signal.OFFLINE, device=code, reason="port")
    assert not turner.command("IO1", Verb.PULSE, "late", output=0, tenths=5)
    sim.do("replug", bus="io")
    for code in ("IO1", "IO2"):
        turner.hear(Signal.ONLINE, device=code)


def test_damage_on_the_line_is_counted_and_nothing_false_is_told(sim: Sim, turner: Turner) -> None:
    turner.events.clear()
    sim.do("noise", bus="io", rate=0.3)
    turner.turn_for(1.5)
    sim.do("noise", bus="io", rate=0)
    assert sum(each.failed for each in turner.driver.traffic().values()) > 0
    assert inputs(turner) == 0
    assert not any(
        board(sim, name)["outputs"] != [False] * n for name, n in (("IO1", 8), ("IO2", 2))
    )


def test_a_slow_board_is_waited_for(sim: Sim, turner: Turner) -> None:
    sim.do("slow", bus="io", seconds=0.1)
    began = time.monotonic()
    turner.command("IO1", Verb.PULSE, "c1", output=0, tenths=5)
    turner.hear(Signal.DELIVERED, command_id="c1")
    assert time.monotonic() - began >= 0.1


def test_a_bus_that_cannot_be_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="address"):
        ModbusBus("x", (ModbusBoard("A", 1), ModbusBoard("B", 1)))
    with pytest.raises(ValueError, match="1 to 247"):
        ModbusBoard("A", 0)
