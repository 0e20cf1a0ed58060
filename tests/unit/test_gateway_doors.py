"""What a door does: reads, PINs, pulses, openings, exits, alarms; and what it never does."""

import json
from pathlib import Path

import pytest

from hardware.drivers.base import Signal
from hardware.gateway.edge_journal import moment
from tests.gateway_rig import Rig, credential_of, number_of


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path).start()


def test_a_badge_read_leaves_five_facts_and_a_presence(rig: Rig) -> None:
    person = rig.admit("ann")
    rig.badge("ann")
    rig.contact(opened=True)
    rig.contact(opened=False)
    rig.say("R1", Signal.OUTPUT, number=0, active=False)
    rig.run()
    assert rig.kinds("door", "presence") == [
        "door.read",
        "door.command",
        "door.acknowledged",
        "door.opened",
        "presence.entered",
        "door.closed",
        "door.relocked",
    ]
    (read,) = rig.events("door.read")
    assert read["outcome"] == "granted"
    assert read["credential"] == credential_of("ann")
    assert read["person_id"] == person
    assert read["snapshot_version"] == rig.snapshot.version
    assert read["stale"] is False
    (entered,) = rig.events("presence.entered")
    assert (entered["person_id"], entered["zone"]) == (person, "Z1")
    assert entered["zone_version"] == 1
    (relocked,) = rig.events("door.relocked")
    assert relocked["confirmed"] is True
    (pulse,) = rig.bus.pulses
    assert dict(pulse.args) == {"output": 0, "tenths": 30}
    assert rig.bus.shown == ["granted"]


def test_the_intent_is_durable_before_the_wire(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    rig.admit("ann")
    rig.bus.online = False
    rig.badge("ann")
    assert rig.kinds("door") == ["door.read", "door.command"]
    (failed,) = rig.events("command.failed")
    assert failed["reason"] == "offline"
    assert rig.bus.pulses == []


def test_an_unknown_badge_is_written_down_and_refused(rig: Rig) -> None:
    rig.badge("nobody")
    (read,) = rig.events("door.read")
    assert (read["outcome"], read["credential"]) == ("refused", credential_of("nobody"))
    assert rig.bus.pulses == []
    assert rig.bus.shown == ["refused"]


def test_the_card_number_and_the_pin_are_written_nowhere(rig: Rig) -> None:
    rig.admit("ann", pin="8642975")
    rig.walk_in("ann", "8642975")
    written = "".join(entry.body for entry in rig.entries())
    assert number_of("ann").hex() not in written
    assert "8642975" not in written


def test_without_a_contact_presence_follows_from_the_acknowledged_grant(tmp_path: Path) -> None:
    portal = {"zone": "Z1", "pulse_tenths": 30, "held_seconds": 20, "contact": False}
    rig = Rig(tmp_path, records={("portal", "D1"): portal}).start()
    rig.admit("ann")
    rig.bus.answers = False
    rig.badge("ann")
    assert not rig.events("presence.entered")
    rig.say("R1", Signal.DELIVERED, rig.bus.pulses[0].command_id)
    rig.run()
    assert len(rig.events("presence.entered")) == 1


def test_who_does_not_open_the_door_is_not_inside(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    rig.run(10)
    assert not rig.events("presence.entered")
    (relocked,) = rig.events("door.relocked")
    assert relocked["confirmed"] is False  # no report of the output, only its timer
    rig.badge("ann")
    assert [read["outcome"] for read in rig.events("door.read")] == ["granted", "granted"]


def test_a_repeated_acknowledgement_changes_nothing(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    command_id = rig.bus.pulses[0].command_id
    for _ in range(2):
        rig.say("R1", Signal.DELIVERED, command_id)
        rig.contact(opened=True)
    assert len(rig.events("door.acknowledged")) == 1
    assert len(rig.events("presence.entered")) == 1


def test_a_door_that_opens_twice_in_one_pulse_lets_one_person_in_once(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    for opened in (True, False, True, False):
        rig.contact(opened=opened)
        rig.run(0.5)
    assert len(rig.events("door.opened")) == 2
    assert len(rig.events("presence.entered")) == 1
    assert rig.gateway.plant.zones["Z1"].certain is False  # it was for somebody, and not for her


def test_whoever_leaves_by_the_handle_just_after_an_entry_is_not_overlooked(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    for opened in (True, False):
        rig.contact(opened=opened)
    assert rig.gateway.plant.zones["Z1"].certain is True
    rig.rex(active=True)
    rig.contact(opened=True)
    assert rig.gateway.plant.zones["Z1"].certain is False


# PIN


def test_badge_then_pin(rig: Rig) -> None:
    rig.admit("ann", pin="1234")
    rig.badge("ann")
    assert rig.bus.shown == ["pending"]
    rig.keys("99*12")
    rig.keys("34#")
    first, second = rig.events("door.read")
    assert (first["outcome"], first["awaits"]) == ("pending", "pin")
    assert (second["outcome"], second["continues"]) == ("granted", first["read_id"])
    assert first["read_id"] != second["read_id"]
    assert len(rig.bus.pulses) == 1


def test_a_pin_without_a_badge_means_nothing(rig: Rig) -> None:
    rig.admit("ann", pin="1234")
    rig.keys("1234#")
    assert not rig.events("door.read")


def test_a_pin_that_does_not_come_in_time_is_a_refused_read(rig: Rig) -> None:
    rig.admit("ann", pin="1234")
    rig.badge("ann")
    rig.run(16)
    rig.keys("1234#")
    assert [read["outcome"] for read in rig.events("door.read")] == ["pending", "refused"]
    refused = rig.events("door.read")[1]
    assert refused["objections"][0]["code"] == "pin_timeout"
    # Nobody typed, but whose badge it was is known.
    assert refused["person_id"] == rig.events("door.read")[0]["person_id"] is not None
    assert rig.bus.pulses == []


def test_another_badge_ends_the_wait_for_the_first_ones_pin(rig: Rig) -> None:
    rig.admit("ann", pin="1234")
    rig.admit("bob", pin="5678")
    rig.badge("ann")
    rig.badge("bob")
    rig.keys("1234#")
    assert [read["outcome"] for read in rig.events("door.read")] == [
        "pending",
        "refused",
        "pending",
        "refused",
    ]
    assert rig.bus.pulses == []


def test_a_pin_longer_than_allowed_is_a_wrong_one(rig: Rig) -> None:
    rig.admit("ann", pin="123456789012")
    rig.badge("ann")
    rig.keys("1234567890129#")
    assert rig.bus.pulses == []


def test_wrong_pins_lock_the_badge_out_restarts_included(tmp_path: Path) -> None:
    rig = Rig(tmp_path, policy={"pin_max_failures": 3, "pin_lockout_seconds": 60}).start()
    rig.admit("ann", pin="1234")
    for _ in range(3):
        rig.badge("ann")
        rig.keys("0000#")
    rig.crash()
    rig.start()
    rig.admit("ann", pin="1234")
    rig.badge("ann")
    rig.keys("1234#")
    codes = [o["code"] for o in rig.events("door.read")[-1]["objections"]]
    assert codes == ["pin_locked"]
    assert rig.bus.pulses == []
    rig.run(61, step=5)
    rig.badge("ann")
    rig.keys("1234#")
    assert len(rig.bus.pulses) == 1


# Leaving


@pytest.mark.parametrize("trouble", ["none", "unknown badge", "decider broken", "no snapshot"])
def test_leaving_is_never_refused(tmp_path: Path, trouble: str) -> None:
    rig = Rig(tmp_path).start()
    person = rig.admit("ann")
    rig.walk_in("ann")
    before = len(rig.bus.pulses)
    if trouble == "decider broken":
        rig.decider.breaks = True
    if trouble == "no snapshot":
        rig.tell("credential", credential_of("ann"), None)
    rig.badge("nobody" if trouble == "unknown badge" else "ann", "R1X")
    rig.contact(opened=True)
    assert len(rig.bus.pulses) == before + 1
    read = rig.events("door.read")[-1]
    assert (read["outcome"], read["direction"]) == ("granted", "out")
    assert bool(read["objections"]) == (trouble != "none")
    left = [body["person_id"] for body in rig.events("presence.left")]
    assert left == ([person] if trouble == "none" else [])
    assert rig.gateway.plant.zones["Z1"].certain == (trouble == "none")
    assert rig.events("door.opened")[-1]["cause"] == "exit"


def test_a_full_edge_journal_grants_nothing_and_lets_everybody_out(tmp_path: Path) -> None:
    rig = Rig(tmp_path, policy={"edge_capacity_mb": 1, "edge_reserve_mb": 2}).start()
    rig.admit("ann")
    rig.badge("ann")
    assert rig.events("door.read")[-1]["outcome"] == "refused"
    assert rig.events("door.read")[-1]["objections"][-1]["code"] == "journal_unavailable"
    assert rig.bus.pulses == []
    rig.badge("ann", "R1X")
    assert len(rig.bus.pulses) == 1
    rig.tell("policy", "current", {"values": {"edge_capacity_mb": 100, "edge_reserve_mb": 1}})
    rig.badge("ann")
    assert len(rig.bus.pulses) == 2


def test_whoever_leaves_by_the_handle_forces_nothing_but_the_count_is_uncertain(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    pulses = len(rig.bus.pulses)
    rig.rex(active=True)
    rig.rex(active=False)
    rig.run(1)
    rig.contact(opened=True)
    assert rig.events("door.opened")[-1]["cause"] == "rex"
    assert not rig.events("door.forced")
    assert rig.gateway.plant.zones["Z1"].certain is False
    assert len(rig.bus.pulses) == pulses


def test_a_door_whose_outer_side_must_be_free_is_pulsed_by_the_handle(tmp_path: Path) -> None:
    portal = {"zone": "Z1", "pulse_tenths": 30, "held_seconds": 20, "rex_unlocks": True}
    rig = Rig(tmp_path, records={("portal", "D1"): portal}).start()
    rig.rex(active=True)
    rig.rex(active=False)
    assert len(rig.bus.pulses) == 1
    assert rig.events("door.command")[0]["cause"] == "rex"


# Alarms


def test_a_door_opened_by_nobody_is_forced(rig: Rig) -> None:
    rig.admit("ann")
    rig.badge("ann")
    rig.run(10)
    opened_at = rig.time.wall
    rig.force()
    assert rig.kinds("door")[-1] == "door.forced"
    assert rig.entries()[-1].occurred_at == moment(opened_at)
    assert rig.gateway.plant.zones["Z1"].certain is False


def test_a_handle_reported_after_its_opening_still_explains_it(rig: Rig) -> None:
    """One report of a device may tell of contact and handle together, the contact first."""
    rig.say("R1", Signal.INPUT, number=0, active=True)
    rig.say("R1", Signal.INPUT, number=1, active=True)
    rig.run(2)
    assert not rig.events("door.forced")
    assert rig.events("door.opened")[-1]["cause"] == "rex"


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


# Uncertainty


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
