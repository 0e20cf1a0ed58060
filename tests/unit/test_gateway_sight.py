"""A door that nobody listens to: who may have passed meanwhile leaves the count in doubt."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from hardware.drivers.base import Signal
from hardware.gateway.zones import Zone
from hardware.rules.sight import Doubt, Unseen, doubt
from tests.gateway_rig import Rig

TOLERATED = 3


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    rig = Rig(tmp_path).start()
    rig.run(1)
    return rig


def room(rig: Rig) -> Zone:
    return rig.gateway.plant.zones["Z1"]


def restart(rig: Rig, seconds: float, *, shut: bool = True) -> None:
    """kill -9, and a new process after a while."""
    rig.crash()
    rig.time.advance(seconds)
    rig.start(shut=False)
    rig.contact(opened=not shut)
    rig.run(1)


def count(rig: Rig) -> None:
    rig.order("zone_forgive", "Z1", {"zone_version": room(rig).version})


def reasons(rig: Rig) -> list[str]:
    return [body["reason"] for body in rig.events("zone.uncertain")]


def test_a_gateway_that_was_down_does_not_know_who_is_inside(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    rig.run(5)
    restart(rig, 60)
    assert not room(rig).certain
    assert reasons(rig) == ["occupied"]
    assert rig.events("zone.uncertain")[0]["unseen_seconds"] == 60
    assert rig.events("zone.uncertain")[0]["portal"] == "D1"
    count(rig)
    rig.run(10)
    assert room(rig).certain


def test_an_empty_room_behind_a_shut_door_is_empty_still(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    rig.badge("ann", "R1X")
    rig.contact(opened=True)
    rig.contact(opened=False)
    rig.run(10)
    restart(rig, 8 * 3600)
    assert room(rig).certain
    assert reasons(rig) == []


def test_so_it_is_when_the_machine_was_switched_off_over_night(rig: Rig) -> None:
    rig.run(1)
    rig.gateway.stop()
    rig.time.monotonic_seconds = 3.0  # counts from another start of the machine
    rig.start()
    rig.run(1)
    assert room(rig).certain


def test_a_start_of_the_machine_is_no_short_time(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    rig.run(5)
    rig.gateway.stop()
    rig.time.monotonic_seconds = 3.0
    rig.start()
    assert not room(rig).certain
    assert rig.events("zone.uncertain")[0]["unseen_seconds"] is None


def test_a_short_blindness_is_tolerated_as_the_policy_says(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    rig.run(5)
    restart(rig, TOLERATED - 1)
    assert room(rig).certain


def test_a_door_that_is_found_open_was_opened_however_short_it_was(rig: Rig) -> None:
    restart(rig, 1, shut=False)
    assert not room(rig).certain
    assert reasons(rig) == ["found_open"]


def test_a_door_that_stood_open_when_the_gateway_died_let_anybody_in(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann", "R1X")
    rig.contact(opened=True)
    rig.run(15)
    restart(rig, 60)
    assert not room(rig).certain
    assert reasons(rig) == ["stood_open"]
    # Shut meanwhile: told once, or screens would show it as open for ever.
    assert len(rig.events("door.closed")) == 1
    restart(rig, 60)
    assert len(rig.events("door.closed")) == 1


def test_who_was_let_in_as_the_gateway_died_may_be_inside(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    restart(rig, 1)
    assert not room(rig).certain
    assert reasons(rig) == ["passage"]


def test_a_passage_that_ended_long_before_is_none(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    rig.run(20)  # she did not go in
    restart(rig, 600)
    assert room(rig).certain


def test_a_reader_with_the_contact_is_away_while_somebody_is_inside(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    rig.say("R1", Signal.OFFLINE, reason="no_answer")
    rig.run(0.1)
    assert not room(rig).certain  # it was silent for longer before it was called gone
    rig.say("R1", Signal.ONLINE, secure=True)
    rig.run(1)
    assert reasons(rig) == ["occupied"]


def test_a_count_while_the_door_is_away_holds_as_long_as_blindness_may(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    rig.say("R1", Signal.OFFLINE, reason="no_answer")
    rig.run(0.1)
    count(rig)
    rig.run(TOLERATED - 1)
    assert room(rig).certain
    rig.run(2)
    assert not room(rig).certain


def test_an_empty_room_is_not_doubted_for_a_reader_that_is_away(rig: Rig) -> None:
    rig.say("R1", Signal.OFFLINE, reason="no_answer")
    rig.run(600, step=10)
    assert room(rig).certain
    rig.say("R1", Signal.ONLINE, secure=True)
    rig.contact(opened=False)
    rig.run(1)
    assert room(rig).certain


def test_a_reader_that_the_gateway_began_anew_by_itself_was_away_for_a_moment(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    rig.say("R1", Signal.OFFLINE, reason="clock_jumped")
    rig.run(0.1)
    rig.say("R1", Signal.ONLINE, secure=True)
    rig.run(1)
    assert room(rig).certain


def test_whoever_is_on_the_way_as_the_reader_goes_may_be_through(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    rig.say("R1", Signal.OFFLINE, reason="clock_jumped")
    rig.run(0.1)
    assert reasons(rig) == ["passage"]


def test_a_process_that_stood_still_has_heard_nothing(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    rig.time.advance(30)
    rig.gateway.halted(rig.time.monotonic() - 30)
    rig.run(0.1)
    assert reasons(rig) == ["occupied"]


def test_no_sign_of_life_while_something_waits_for_the_disk(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    rig.run(5)
    rig.edge.limits(1, 0)  # a full disk, once a few pages are used
    while not rig.gateway.recorder.waiting:
        rig.badge("a stranger")
    rig.badge("ann", "R1X")
    rig.contact(opened=True)
    rig.contact(opened=False)
    rig.run(20)
    assert rig.gateway.recorder.waiting
    restart(rig, 0.0)
    assert not room(rig).certain  # she may have left, and so she has


def test_a_door_without_a_contact_is_blind_by_design(tmp_path: Path) -> None:
    portal = {"zone": "Z1", "pulse_tenths": 30, "held_seconds": 20, "contact": False}
    rig = Rig(tmp_path, records={("portal", "D1"): portal}).start(shut=False)
    rig.admit("ann")
    rig.badge("ann")
    rig.run(20)
    rig.crash()
    rig.time.advance(60)
    rig.start(shut=False)
    rig.run(1)
    assert list(room(rig).inside) == ["person-ann"]
    assert room(rig).certain


UNSEEN = [
    Unseen(*values)
    for values in product(
        (0.0, 2.9, 3.0, 3.1, 3600.0, float("inf")),
        (True, False),
        (True, False, None),
        (True, False, None),
        (True, False),
    )
]


@pytest.mark.parametrize("tolerated", [0, TOLERATED, 60])
def test_nothing_is_sure_that_was_not_proven(tolerated: int) -> None:
    """Certain beyond the tolerance: only an empty room, whose door was not seen open."""
    for unseen in UNSEEN:
        if doubt(unseen, tolerated) is None:
            assert not unseen.under_way
            assert unseen.seconds <= tolerated or unseen.quiet
            assert unseen.seconds <= tolerated or unseen.shut_before is not False
            assert not (unseen.shut_before and unseen.shut_after is False)


@pytest.mark.parametrize("tolerated", [0, TOLERATED, 60])
def test_a_longer_blindness_is_never_surer(tolerated: int) -> None:
    for unseen in UNSEEN:
        longer = replace(unseen, seconds=unseen.seconds + 10)
        if doubt(unseen, tolerated) is not None:
            assert isinstance(doubt(longer, tolerated), Doubt)
