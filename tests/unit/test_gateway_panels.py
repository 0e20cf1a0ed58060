"""An alarm panel on monitored inputs: what the door makes of it, and what the centre is told."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.base import Signal
from hardware.gateway.panels import MODES, Meaning, record, together
from tests.gateway_rig import Rig

INPUTS = {
    "4": {"fact": "access", "active": True},
    "5": {"fact": "secure", "active": True},
    "6": {"fact": "alarm", "active": False},
}
PANEL = {
    "bus": "B2",
    "kind": "reader",
    "address": 7,
    "panel": {"area": "room", "inputs": INPUTS},
}


def start(directory: Path, **changes: Any) -> Rig:
    return Rig(directory, records={("device", "P1"): {**PANEL, **changes}}).start()


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return start(tmp_path)


def say(rig: Rig, *inputs: tuple[int, bool]) -> None:
    for number, active in inputs:
        rig.say("P1", Signal.INPUT, number=number, active=active)
    rig.run()


def seen(rig: Rig) -> dict[str, Any] | None:
    """What a decision at a door reads of the panel."""
    found: list[Any] = []
    inner = rig.decider.door

    def look(read: Any, snapshot: Any, zone: Any, now: Any) -> Any:
        found.append(snapshot.get("panel", "room"))
        return inner(read, snapshot, zone, now)

    rig.decider.door = look  # type: ignore[method-assign]  # the rig's own double
    rig.badge("nobody")
    rig.decider.door = inner  # type: ignore[method-assign]  # the rig's own double
    said = found[-1]
    return None if said is None else dict(said)


def test_a_door_decides_by_what_the_panel_says_now(rig: Rig) -> None:
    assert seen(rig) == {"mode": "unknown", "alarm": None, "trouble": False}
    say(rig, (4, True), (5, False), (6, True))
    assert seen(rig) == {"mode": "access", "alarm": False, "trouble": False}
    say(rig, (4, False), (5, True))
    assert seen(rig) == {"mode": "secure", "alarm": False, "trouble": False}
    say(rig, (6, False))
    assert seen(rig) == {"mode": "secure", "alarm": True, "trouble": False}


def test_a_panel_that_goes_is_unknown_until_all_of_it_is_heard_anew(rig: Rig) -> None:
    say(rig, (4, True), (5, False), (6, True))
    rig.say("P1", Signal.OFFLINE, reason="no_answer")
    rig.run()
    assert seen(rig) == {"mode": "unknown", "alarm": None, "trouble": False}
    rig.say("P1", Signal.ONLINE, secure=True)
    say(rig, (4, True), (5, False))
    assert seen(rig) == {"mode": "access", "alarm": None, "trouble": False}


def test_a_bus_that_is_stuck_hides_the_panel_until_it_goes_on(rig: Rig) -> None:
    say(rig, (4, True), (5, False), (6, True))
    rig.gateway.plant.devices.stuck(["P1"], rig.time.monotonic())
    assert seen(rig) == {"mode": "unknown", "alarm": None, "trouble": False}
    rig.gateway.plant.devices.unstuck(["P1"], rig.time.monotonic())
    assert seen(rig) == {"mode": "access", "alarm": False, "trouble": False}


def test_the_centre_is_told_each_change_once_across_a_restart(rig: Rig, tmp_path: Path) -> None:
    say(rig, (4, True), (5, False), (6, True))
    said = [(e["area"], e["mode"], e["alarm"]) for e in rig.events("panel.changed")]
    assert said[-1] == ("room", "access", False)
    assert all(said[n] != said[n + 1] for n in range(len(said) - 1))
    rig.crash()
    again = start(tmp_path)
    assert again.events("panel.changed")[-1]["mode"] == "unknown"
    before = len(again.events("panel.changed"))
    say(again, (4, True), (5, False), (6, True), (6, True))
    assert again.events("panel.changed")[-1]["mode"] == "access"
    assert len(again.events("panel.changed")) > before
    told = len(again.events("panel.changed"))
    say(again, (6, True))
    assert len(again.events("panel.changed")) == told


def test_a_panel_moves_from_one_board_to_another_and_is_unknown_between(rig: Rig) -> None:
    say(rig, (4, True), (5, False), (6, True))
    rig.tell("device", "P2", {**PANEL, "bus": "B1", "address": 8})
    rig.run()
    assert seen(rig) == {"mode": "unknown", "alarm": None, "trouble": False}
    say(rig, (4, True), (5, False), (6, True))
    for number, active in ((4, False), (5, True), (6, True)):
        rig.say("P2", Signal.INPUT, number=number, active=active)
    rig.run()
    assert seen(rig) == {"mode": "unknown", "alarm": False, "trouble": False}
    assert rig.events("panel.changed")[-1]["mode"] == "unknown"
    rig.tell("device", "P1", None)
    rig.run()
    assert seen(rig) == {"mode": "secure", "alarm": False, "trouble": False}
    assert rig.events("panel.changed")[-1]["mode"] == "secure"


def test_an_alarm_of_one_of_two_boards_is_an_alarm() -> None:
    quiet = {"mode": "access", "alarm": False, "trouble": False}
    for one, both in ((True, True), (None, None), (False, False)):
        assert together([quiet, {**quiet, "alarm": one}])["alarm"] is both
    assert together([quiet, {**quiet, "mode": "secure"}])["mode"] == "unknown"


@pytest.mark.parametrize("panel", [None, {}, {"area": "room", "inputs": {"x": {}}}, {"area": 1}])
def test_a_record_that_is_not_clear_says_nothing(tmp_path: Path, panel: Any) -> None:
    rig = start(tmp_path, panel=panel)
    say(rig, (4, True))
    assert seen(rig) is None


def test_a_reader_may_carry_a_panel_beside_its_door(tmp_path: Path) -> None:
    option = {"area": "room", "inputs": {"4": {"fact": "access", "active": True}}}
    rig = Rig(tmp_path)
    rig.records["device", "R1"] = {**rig.records["device", "R1"], "panel": option}
    rig.start()
    rig.admit("ann")
    rig.say("R1", Signal.INPUT, number=4, active=True)
    rig.walk_in("ann")
    assert [e["mode"] for e in rig.events("panel.changed")][-1] == "access"
    assert rig.kinds("presence") == ["presence.entered"]


@given(st.dictionaries(st.sampled_from(range(5)), st.booleans()))
def test_a_mode_is_said_only_when_one_alone_holds(heard: dict[int, bool]) -> None:
    meanings = {n: Meaning(fact, active=True) for n, fact in enumerate((*MODES, "alarm"))}
    said = record(meanings, heard)
    holding = [mode for n, mode in enumerate(MODES) if heard.get(n)]
    complete = all(n in heard for n in range(3))
    assert said["mode"] == (holding[0] if complete and len(holding) == 1 else "unknown")
    assert said["alarm"] is heard.get(3)
