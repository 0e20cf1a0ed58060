"""The decision at a door: from snapshot records to the verdict that a gateway acts on."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.decider import AccessDecider
from access.rules import facts as f
from access.rules.decision import decide
from access.rules.pin import pin_verifier
from access.rules.snapshot import (
    area_from,
    area_payload,
    credential_from,
    credential_payload,
    entry_from,
    entry_payload,
    facts_for_door,
    person_from,
    person_payload,
    policy_from,
    policy_payload,
)
from hardware.decider import Decider, Direction, DoorVerdict, Outcome
from scif.kernel.canonical import canonical_json
from tests.unit import decision_facts as v
from tests.unit.decision_snapshot import CARD, KEY, PIN, PORTAL, Records, read, told, zone

VISIT, ROSTER, DUTY = (
    v.BASES[kind] for kind in (f.BasisKind.VISIT, f.BasisKind.ROSTER, f.BasisKind.DUTY)
)
DECIDER: Decider = AccessDecider(KEY)


def codes(verdict: DoorVerdict) -> list[str]:
    return [each["code"] for each in verdict.objections]


def carried(payload: Any) -> Any:
    """A payload as it arrives: through canonical JSON."""
    return json.loads(canonical_json(payload))


class TestRecords:
    """What the centre tells is what the door reads."""

    def test_a_person(self) -> None:
        payload = carried(person_payload(v.PERSON, entries=["b", "a"], pin="ff"))
        assert person_from(v.ME, payload) == v.PERSON
        assert (payload["entries"], payload["pin"]) == (["a", "b"], "ff")

    def test_an_interim_clearance_carries_the_authoritys_decision(self) -> None:
        held = replace(v.PERSON.eligibilities[0], accepted_on=v.NOW.date())
        person = replace(v.PERSON, eligibilities=(held,))
        payload = carried(person_payload(person, entries=[], pin=None))
        assert person_from(v.ME, payload) == person
        # A gateway that was told before there were such decisions knows of none.
        del payload["eligibilities"][0]["accepted_on"]
        assert person_from(v.ME, payload).eligibilities[0].accepted_on is None

    @pytest.mark.parametrize("kind", list(f.BasisKind))
    def test_a_basis(self, kind: f.BasisKind) -> None:
        basis = v.BASES[kind]
        found = entry_from(basis.basis_id, carried(entry_payload(basis)))
        if isinstance(basis, f.VisitBasis):
            own = replace(v.BOOKING, attendees=frozenset({v.ME}), attendee_count=1)
            basis = replace(basis, booking=own)
        assert found == basis

    def test_a_visit_tells_nothing_of_teammates(self) -> None:
        team = replace(v.MANDATE, members=frozenset({v.ME, "teammate"}))
        booking = replace(v.BOOKING, attendees=frozenset({v.ME, "teammate"}))
        visit = v.altered(VISIT, engagement=team, booking=booking)
        assert b"teammate" not in canonical_json(entry_payload(visit))

    def test_an_area_a_badge_and_a_policy(self) -> None:
        assert area_from(v.AREA, carried(area_payload(v.AREA_FACTS))) == v.AREA_FACTS
        badge = v.valid(f.BasisKind.VISIT).credential
        assert badge is not None
        assert credential_from(carried(credential_payload(badge))) == badge
        assert policy_from(carried(policy_payload(v.POLICY))) == v.POLICY

    def test_the_facts_of_a_door_are_those_that_were_told(self) -> None:
        (facts,) = facts_for_door(read(), told(VISIT), zone(v.OTHER), v.NOW, lambda *_: True)
        assert decide(facts, f.Stage.DOOR).outcome is Outcome.GRANTED
        assert facts.person == v.PERSON
        assert facts.area == v.AREA_FACTS


class TestEntering:
    """Reads at the reader outside."""

    def test_badge_then_pin(self) -> None:
        records = told(VISIT)
        waiting = DECIDER.door(read(pin=None), records, zone(), v.NOW)
        assert (waiting.outcome, waiting.awaits) == (Outcome.PENDING, "pin")
        assert waiting.reader_text == "Enter PIN"
        verdict = DECIDER.door(read(), records, zone(), v.NOW)
        assert verdict.outcome is Outcome.GRANTED
        assert (verdict.person_id, verdict.badge) == (v.ME, "V-21")
        assert (verdict.basis, verdict.basis_id) == ("visit", v.VISIT)
        assert verdict.policy_version == "icd705/3"
        canonical_json([dict(each) for each in verdict.objections])
        canonical_json(dict(verdict.facts))

    @given(st.text(max_size=8).filter(lambda pin: pin != PIN))
    def test_a_wrong_pin(self, pin: str) -> None:
        verdict = DECIDER.door(read(pin=pin), told(VISIT), zone(), v.NOW)
        assert (verdict.outcome, codes(verdict)) == (Outcome.REFUSED, ["pin_wrong"])

    def test_no_pin_is_right_where_none_is_set(self) -> None:
        records = told(VISIT)
        records.put("person", v.ME, person_payload(v.PERSON, entries=[v.VISIT], pin=None))
        assert codes(DECIDER.door(read(pin=""), records, zone(), v.NOW)) == ["pin_wrong"]

    def test_a_pin_is_bound_to_its_person_and_key(self) -> None:
        assert pin_verifier(KEY, v.ME, PIN) != pin_verifier(KEY, v.OTHER, PIN)
        assert pin_verifier(KEY, v.ME, PIN) != pin_verifier(b"other", v.ME, PIN)
        with pytest.raises(ValueError, match="empty"):
            AccessDecider(b"")

    def test_an_unknown_badge(self) -> None:
        verdict = DECIDER.door(read(card="0" * 64), told(VISIT), zone(), v.NOW)
        assert (verdict.outcome, codes(verdict)) == (Outcome.REFUSED, ["unknown_badge"])
        assert verdict.reader_text == "Please see the guard"

    def test_a_guards_order_names_who_enters(self) -> None:
        records = told(VISIT)
        order = read(card=None, pin=None, person_id=v.ME, commanded_by="user-guard")
        assert DECIDER.door(order, records, zone(), v.NOW).outcome is Outcome.GRANTED
        nobody = read(card=None, pin=None, commanded_by="user-guard")
        assert codes(DECIDER.door(nobody, records, zone(), v.NOW)) == ["order_names_nobody"]
        unsigned = read(card=None, pin=None, person_id=v.ME)
        assert codes(DECIDER.door(unsigned, records, zone(), v.NOW)) == ["unknown_badge"]

    def test_an_order_beside_a_badge_does_not_stand_for_the_pin(self) -> None:
        both = read(pin=None, commanded_by="user-guard")
        assert DECIDER.door(both, told(VISIT), zone(), v.NOW).outcome is Outcome.PENDING

    def test_expiry_closes_a_door_that_is_cut_off(self) -> None:
        records = told(VISIT)
        area = replace(v.AREA_FACTS, offline_rule=f.OfflineRule.ENFORCE)
        records.put("area", v.AREA, area_payload(area))
        assert DECIDER.door(read(), records, zone(), v.NOW + v.HOUR).outcome is Outcome.GRANTED
        late = DECIDER.door(read(), records, zone(), v.NOW + 3 * v.HOUR)
        assert codes(late) == ["after_window"]

    def test_a_revocation_is_seen_at_the_next_read(self) -> None:
        records = told(ROSTER, visit=None)
        assert DECIDER.door(read(), records, zone(), v.NOW).outcome is Outcome.GRANTED
        closed = replace(v.AREA_FACTS, lockdown=True)
        records.put("area", v.AREA, area_payload(closed))
        assert codes(DECIDER.door(read(), records, zone(), v.NOW)) == ["lockdown"]
        records.put("entry", ROSTER.basis_id, None)
        assert codes(DECIDER.door(read(), records, zone(), v.NOW)) == ["no_basis"]

    def test_an_escort_is_looked_up_too(self) -> None:
        duty = replace(DUTY, escort=v.OTHER)
        records = told(duty, visit=None, escort=True)
        assert DECIDER.door(read(), records, zone(v.OTHER), v.NOW).outcome is Outcome.GRANTED
        assert codes(DECIDER.door(read(), records, zone(), v.NOW)) == ["escort_not_inside"]

    @pytest.mark.parametrize("kind", ["policy", "area", "portal", "person", "credential", "entry"])
    @pytest.mark.parametrize("wrong", [{}, {"area": 3, "kind": "king", "state": "?"}])
    def test_a_broken_record_refuses(self, kind: str, wrong: dict[str, Any]) -> None:
        records = told(VISIT)
        keys = {"policy": "current", "area": v.AREA, "portal": PORTAL, "person": v.ME}
        key = keys.get(kind, CARD if kind == "credential" else v.VISIT)
        records.put(kind, key, wrong)
        verdict = DECIDER.door(read(), records, zone(), v.NOW)
        assert (verdict.outcome, codes(verdict)) == (Outcome.REFUSED, ["decider_error"])

    @pytest.mark.parametrize("kind", ["policy", "area", "portal", "person", "credential", "entry"])
    def test_a_missing_record_refuses(self, kind: str) -> None:
        records = told(VISIT)
        for found, key in list(records.records):
            if found == kind:
                records.put(found, key, None)
        assert DECIDER.door(read(), records, zone(), v.NOW).outcome is Outcome.REFUSED


class TestSeveralBases:
    """A person may have more than one basis for a door; the best one speaks."""

    def test_a_grant_goes_before_a_refusal(self) -> None:
        later = replace(DUTY, window=f.Window(v.NOW + v.DAY, v.NOW + 2 * v.DAY))
        verdict = DECIDER.door(read(), told(later, ROSTER, visit=None), zone(), v.NOW)
        assert (verdict.outcome, verdict.basis) == (Outcome.GRANTED, "roster")
        assert verdict.facts["considered"] == 2

    def test_a_refusal_tells_of_the_visit_that_is_on(self) -> None:
        tomorrow = replace(
            VISIT, basis_id="visit-2", window=f.Window(v.NOW + v.DAY, v.NOW + 2 * v.DAY)
        )
        elsewhere = replace(ROSTER, areas=frozenset({"area-b"}))
        today = v.altered(VISIT, belongings=replace(v.BELONGINGS, shut=False))
        verdict = DECIDER.door(read(), told(tomorrow, elsewhere, today), zone(), v.NOW)
        assert verdict.basis_id == v.VISIT
        assert codes(verdict) == ["belongings_not_locked"]

    @given(st.permutations([VISIT, ROSTER, DUTY]))
    def test_the_order_of_records_does_not_matter(self, bases: list[f.Basis]) -> None:
        records = told(*bases, visit=None)
        person = dict(records.records["person", v.ME], entries=[each.basis_id for each in bases])
        records.put("person", v.ME, person)
        verdict = DECIDER.door(read(), records, zone(), v.NOW)
        assert (verdict.outcome, verdict.basis) == (Outcome.GRANTED, "roster")

    def test_a_visitors_badge_serves_no_other_basis(self) -> None:
        verdict = DECIDER.door(read(), told(ROSTER), zone(), v.NOW)
        assert codes(verdict) == ["badge_of_another"]


class TestLeaving:
    """INVARIANT: leaving is never refused, whatever is broken."""

    def test_whoever_was_counted_leaves_without_open_items(self) -> None:
        verdict = DECIDER.door(read(direction=Direction.OUT), told(VISIT), zone(v.ME), v.NOW)
        assert (verdict.outcome, verdict.obligations) == (Outcome.GRANTED, ())
        assert (verdict.basis, verdict.basis_id) == ("visit", v.VISIT)
        assert (verdict.person_id, verdict.badge) == (v.ME, "V-21")

    def test_he_leaves_the_visit_that_he_came_in_on_whatever_else_is_booked(self) -> None:
        over = replace(VISIT, window=f.Window(v.NOW - v.DAY, v.NOW - timedelta(minutes=1)))
        follows = replace(VISIT, basis_id="visit-2", window=f.Window(v.NOW, v.NOW + v.DAY))
        inside = zone(v.ME)
        came_in = replace(inside.inside[v.ME], basis="visit", basis_id=v.VISIT)
        counted = replace(inside, inside={v.ME: came_in})
        out = read(direction=Direction.OUT)
        verdict = DECIDER.door(out, told(over, follows), counted, v.NOW)
        assert (verdict.basis_id, verdict.obligations) == (v.VISIT, ("past_end",))

    def test_past_the_end_is_an_item_and_no_obstacle(self) -> None:
        late = v.NOW + timedelta(days=9)
        verdict = DECIDER.door(read(direction=Direction.OUT), told(VISIT), zone(v.ME), late)
        assert (verdict.outcome, verdict.obligations) == (Outcome.GRANTED, ("past_end",))

    def test_an_unknown_badge_leaves_too(self) -> None:
        out = read(card="0" * 64, direction=Direction.OUT)
        verdict = DECIDER.door(out, told(VISIT), zone(), v.NOW)
        assert (verdict.outcome, verdict.obligations) == (Outcome.GRANTED, ("badge_unknown",))

    @given(st.sampled_from(["policy", "person", "credential", "entry"]), st.booleans())
    def test_broken_and_missing_records_hold_nobody(self, kind: str, broken: bool) -> None:
        records = told(VISIT)
        for found, key in list(records.records):
            if found == kind:
                records.put(found, key, {} if broken else None)
        verdict = DECIDER.door(read(direction=Direction.OUT), records, zone(v.ME), v.NOW)
        assert (verdict.outcome, verdict.reader_text) == (Outcome.GRANTED, "Go ahead")

    def test_an_empty_snapshot_holds_nobody(self) -> None:
        verdict = DECIDER.door(read(direction=Direction.OUT), Records(None), zone(), v.NOW)
        assert verdict.outcome is Outcome.GRANTED
