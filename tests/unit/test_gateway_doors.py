"""What a door does: reads, PINs, pulses, openings, exits, alarms; and what it never does."""

from pathlib import Path

import pytest

from hardware.drivers.base import Signal
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
