"""The offline contract holds: each declared row is proven by a door that is cut off."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from access.decider import AccessDecider
from access.rules import facts as f
from access.rules.decision import decide
from access.rules.entry import GROUND, OBLIGATIONS, RULES
from access.rules.labels import Label
from access.rules.offline import CONTRACTS, Offline
from access.rules.pin import pin_verifier
from access.rules.rule import STAGES_OF_BASIS, GroundRule, Rule
from access.rules.snapshot import (
    area_payload,
    credential_payload,
    entry_payload,
    person_payload,
    policy_payload,
)
from hardware.decider import Outcome
from hardware.drivers.base import BUS_ANEW, Signal
from hardware.models.gateway import DeviceKind
from hardware.rules.gone import GONE
from inspections.rules.states import AccreditationState
from tests.gateway_rig import INSTALLED, Rig
from tests.unit import decision_facts as v
from tests.unit.decision_broken import BROKEN
from tests.unit.decision_broken.row import policy_with
from tests.unit.decision_facts import Change, both, change, eligibility, fact, within
from tests.unit.decision_snapshot import CARD, KEY, PIN, PORTAL, Records, read, zone
from tests.zone_record import zone_record

DOOR = f.Stage.DOOR
BASIS = f.BasisKind
RULE: dict[str, GroundRule | Rule] = {
    **{each.name: each for each in GROUND},
    **{each.name: each for each in RULES},
}
DUTY = {each.name: each for each in OBLIGATIONS}
NAMES = [*RULE, *DUTY]
LONG_AGO = v.NOW - 10 * v.DAY
# Nothing was heard for ten days, and the area decides all the same.
CUT_OFF: Change = both(fact(heard_at=LONG_AGO), change("area", offline_rule=f.OfflineRule.ENFORCE))
DECLARE = "say in access/rules/offline.py what becomes of these at a door that is cut off: "


def named(*kinds: Offline) -> list[str]:
    return [name for name in NAMES if name in CONTRACTS and CONTRACTS[name].offline in kinds]


def test_every_rule_and_obligation_declares_what_it_does_offline() -> None:
    undeclared = [name for name in NAMES if name not in CONTRACTS]
    assert not undeclared, DECLARE + ", ".join(undeclared)
    assert not [name for name in CONTRACTS if name not in NAMES], "of rules that are no more"


@pytest.mark.parametrize("kind", list(BASIS))
def test_being_cut_off_alone_stops_nobody_where_the_area_enforces(kind: f.BasisKind) -> None:
    assert decide(CUT_OFF(v.valid(kind)), DOOR).outcome is Outcome.GRANTED


@pytest.mark.parametrize("name", [n for n in named(*Offline) if n in RULE])
def test_what_is_asked_at_a_door_is_asked_in_full_when_cut_off(name: str) -> None:
    """Local, enforced and expiring rules object to the same broken facts as ever."""
    offline = CONTRACTS[name].offline
    if offline in {Offline.CENTRE, Offline.AREA}:
        return  # proven below
    rows = [row for row in BROKEN if row[0] == name]
    assert rows, f"give {name} its broken fact in tests/unit/test_decision_rules.py"
    objected = [
        (name, code)
        in {
            (each.rule, each.code)
            for each in decide(broken(CUT_OFF(v.valid(kind))), DOOR).objections
        }
        for _, kind, stage, broken, code in rows
        if stage is DOOR or not any(row[2] is DOOR for row in rows)
    ]
    assert objected
    assert all(objected)


# What ends by itself: the basis, the facts as they are told, and how long after NOW it has ended.
H, DAY = v.HOUR, v.DAY
TOMORROW = date(2026, 11, 25)
_LETTER = f.AccreditationFacts(AccreditationState.ACCREDITED, "us", 3, TOMORROW)
ENDS: dict[str, tuple[f.BasisKind, Change, timedelta]] = {
    "accreditation_covers_time": (BASIS.ROSTER, change("area", accreditation=_LETTER), 2 * DAY),
    "day_not_closed": (
        BASIS.ROSTER,
        change("area", closed=(f.ClosedSpan(TOMORROW, TOMORROW, "Stocktaking"),)),
        DAY,
    ),
    "open_hours": (BASIS.ROSTER, fact(), 9 * H),
    "eligible": (
        BASIS.DUTY,
        both(
            eligibility(scheme="nato", rank=4),
            change(
                "policy",
                equivalences=(replace(v.POLICY.equivalences[0], valid_until=TOMORROW),),
            ),
        ),
        2 * DAY,
    ),
    "in_review": (BASIS.ROSTER, eligibility(review_due=TOMORROW), 2 * DAY),
    "read_in": (
        BASIS.ROSTER,
        change(
            "person",
            indoctrinations=tuple(
                replace(each, debriefed_on=TOMORROW) for each in v.PERSON.indoctrinations
            ),
        ),
        2 * DAY,
    ),
    "area_sanitised": (
        BASIS.DUTY,
        both(v.ESCORTED, change("area", sanitised_until=v.NOW + H)),
        2 * H,
    ),
    "escort_cleared": (
        BASIS.DUTY,
        both(
            v.ESCORTED,
            change(
                "escort", eligibilities=(replace(v.PERSON.eligibilities[0], review_due=TOMORROW),)
            ),
        ),
        2 * DAY,
    ),
    "engagement_covers_time": (
        BASIS.VISIT,
        within("engagement", window=f.Window(v.NOW - DAY, v.WINDOW.end)),
        4 * H,
    ),
    "need_to_know": (
        BASIS.VISIT,
        change(
            "person",
            needs_to_know=(replace(v.PERSON.needs_to_know[0], valid_until=v.WINDOW.end),),
        ),
        4 * H,
    ),
    "within_window": (BASIS.VISIT, fact(), 4 * H),
    "roster_valid": (BASIS.ROSTER, change("basis", window=f.Window(v.NOW, v.NOW + H)), 2 * H),
    "on_shift": (BASIS.DUTY, fact(), 4 * H),
    "order_valid": (BASIS.INSPECTION, fact(), 4 * H),
}


@pytest.mark.parametrize("name", named(Offline.EXPIRE))
def test_what_expires_closes_a_door_that_hears_nothing(name: str) -> None:
    """Through the records that the gateway holds, by the decider that it asks."""
    assert name in ENDS, f"prove in ENDS of {__name__} that {name} ends by itself"
    kind, told, later = ENDS[name]
    facts = told(CUT_OFF(v.valid(kind)))
    records, inside = recorded(facts), zone(v.OTHER)
    decider = AccessDecider(KEY)
    assert decider.door(read(), records, inside, v.NOW).outcome is Outcome.GRANTED
    verdict = decider.door(read(), records, inside, v.NOW + later)
    assert verdict.outcome is Outcome.REFUSED
    assert name not in verdict.facts["met"]
    code = {row[4] for row in BROKEN if row[0] == name}
    assert code & {each["code"] for each in verdict.objections}


def recorded(facts: f.Facts) -> Records:
    """The records of these facts, as the centre told them before it fell silent."""
    person, basis, area = facts.person, facts.basis, facts.area
    assert person
    assert basis
    assert area
    assert facts.credential
    assert facts.policy
    records = Records(facts.heard_at)
    verifier = pin_verifier(KEY, person.person_id, PIN)
    records.put(
        "person",
        person.person_id,
        person_payload(person, entries=[basis.basis_id], pin=verifier),
    )
    if facts.escort:
        told = person_payload(facts.escort, entries=[], pin=None)
        records.put("person", facts.escort.person_id, told)
    records.put("entry", basis.basis_id, entry_payload(basis))
    records.put("credential", CARD, credential_payload(facts.credential))
    records.put("area", area.area_id, area_payload(area))
    records.put("policy", "current", policy_payload(facts.policy))
    records.put("zone", "z-a", zone_record(area.area_id))
    records.put("portal", PORTAL, {"zone": "z-a", "area": area.area_id, "pin": True})
    return records


@pytest.mark.parametrize("name", [n for n in named(Offline.CENTRE) if n in RULE])
def test_what_belongs_to_the_centre_is_not_asked_at_a_door(name: str) -> None:
    assert DOOR not in RULE[name].stages
    # Without the steps that the centre takes no visitor comes in.
    early = change("basis", state=None)
    assert STAGES_OF_BASIS[BASIS.VISIT] > {DOOR}
    assert decide(early(CUT_OFF(v.valid(BASIS.VISIT))), DOOR).outcome is Outcome.REFUSED


@pytest.mark.parametrize("kind", list(BASIS))
@pytest.mark.parametrize("heard", [LONG_AGO, None])
def test_beyond_the_age_the_areas_rule_applies(kind: f.BasisKind, heard: object) -> None:
    assert set(named(Offline.AREA)) == {"snapshot_fresh", "flag_stale_snapshot"}
    valid = fact(heard_at=heard)(v.valid(kind))
    assert f.AreaFacts("any").offline_rule is f.OfflineRule.DENY, "where none is declared"
    said = {rule: decide(change("area", offline_rule=rule)(valid), DOOR) for rule in f.OfflineRule}
    deny, enforce, flag = (
        said[rule]
        for rule in (f.OfflineRule.DENY, f.OfflineRule.ENFORCE, f.OfflineRule.ALLOW_AND_FLAG)
    )
    assert [each.rule for each in deny.objections] == ["snapshot_fresh"]
    assert enforce.outcome is flag.outcome is Outcome.GRANTED
    assert set(flag.obligations) - set(enforce.obligations) == {"flag_stale_snapshot"}


# When an obligation is due at a door that is cut off.
DUE: dict[str, tuple[f.BasisKind, Change]] = {
    "announce_medical_device": (BASIS.VISIT, within("belongings", staying=("MED-0012",))),
    "announce_uncleared_person": (BASIS.DUTY, v.ESCORTED),
    "escort_without_break": (BASIS.DUTY, v.ESCORTED),
    "debrief_responder": (BASIS.EMERGENCY, change("area", label=Label("us", 3))),
    "flag_passback": (
        BASIS.VISIT,
        change("zone", inside=v.people(v.ME), order=f.ZoneOrder(f.Passback.SOFT)),
    ),
    "flag_uncertain_count": (
        BASIS.VISIT,
        both(policy_with("uncertain_count_denies", value=False), change("zone", certain=False)),
    ),
}


@pytest.mark.parametrize("name", [n for n in NAMES if n in DUTY and n not in named(Offline.AREA)])
def test_an_obligation_is_owed_when_cut_off_too(name: str) -> None:
    assert name in DUE, f"show in DUE of {__name__} when {name} is owed at a door that is cut off"
    kind, told = DUE[name]
    decision = decide(told(CUT_OFF(v.valid(kind))), DOOR)
    assert decision.outcome is Outcome.GRANTED
    assert name in decision.obligations


# Device by device


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    rig = Rig(tmp_path).start()
    rig.admit("ann")
    return rig


def enters(rig: Rig) -> bool:
    """Whether a badge at the door tells the strike to open."""
    before = len(rig.bus.pulses)
    rig.badge("ann")
    return len(rig.bus.pulses) > before


def certain(rig: Rig) -> bool:
    """Whether the count of the room is."""
    return rig.gateway.plant.zones["Z1"].certain


def ordered(rig: Rig, verb: str, target: str, **args: object) -> str:
    """What became of an order: why it failed, or "" where it went out."""
    order = rig.order(verb, target, args)
    rig.run(30)
    failed = [e for e in rig.events("command.failed") if e["command_id"] == order]
    return str(failed[0]["reason"]) if failed else ""


def gone(rig: Rig, bus: str, *devices: str) -> None:
    for device in devices:
        rig.say(device, Signal.OFFLINE)
    rig.run()
    rig.buses[bus].online = False
    told = [each for each in rig.events("device.offline") if each["reason"] != BUS_ANEW]
    assert [each["device"] for each in told] == list(devices)


def no_reader(rig: Rig) -> None:
    gone(rig, "B1", "R1")
    assert ordered(rig, "unlock", "D1", person_id="person-ann") == "offline"
    assert rig.bus.pulses == []
    rig.bus.online = True
    rig.run(5)
    assert rig.bus.pulses == [], "what was not sent is not sent later"


PANEL = {"area": "room", "inputs": {"4": {"fact": "access", "active": True}}}


def no_io_board(rig: Rig) -> None:
    """The strike and the contact of D1 hang on a board on a bus of its own."""
    rig.tell("bus", "B4", {"driver": "modbus", "port": "/dev/ttyS4", "baud": 9600})
    wires = {"portals": {"D1": {"output": 0, "contact_input": 0}}, "panel": PANEL}
    board = {"bus": "B4", "kind": "io_board", "address": 1}
    rig.tell("device", "IO1", board | wires)
    for device in ("R1", "R1X"):
        record = {**INSTALLED["device", device]}
        for wire in ("output", "contact_input"):
            record.pop(wire, None)
        rig.tell("device", device, record)
    rig.run()
    rig.say("IO1", Signal.INPUT, number=0, active=False)
    rig.say("IO1", Signal.INPUT, number=4, active=True)
    rig.run()
    assert rig.events("panel.changed")[-1]["mode"] == "access"
    gone(rig, "B4", "IO1")
    assert rig.events("panel.changed")[-1]["mode"] == "unknown"
    assert ordered(rig, "unlock", "D1", person_id="person-ann") == "offline"
    assert rig.buses["B4"].pulses == []
    rig.badge("ann", "R1X")
    assert rig.bus.shown[-1] == "granted", "the way out does not hang on it"


def no_locker_board(rig: Rig) -> None:
    gone(rig, "B2", "K1")
    assert ordered(rig, "locker_open", "K1", lock=0) == "offline"
    assert not rig.events("locker.opened", "locker.shut")
    assert enters(rig)
    unknown = within("belongings", shut=False)(CUT_OFF(v.valid(BASIS.VISIT)))
    assert decide(unknown, DOOR).outcome is Outcome.REFUSED


def no_desk_reader(rig: Rig) -> None:
    gone(rig, "B3", "N1")
    assert ordered(rig, "card_encode", "N1") == "offline"
    assert rig.events("card.failed")
    assert not rig.events("card.encoded")
    assert enters(rig)


def no_contact(rig: Rig) -> None:
    # It hangs on a device of its own.
    for device in ("R1", "R1X"):
        record = {**INSTALLED["device", device]}
        record.pop("contact_input", None)
        rig.tell("device", device, record | ({"contact_input": 0} if device == "R1X" else {}))
    rig.run()
    rig.say("R1X", Signal.INPUT, number=0, active=False)
    rig.say("R1X", Signal.OFFLINE)
    rig.run()
    assert enters(rig)
    assert len(rig.events("presence.entered")) == 1, "inside from the acknowledged strike on"
    rig.run(10)
    assert not certain(rig), "she may have let anybody in"
    rig.say("R1X", Signal.ONLINE, secure=True)
    rig.say("R1X", Signal.INPUT, number=0, active=True)
    rig.run(1)
    assert rig.events("door.forced"), "it shows once the contact is back"


def no_gateway(rig: Rig) -> None:
    rig.run(1)
    rig.crash()
    rig.time.advance(3600)
    rig.start()
    rig.run(1)
    assert certain(rig), "empty, and its door shut before and after"
    rig.admit("ann")
    assert enters(rig)
    rig.contact(opened=True)
    rig.contact(opened=False)
    rig.run(10)
    rig.crash()
    rig.time.advance(60)
    rig.start()
    assert not certain(rig), "she may have gone, or let anybody in"
    assert [each["reason"] for each in rig.events("zone.uncertain")] == ["occupied"]


def no_centre(rig: Rig) -> None:
    rig.gateway.time_told(rig.time.clock(), rig.time.monotonic())
    rig.time.advance(20 * 60)
    rig.run()
    assert enters(rig)
    assert [each["stale"] for each in rig.events("door.read")] == [True]
    rig.time.advance(12 * 3600)
    rig.run()
    assert not enters(rig), "what has ended closes by itself"


def no_disk(rig: Rig) -> None:
    rig.tell("policy", "current", {"values": {"edge_capacity_mb": 1, "edge_reserve_mb": 2}})
    rig.run()
    assert not enters(rig)
    assert rig.events("door.read")[-1]["objections"][-1]["code"] == "journal_unavailable"
    rig.badge("ann", "R1X")
    assert rig.bus.shown[-1] == "granted", "whoever leaves does not wait for a disk"


CASES = {
    "reader": no_reader,
    "io_board": no_io_board,
    "locker_board": no_locker_board,
    "desk_reader": no_desk_reader,
    "contact": no_contact,
    "gateway": no_gateway,
    "centre": no_centre,
    "edge_journal": no_disk,
}


def test_every_device_kind_says_what_closes_without_it() -> None:
    missing = [kind for kind in DeviceKind if kind not in GONE]
    assert not missing, f"say in hardware/rules/gone.py what closes and what works: {missing}"


@pytest.mark.parametrize("what", list(GONE))
def test_what_is_gone_closes_what_it_says_and_nothing_else(what: str, rig: Rig) -> None:
    assert what in CASES, f"show in CASES of {__name__} what happens without: {what}"
    CASES[what](rig)
