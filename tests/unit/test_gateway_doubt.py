"""The gateway in doubt: no answer, no decision, no memory of what the last run left open."""

import json
from pathlib import Path

import pytest

from hardware.drivers.base import Signal
from hardware.gateway import reads
from tests.gateway_rig import Rig, credential_of


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path).start()


def test_what_the_gateway_objects_tells_the_guard_what_to_do() -> None:
    own = [each for each in vars(reads).values() if isinstance(each, dict) and "guard" in each]
    assert len(own) >= 8
    for each in [*own, reads.pin_locked("10:00")]:
        assert each["guard"] != each["message"], each["code"]
        assert each["who"] in {"guard", "facility officer", "system administrator"}, each["code"]
        orders = ("Let nobody", "Do not", "Call", "call", "Take", "Have", "Wait")
        assert any(word in each["guard"] for word in orders), each["code"]


def test_a_decider_that_breaks_refuses(rig: Rig) -> None:
    rig.admit("ann")
    rig.decider.breaks = True
    rig.badge("ann")
    (read,) = rig.events("door.read")
    assert (read["outcome"], read["objections"][0]["code"]) == ("refused", "decision_error")
    assert rig.bus.pulses == []


def test_a_pulse_without_an_answer_is_unknown_and_is_not_sent_again(rig: Rig) -> None:
    rig.admit("ann")
    rig.bus.answers = False
    rig.badge("ann")
    rig.run(30, step=1)
    assert len(rig.bus.pulses) == 1
    (failed,) = rig.events("command.failed")
    assert failed["reason"] == "no_answer"


def test_an_opening_after_an_unanswered_pulse_is_lawful(rig: Rig) -> None:
    rig.admit("ann")
    rig.bus.answers = False
    rig.badge("ann")
    rig.say("R1", Signal.FAILED, rig.bus.pulses[0].command_id, reason="unanswered")
    rig.contact(opened=True)
    assert not rig.events("door.forced")
    assert len(rig.events("presence.entered")) == 1


def test_an_opening_after_a_pulse_that_was_not_sent_is_forced(rig: Rig) -> None:
    rig.admit("ann")
    rig.bus.online = False
    rig.badge("ann")
    rig.force()
    assert len(rig.events("door.forced")) == 1
    assert not rig.events("presence.entered")


def test_what_the_last_run_left_open_is_told_as_unknown_and_not_sent_again(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    rig.admit("ann")
    rig.bus.answers = False
    rig.badge("ann")
    command_id = rig.bus.pulses[0].command_id
    rig.crash()
    rig.start()
    (failed,) = rig.events("command.failed")
    assert (failed["command_id"], failed["reason"]) == (command_id, "outcome_unknown")
    assert rig.bus.pulses == []
    rig.crash()
    rig.start()
    assert len(rig.events("command.failed")) == 1


def test_a_reader_without_its_secure_channel_is_not_believed(rig: Rig) -> None:
    rig.admit("ann")
    rig.say("R1", Signal.OFFLINE, reason="silent")
    rig.say("R1", Signal.ONLINE, secure=False)
    rig.badge("ann")
    assert not rig.events("door.read")
    assert rig.events("device.insecure")[0]["device"] == "R1"
    assert rig.bus.pulses == []


def test_a_restart_empties_no_room(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    person = rig.admit("ann")
    rig.walk_in("ann")
    rig.crash()
    rig.records[("credential", credential_of("ann"))] = {
        "person_id": person,
        "until": "2026-03-02T20:00:00+00:00",
        "pin": "",
    }
    rig.start()
    assert list(rig.gateway.plant.zones["Z1"].inside) == [person]
    rig.badge("ann")
    assert rig.events("door.read")[-1]["objections"][0]["code"] == "already_inside"


def test_a_clock_that_jumps_is_an_event_and_timers_do_not_feel_it(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    rig.contact(opened=True)
    rig.time.wall = rig.time.wall.replace(hour=15)
    rig.run(1)
    (jump,) = rig.events("clock.jumped")
    assert jump["jump_ms"] > 3_600_000
    assert not rig.events("door.held")


def test_the_way_out_through_an_offline_strike_is_no_forced_door(rig: Rig) -> None:
    """The way out is mechanical: a pulse that could not be sent does not make a thief of anyone."""
    rig.admit("ann")
    rig.walk_in("ann")
    rig.bus.online = False
    rig.badge("ann", "R1X")
    rig.contact(opened=True)
    assert rig.events("door.opened")[-1]["cause"] == "exit"
    assert len(rig.events("presence.left")) == 1


def test_bodies_are_what_the_centre_reads(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    for entry in rig.entries():
        assert json.loads(entry.body) is not None
        assert entry.occurred_at.endswith("Z")
