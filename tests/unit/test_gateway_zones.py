"""Zones at the gateway: two at a door, reservations, interlocks, and the watch over who remains."""

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from access.rules import facts as f
from hardware.decider import Occupant
from hardware.gateway.zones import Zone
from tests.gateway_rig import START, number_of
from tests.zone_rig import PIN, ZoneRig


def rig_of(path: Path, *people: str, **values: Any) -> ZoneRig:
    rig = ZoneRig(path, **values).start()
    for name in people:
        rig.come(name)
    return rig


# Anti-passback and reservations


def test_two_doors_of_a_zone_let_one_person_in_once(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann")
    assert rig.show("ann", "D1") == "granted"
    assert rig.show("ann", "D2") == "refused"
    assert rig.codes() == ["entering_elsewhere"]
    rig.pass_through("D1")
    assert rig.show("ann", "D2") == "refused"
    assert rig.codes() == ["already_inside"]
    assert len(rig.events("presence.entered")) == 1


def test_who_did_not_go_through_may_ask_elsewhere_later(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann")
    rig.show("ann", "D1")
    rig.run(10, step=0.5)
    assert rig.show("ann", "D2") == "granted"


def test_a_pulse_that_was_not_sent_reserves_nothing(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann")
    rig.bus.online = False
    rig.show("ann", "D1")
    rig.bus.online = True
    assert rig.show("ann", "D2") == "granted"


def test_a_badge_shown_twice_before_the_door_opens_is_one_person(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann")
    assert [rig.show("ann"), rig.show("ann")] == ["granted", "granted"]
    rig.pass_through()
    assert len(rig.events("presence.entered")) == 1


def test_the_last_place_is_given_once(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann", "bob")
    rig.rule(capacity=1)
    assert rig.show("ann", "D1") == "granted"
    assert rig.show("bob", "D2") == "refused"
    assert rig.codes() == ["capacity_reached"]


def test_a_door_taken_out_of_service_reserves_nothing(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann")
    rig.show("ann", "D1")
    rig.tell("portal", "D1", None)
    rig.run(0.1)
    assert rig.show("ann", "D2") == "granted"


def test_soft_anti_passback_admits_flags_and_counts_once(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann", zone_order={"anti_passback": "soft"})
    rig.enter("ann")
    assert rig.show("ann", "D2") == "granted"
    assert rig.last("door.read")["obligations"] == ["flag_passback"]
    rig.pass_through("D2")
    assert rig.inside == ["ann"]


def test_a_restart_keeps_who_is_inside_and_on_which_basis(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann")
    rig.come("dan", f.InspectionBasis, escort="person-ann")
    rig.enter("ann")
    rig.enter("dan")
    before = dict(rig.zone.inside)
    assert before["person-dan"].escort == "person-ann"
    assert before["person-dan"].basis == "inspection"
    rig.crash()
    rig.start()
    assert rig.zone.inside == before


# Two persons


def paired(path: Path, *people: str, **values: Any) -> ZoneRig:
    rig = rig_of(path, *people, **values)
    rig.rule(two_person=True)
    return rig


def test_two_enter_on_one_pulse(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob")
    assert rig.show("ann") == "pending"
    assert rig.bus.pulses == []
    assert rig.show("bob") == "granted"
    assert len(rig.bus.pulses) == 1
    waited, first, second = rig.events("door.read")
    assert (waited["awaits"], first["continues"]) == ("second_person", waited["read_id"])
    assert [first["outcome"], second["outcome"]] == ["granted", "granted"]
    assert [first["person_id"], second["person_id"]] == ["person-ann", "person-bob"]
    (command,) = rig.events("door.command")
    assert command["read_ids"] == [first["read_id"], second["read_id"]]
    rig.pass_through()
    assert rig.inside == ["ann", "bob"]
    (opened,) = rig.events("door.opened")
    assert opened["read_ids"] == command["read_ids"]
    assert [e["read_id"] for e in rig.events("presence.entered")] == command["read_ids"]
    assert not rig.events("zone.concern")


def test_an_opening_names_the_reads_that_had_not_opened_yet(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob")
    rig.show("ann")
    rig.show("bob")
    rig.pass_through()
    rig.leave("bob")
    first, second = rig.events("door.opened")
    assert len(first["read_ids"]) == 2
    assert second["read_ids"] == [second["read_id"]]
    assert second["read_id"] not in first["read_ids"]


def test_the_same_badge_twice_is_no_second_person(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann")
    assert [rig.show("ann"), rig.show("ann")] == ["pending", "pending"]
    assert rig.bus.pulses == []


def test_a_second_person_at_another_door_is_none(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob")
    assert [rig.show("ann", "D1"), rig.show("bob", "D2")] == ["pending", "pending"]


def test_the_first_waits_no_longer_than_the_policy_says(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob", values={"second_person_seconds": 10})
    rig.show("ann")
    rig.run(11, step=0.5)
    assert rig.last("door.read")["outcome"] == "refused"
    assert rig.codes() == ["no_second_person"]
    assert rig.bus.shown[-1] == "refused"
    assert rig.show("bob") == "pending"


def test_a_first_whose_entry_was_withdrawn_meanwhile_takes_nobody_in(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob")
    rig.show("ann")
    rig.withdraw("ann")
    assert rig.show("bob") == "pending"
    refused, waits = rig.events("door.read")[-2:]
    assert (refused["person_id"], refused["outcome"]) == ("person-ann", "refused")
    assert (waits["person_id"], waits["awaits"]) == ("person-bob", "second_person")
    assert rig.bus.pulses == []


def test_a_stranger_between_the_two_changes_nothing(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob")
    rig.show("ann")
    assert rig.show("nobody") == "refused"
    assert rig.show("bob") == "granted"


def test_both_type_their_pins(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob", doors={"D1": {"pin": True}})
    rig.show("ann")
    rig.keys("0000#")
    assert rig.last("door.read")["outcome"] == "refused"
    for name, outcome in (("ann", "pending"), ("bob", "granted")):
        rig.show(name)
        rig.keys(f"{PIN}#")
        assert rig.last("door.read")["outcome"] == outcome
    # Digests aside, in which any four digits may stand.
    told = re.sub(r"[0-9a-f]{16,}", "", "".join(entry.body for entry in rig.entries()))
    assert PIN not in told


def test_a_responder_passes_by_and_the_first_waits_on(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob")
    rig.come("fire", f.EmergencyBasis)
    rig.show("ann")
    assert rig.show("fire") == "granted"
    assert "read_ids" not in rig.last("door.command")
    rig.pass_through()
    assert rig.inside == ["fire"]
    assert rig.show("bob") == "granted"


def test_a_full_disk_takes_neither_of_two_in(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob", values={"edge_capacity_mb": 1, "edge_reserve_mb": 2})
    rig.show("ann")
    rig.show("bob")
    assert rig.bus.pulses == []
    assert [read["outcome"] for read in rig.events("door.read")] == [
        "pending",
        "refused",
        "refused",
    ]


def test_one_left_alone_is_an_alarm_that_gets_graver_and_may_be_mended(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob", "cy", values={"two_person_grace": 30})
    rig.enter("ann", "bob")
    assert rig.show("ann", out=True) == "granted"
    assert rig.last("door.read")["obligations"] == ["two_person_broken"]
    assert not rig.events("zone.concern")
    rig.pass_through()
    (concern,) = rig.events("zone.concern")
    assert (concern["concern"], concern["people"]) == ("two_person_broken", ["person-bob"])
    assert not rig.events("zone.overdue")
    rig.run(31, step=1)
    assert len(rig.events("zone.overdue")) == 1
    assert rig.show("cy") == "granted"
    rig.pass_through()
    (mended,) = rig.events("zone.mended")
    assert mended["concern"] == "two_person_broken"
    assert rig.inside == ["bob", "cy"]


def test_who_is_on_the_way_out_is_no_companion(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob", "cy")
    rig.enter("ann", "bob")
    rig.leave("ann")
    rig.show("bob", out=True)
    assert rig.show("cy", "D2") == "pending"


def test_a_concern_is_told_once_over_a_restart(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob")
    rig.enter("ann", "bob")
    rig.leave("ann")
    rig.crash()
    rig.start()
    rig.run(1)
    assert len(rig.events("zone.concern")) == 1
    assert rig.gateway.state()["zones"]["Z1"]["concerns"] == ["two_person_broken"]


# First person, least number, escorts


def test_nobody_enters_before_one_who_opens_the_zone(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann", zone_order={"first_person_in": True})
    rig.come("ivy", f.InspectionBasis)
    assert rig.show("ivy") == "refused"
    assert rig.codes() == ["awaits_first_person"]
    assert rig.show("ann", "D2") == "granted"
    assert rig.show("ivy") == "refused", "on the way in is not inside"
    rig.pass_through("D2")
    assert rig.show("ivy") == "granted"


def test_fewer_than_the_least_is_an_alarm_once_somebody_left(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann", "bob", zone_order={"minimum": 2})
    rig.enter("ann")
    rig.enter("bob")
    assert not rig.events("zone.concern")
    rig.leave("ann")
    assert rig.last("zone.concern")["concern"] == "below_minimum"
    rig.leave("bob")
    assert rig.last("zone.mended")["concern"] == "below_minimum"


def test_an_escort_that_leaves_names_whom_to_bring_out(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann")
    rig.come("guest", f.InspectionBasis, escort="person-ann")
    assert rig.show("guest") == "refused"
    rig.enter("ann")
    rig.enter("guest")
    assert rig.show("ann", out=True) == "granted"
    assert rig.last("door.read")["obligations"] == ["escort_lost"]
    rig.pass_through()
    concern = rig.last("zone.concern")
    assert (concern["concern"], concern["people"]) == ("escort_lost", ["person-guest"])
    rig.leave("guest")
    assert rig.last("zone.mended")["concern"] == "escort_lost"


def test_an_escort_takes_no_more_than_the_policy_allows(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann", values={"escort_ratio": 1})
    for name in ("gil", "gus"):
        rig.come(name, f.InspectionBasis, escort="person-ann")
    rig.enter("ann")
    assert rig.show("gil", "D1") == "granted"
    assert rig.show("gus", "D2") == "refused"
    assert rig.codes() == ["escort_ratio"]


# Interlock

MANTRAP = {"D1": {"interlock": "trap"}, "D2": {"interlock": "trap", "zone": "Z2"}}


def test_one_door_of_an_interlock_at_a_time(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann", "bob", doors=MANTRAP)
    assert rig.show("ann", "D1") == "granted"
    assert rig.show("bob", "D2") == "refused", "a passage is under way"
    rig.leaf("D1", opened=True)
    assert rig.show("bob", "D2") == "refused", "it stands open"
    assert rig.codes() == ["interlock_not_shut"]
    rig.leaf("D1", opened=False)
    rig.run(6, step=0.5)
    assert rig.show("bob", "D2") == "granted"


def test_a_door_whose_contact_is_silent_holds_the_others(tmp_path: Path) -> None:
    rig = ZoneRig(tmp_path, doors=MANTRAP).start(shut=False)
    rig.come("ann")
    rig.leaf("D1", opened=False)
    assert rig.show("ann", "D1") == "refused"
    assert "D2 (unknown)" in rig.last("door.read")["objections"][0]["message"]
    rig.leaf("D2", opened=False)
    assert rig.show("ann", "D1") == "granted"


def test_the_way_out_of_an_interlock_is_granted_and_noted(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann", doors=MANTRAP)
    rig.enter("ann", door="D2")
    rig.leaf("D1", opened=True)
    before = len(rig.bus.pulses)
    assert rig.show("ann", "D2", out=True) == "granted"
    assert rig.last("door.read")["obligations"] == ["interlock_not_shut"]
    assert len(rig.bus.pulses) == before + 1


def test_an_interlock_may_be_given_up_while_the_doors_work(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ann", doors=MANTRAP)
    rig.leaf("D2", opened=True)
    assert rig.show("ann", "D1") == "refused"
    rig.tell("portal", "D1", {**rig.records["portal", "D1"], "interlock": ""})
    rig.run(0.1)
    assert rig.show("ann", "D1") == "granted"


@pytest.mark.parametrize("missing", ["zone", "area", "policy"])
def test_without_its_records_a_zone_raises_nothing_and_admits_nobody(
    tmp_path: Path, missing: str
) -> None:
    rig = paired(tmp_path, "ann", "bob")
    rig.enter("ann", "bob")
    key = {"zone": "Z1", "area": "area-1", "policy": "current"}[missing]
    rig.tell(missing, key, None)
    assert rig.show("ann", out=True) == "granted"
    rig.pass_through()
    assert not rig.events("zone.concern")
    assert rig.show("ann") == "refused"


def test_a_zone_kept_before_bases_were_keeps_its_people() -> None:
    zone = Zone("Z1", {"version": 3, "inside": {"person-ann": "2026-03-02T09:00:00+00:00"}})
    assert zone.inside == {"person-ann": Occupant(START)}
    assert Zone("Z1", zone.state().value).inside == zone.inside


def test_two_zones_of_an_interlock_decide_at_once_and_neither_waits_for_ever(
    tmp_path: Path,
) -> None:
    rig = rig_of(tmp_path, "ann", "bob", doors=MANTRAP)

    def show(door: str, reader: str, name: str) -> None:
        for _ in range(40):
            rig.gateway.plant.portals[door].card(reader, number_of(name))

    turns = [
        threading.Thread(target=show, args=turn, daemon=True)
        for turn in (("D1", "R1", "ann"), ("D2", "R2", "bob"), ("D2", "R2X", "bob"))
    ]
    for turn in turns:
        turn.start()
    for turn in turns:
        turn.join(60)
    assert not any(turn.is_alive() for turn in turns)
    ways_in = [read for read in rig.events("door.read") if read["direction"] == "in"]
    granted = {read["portal"] for read in ways_in if read["outcome"] == "granted"}
    assert len(ways_in) == 80
    assert len(granted) <= 1, "both doors of the interlock"


def test_who_went_in_elsewhere_waits_nowhere_any_more(tmp_path: Path) -> None:
    rig = paired(tmp_path, "ann", "bob", "cy", zone_order={"anti_passback": "soft"})
    assert [rig.show("ann", "D2"), rig.show("ann", "D1")] == ["pending", "pending"]
    rig.enter("bob", door="D1")
    assert rig.inside == ["ann", "bob"]
    assert rig.show("cy", "D2") == "granted"
    assert "read_ids" not in rig.last("door.command")
    assert rig.last("door.read")["person_id"] == "person-cy"
