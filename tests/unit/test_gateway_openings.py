"""What the gateway makes of a door that opens: forced, held, bounced, explained by its handle."""

from pathlib import Path

import pytest

from hardware.drivers.base import Signal
from hardware.gateway.edge_journal import moment
from tests.gateway_rig import INSTALLED, Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path).start()


def test_a_door_opened_by_nobody_is_forced(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    rig.run(10)
    opened_at = rig.time.wall
    rig.force()
    assert rig.kinds("door")[-1] == "door.forced"
    forced = [each for each in rig.entries() if each.kind == "door.forced"]
    assert forced[-1].occurred_at == moment(opened_at)
    assert [each["reason"] for each in rig.events("zone.uncertain")] == ["forced"]
    assert rig.gateway.plant.zones["Z1"].certain is False


def test_a_door_opened_from_inside_without_a_badge_asks_for_a_count(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    rig.contact(opened=True)
    rig.run(1)
    rig.contact(opened=False)
    rig.run(10)
    assert not rig.events("zone.uncertain")
    for _ in range(2):  # told once for a doubt
        rig.rex(active=True)
        rig.contact(opened=True)
        rig.rex(active=False)
        rig.run(1)
        rig.contact(opened=False)
        rig.run(10)
    (told,) = rig.events("zone.uncertain")
    assert (told["zone"], told["portal"], told["reason"]) == ("Z1", "D1", "unread")
    assert rig.gateway.plant.zones["Z1"].certain is False


def test_a_handle_reported_after_its_opening_still_explains_it(rig: Rig) -> None:
    """One report of a device may tell of contact and handle together, the contact first."""
    rig.say("R1", Signal.INPUT, number=0, active=True)
    rig.say("R1", Signal.INPUT, number=1, active=True)
    rig.run(2)
    assert not rig.events("door.forced")
    assert rig.events("door.opened")[-1]["cause"] == "rex"


@pytest.mark.parametrize(("late", "forced"), [(10, 0), (3, 1)])
def test_how_late_a_handle_may_be_reported_is_the_policys(rig: Rig, late: int, forced: int) -> None:
    rig.tell("policy", "current", {"values": {"rex_late_tenths": late}})
    rig.contact(opened=True)
    rig.run(0.6)
    rig.rex(active=True)
    rig.run(2)
    assert len(rig.events("door.forced")) == forced


def test_a_report_that_nobody_presses_the_handle_explains_no_opening(rig: Rig) -> None:
    rig.rex(active=False)
    rig.force()
    assert len(rig.events("door.forced")) == 1


def test_a_badge_after_the_door_was_forced_does_not_explain_it(rig: Rig) -> None:
    rig.admit("ann")
    rig.contact(opened=True)
    rig.badge("ann")
    rig.run(1)
    assert len(rig.events("door.forced")) == 1


def test_a_door_forced_and_shut_at_once_was_forced(rig: Rig) -> None:
    rig.contact(opened=True)
    rig.run(0.1)
    rig.contact(opened=False)
    assert rig.kinds("door") == ["door.forced", "door.closed"]


def test_a_contact_that_bounces_casts_no_doubt(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    for opened in (True, False, True, False, True):
        rig.contact(opened=opened)  # within one movement of the leaf
        rig.time.advance(0.005)
    rig.run(1)
    for opened in (False, True, False, True, False):
        rig.contact(opened=opened)
        rig.time.advance(0.005)
    rig.run(1)
    assert rig.gateway.plant.zones["Z1"].certain
    assert len(rig.events("presence.entered")) == 1
    assert rig.kinds("door")[-1] in {"door.closed", "door.relocked"}
    assert not rig.events("door.forced")
    assert rig.gateway.state()["doors"]["D1"] == "shut"


def test_a_single_bounce_of_a_door_that_stays_shut_is_no_break_in(rig: Rig) -> None:
    rig.contact(opened=True)
    rig.time.advance(0.02)
    rig.contact(opened=False)
    rig.run(2)
    assert rig.kinds("door") == []


def test_a_contact_that_flutters_without_end_is_a_door_forced(rig: Rig) -> None:
    for _ in range(20):
        rig.contact(opened=True)
        rig.time.advance(0.02)
        rig.contact(opened=False)
        rig.time.advance(0.02)
    rig.run(1)
    assert len(rig.events("door.forced")) == 1
    assert not rig.gateway.plant.zones["Z1"].certain
    assert rig.gateway.state()["doors"]["D1"] == "shut"


def test_a_door_caught_before_it_latched_was_opened_anew(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    rig.contact(opened=True)
    rig.run(1)
    rig.contact(opened=False)
    rig.time.advance(0.02)
    rig.contact(opened=True)  # and so it stays: somebody follows
    rig.run(1)
    assert not rig.gateway.plant.zones["Z1"].certain


def test_a_door_that_stands_open_too_long_is_held(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    rig.contact(opened=True)
    rig.run(19, step=1)
    assert not rig.events("door.held")
    rig.run(30, step=1)
    assert len(rig.events("door.held")) == 1
    rig.contact(opened=False)
    assert rig.kinds("door")[-1] == "door.closed"


def test_a_door_forced_while_its_wire_was_cut_shows_when_the_wire_is_back(rig: Rig) -> None:
    rig.say("R1", Signal.OFFLINE, reason="silent")
    rig.run(2)
    rig.say("R1", Signal.ONLINE, secure=True)
    rig.force()
    assert len(rig.events("door.forced")) == 1


def test_after_a_cut_wire_presence_follows_from_the_opening_again(rig: Rig) -> None:
    rig.admit("ann")
    rig.say("R1", Signal.OFFLINE, reason="silent")
    rig.run(2)
    rig.say("R1", Signal.ONLINE, secure=True)
    rig.badge("ann")
    assert rig.events("door.acknowledged")
    assert not rig.events("presence.entered")
    rig.contact(opened=True)
    assert rig.events("presence.entered")


def test_a_handle_whose_wire_was_cut_while_pressed_does_not_excuse_for_ever(rig: Rig) -> None:
    rig.rex(active=True)
    rig.say("R1", Signal.OFFLINE, reason="silent")
    rig.run(10)
    rig.say("R1", Signal.ONLINE, secure=True)
    rig.force()
    assert len(rig.events("door.forced")) == 1


def test_a_door_found_open_at_the_start_is_opened_for_an_unknown_cause(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start(shut=False)
    rig.contact(opened=True)
    assert rig.events("door.opened")[-1]["cause"] == "unknown"


def leave_by_the_handle(rig: Rig) -> None:
    """Press, open, let go, shut: within two seconds."""
    rig.rex(active=True)
    rig.contact(opened=True)
    rig.run(1)
    rig.rex(active=False)
    rig.run(0.5)
    rig.contact(opened=False)


def test_a_door_forced_soon_after_somebody_left_is_forced(rig: Rig) -> None:
    leave_by_the_handle(rig)
    rig.run(1.5)
    rig.force()
    assert len(rig.events("door.forced")) == 1
    assert rig.gateway.plant.zones["Z1"].certain is False


def test_a_request_made_beside_an_open_door_explains_no_later_opening(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann", "R1X")
    rig.contact(opened=True)
    rig.rex(active=True)  # reported after the opening that a badge explains
    rig.run(0.5)
    rig.rex(active=False)
    rig.contact(opened=False)
    rig.say("R1", Signal.OUTPUT, number=0, active=False)
    rig.run(1)
    rig.force()
    assert len(rig.events("door.forced")) == 1


def test_each_who_presses_the_handle_leaves_by_it(rig: Rig) -> None:
    for _ in range(3):
        leave_by_the_handle(rig)
        rig.run(0.5)
    assert not rig.events("door.forced")
    assert [body["cause"] for body in rig.events("door.opened")] == ["rex"] * 3


def test_a_report_said_twice_is_one_request(rig: Rig) -> None:
    for active in (True, True):
        rig.rex(active=active)
    rig.contact(opened=True)
    rig.rex(active=True)
    rig.run(1)
    for active in (False, False):
        rig.rex(active=active)
    rig.contact(opened=False)
    rig.rex(active=False)
    rig.run(1)
    rig.force()
    assert len(rig.events("door.forced")) == 1


def test_a_handle_held_down_while_the_door_shuts_lets_out_again(rig: Rig) -> None:
    rig.rex(active=True)
    rig.contact(opened=True)
    rig.run(1)
    rig.contact(opened=False)
    rig.run(1)
    rig.contact(opened=True)
    rig.run(1)
    assert not rig.events("door.forced")


def test_a_door_caught_behind_somebody_who_left_is_in_doubt_and_not_forced(rig: Rig) -> None:
    rig.rex(active=True)
    rig.contact(opened=True)
    rig.rex(active=False)
    rig.run(6)
    rig.contact(opened=False)
    rig.time.advance(0.02)
    rig.contact(opened=True)  # and so it stays
    rig.run(2)
    assert not rig.events("door.forced")
    assert rig.events("door.opened")[-1]["cause"] == "caught"
    assert rig.gateway.plant.zones["Z1"].certain is False


def test_a_door_that_bounces_behind_somebody_who_left_casts_no_doubt(rig: Rig) -> None:
    rig.rex(active=True)
    rig.contact(opened=True)
    rig.rex(active=False)
    rig.run(1)
    for opened in (False, True, False, True, False):
        rig.contact(opened=opened)
        rig.time.advance(0.005)
    rig.run(2)
    assert rig.gateway.plant.zones["Z1"].certain
    assert not rig.events("door.forced")
    assert len(rig.events("door.opened")) == 1


@pytest.mark.parametrize("locked", [False, True])
def test_a_strike_that_a_request_freed_explains_until_it_holds(
    tmp_path: Path, *, locked: bool
) -> None:
    portal = {**INSTALLED["portal", "D1"], "rex_unlocks": True}
    rig = Rig(tmp_path, records={("portal", "D1"): portal}).start()
    leave_by_the_handle(rig)
    rig.run(0.5)
    if locked:
        rig.say("R1", Signal.OUTPUT, number=0, active=False)
        rig.run()
    rig.force()
    assert len(rig.events("door.forced")) == int(locked)
    assert rig.gateway.plant.zones["Z1"].certain is False


@pytest.mark.parametrize("reader", ["R1", "R1X"])
def test_a_badge_explains_one_opening_once_the_strike_holds(rig: Rig, reader: str) -> None:
    rig.admit("ann")
    rig.badge("ann", reader)
    rig.contact(opened=True)
    rig.run(1)
    rig.contact(opened=False)
    rig.run(0.5)
    rig.say("R1", Signal.OUTPUT, number=0, active=False)
    rig.run(0.5)
    rig.force()
    assert len(rig.events("door.forced")) == 1
