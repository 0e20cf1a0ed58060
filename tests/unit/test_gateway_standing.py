"""A door held open or shunted: by two people, for a while, and never beyond it."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from hardware.drivers.base import Signal
from tests.gateway_rig import Rig

TWO = {"requested_by": "guard-1", "confirmed_by": "officer-1"}


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path).start()


def order(rig: Rig, verb: str, minutes: float = 5, people: Mapping[str, str] = TWO) -> str:
    until = (rig.time.wall + timedelta(minutes=minutes)).isoformat()
    return rig.order(verb, "D1", {"until": until, **people}, actor="officer-1")


def reasons(rig: Rig) -> list[str]:
    return [body["reason"] for body in rig.events("command.failed")]


def test_a_hold_arms_the_strikes_own_timer_again_and_again_and_then_ends(rig: Rig) -> None:
    command_id = order(rig, "door_hold")
    assert rig.events("command.done")[0]["command_id"] == command_id
    rig.run(5 * 60 + 1)
    pulses = rig.bus.pulses
    # One each 5 s, of 10 s: whenever the gateway died, the strike locked within 10 s of it.
    assert len(pulses) == pytest.approx(60, abs=3)
    assert max(pulse.args["tenths"] for pulse in pulses) == 100
    assert pulses[-1].args["tenths"] < 100  # the last one ends with the hold
    (ended,) = rig.events("door.hold_ended")
    assert ended["cause"] == "expired"
    count = len(pulses)
    rig.run(30)
    assert len(rig.bus.pulses) == count


def test_who_goes_through_a_held_door_is_no_intruder_but_the_count_is_uncertain(rig: Rig) -> None:
    order(rig, "door_hold", minutes=1)
    rig.contact(opened=True)
    rig.run(50)
    assert rig.kinds("door").count("door.forced") == 0
    assert rig.kinds("door").count("door.held") == 0
    assert rig.events("door.opened")[-1]["cause"] == "standing_order"
    assert not rig.gateway.plant.zones["Z1"].certain
    rig.run(35)  # the hold is over and the door still stands open
    assert rig.kinds("door").count("door.held") == 1


def test_a_shunt_silences_the_door_and_opens_nothing(rig: Rig) -> None:
    order(rig, "door_shunt", minutes=1)
    assert rig.kinds("command") == ["command.received", "command.done"]
    rig.force()
    assert rig.bus.pulses == []
    assert "door.forced" not in rig.kinds("door")
    rig.run(30)
    assert "door.held" not in rig.kinds("door")
    rig.run(31)
    assert "door.held" in rig.kinds("door")
    rig.contact(opened=False)
    rig.run(1)
    rig.force()
    assert "door.forced" in rig.kinds("door")


@pytest.mark.parametrize("verb", ["door_hold", "door_shunt"])
@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"requested_by": "officer-1"}, "two_people"),
        ({"requested_by": ""}, "two_people"),
    ],
    ids=str,
)
def test_one_person_is_not_enough(rig: Rig, verb: str, args: dict[str, str], reason: str) -> None:
    order(rig, verb, people={**TWO, **args})
    assert reasons(rig) == [reason]
    assert rig.bus.pulses == []


@pytest.mark.parametrize(
    ("verb", "minutes", "reason"),
    [
        ("door_hold", 31, "lasts_too_long"),
        ("door_shunt", 61, "lasts_too_long"),
        ("door_hold", -1, "expired"),
    ],
)
def test_the_policy_says_for_how_long_at_most(
    rig: Rig, verb: str, minutes: float, reason: str
) -> None:
    order(rig, verb, minutes=minutes)
    assert reasons(rig) == [reason]
    assert rig.bus.pulses == []


@pytest.mark.parametrize("verb", ["door_hold", "door_shunt"])
def test_a_lockdown_forbids_it_and_ends_it_at_once(rig: Rig, verb: str) -> None:
    order(rig, verb)
    before = len(rig.bus.pulses)
    rig.tell("lockdown", "current", {})
    rig.run(0.2)
    word = verb.replace("_", ".")
    assert [body["cause"] for body in rig.events(f"{word}_ended")] == ["lockdown"]
    rest = [pulse.args["tenths"] for pulse in rig.bus.pulses[before:]]
    assert rest == ([1] if verb == "door_hold" else [])
    order(rig, verb)
    assert reasons(rig) == ["lockdown"]


@pytest.mark.parametrize("verb", ["door_hold", "door_shunt"])
def test_one_person_ends_it(rig: Rig, verb: str) -> None:
    order(rig, verb)
    rig.order("door_release", "D1", {"of": verb})
    (ended,) = rig.events(f"{verb.replace('_', '.')}_ended")
    assert ended["cause"] == "released"
    rig.order("door_release", "D1", {"of": verb})
    assert reasons(rig) == ["nothing_stands"]


def test_it_goes_on_after_a_restart_and_ends_when_it_would_have(rig: Rig) -> None:
    order(rig, "door_hold", minutes=5)
    rig.run(60)
    rig.crash()
    rig.time.advance(60)
    rig.start()
    assert rig.bus.pulses  # armed again
    rig.run(181)
    assert [body["cause"] for body in rig.events("door.hold_ended")] == ["expired"]


def test_what_ended_while_the_gateway_was_away_does_not_go_on(rig: Rig) -> None:
    order(rig, "door_hold", minutes=1)
    rig.crash()
    rig.time.advance(61)
    rig.start()
    assert [body["cause"] for body in rig.events("door.hold_ended")] == ["expired"]
    assert rig.bus.pulses == []


def test_a_clock_set_back_over_a_restart_makes_none_last_longer(rig: Rig) -> None:
    order(rig, "door_hold", minutes=5)
    rig.crash()
    rig.time.wall -= timedelta(hours=1)
    rig.start()
    assert [body["cause"] for body in rig.events("door.hold_ended")] == ["expired"]
    assert rig.bus.pulses == []


def test_a_strike_that_cannot_be_told_ends_the_hold(rig: Rig) -> None:
    rig.bus.online = False
    order(rig, "door_hold")
    assert reasons(rig) == ["offline"]
    rig.bus.online = True
    rig.run(10)
    assert rig.bus.pulses == []


def test_a_strike_that_goes_away_later_is_told_again_when_it_is_back(rig: Rig) -> None:
    order(rig, "door_hold")
    rig.bus.online = False
    rig.say("R1", Signal.OFFLINE, reason="silent")
    rig.run(20)
    rig.bus.online = True
    before = len(rig.bus.pulses)
    rig.run(10)
    assert len(rig.bus.pulses) > before
    assert rig.events("door.hold_ended") == []


@pytest.mark.parametrize("verb", ["door_hold", "door_shunt"])
def test_a_gateway_whose_clock_nobody_can_check_begins_neither(rig: Rig, verb: str) -> None:
    """What was ordered yesterday and kept back would be of today by a clock that was set."""
    rig.run(2)
    rig.gateway.stop()
    rig.time.advance(3600)
    rig.time.monotonic_seconds = 5.0  # the machine was off meanwhile
    rig.start(told=False)
    order(rig, verb)
    assert reasons(rig) == ["clock_off"]
    assert rig.bus.pulses == []
    rig.gateway.time_told(rig.time.clock(), rig.time.monotonic())
    order(rig, verb)
    assert reasons(rig) == ["clock_off"]
    assert rig.events(f"{verb.replace('_', '.')}_began")


def test_what_stands_is_ended_whatever_the_clock_shows(rig: Rig) -> None:
    order(rig, "door_hold")
    rig.time.wall += timedelta(hours=2)
    rig.order("door_release", "D1", {"of": "door_hold"}, actor="guard-1")
    assert [body["cause"] for body in rig.events("door.hold_ended")] == ["released"]
