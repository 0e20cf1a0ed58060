"""What holds of every decision: determinism, denial by default, no grant from more objections."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.rules import decision as module
from access.rules import facts as f
from access.rules.case import Case
from access.rules.decision import decide
from access.rules.entry import RULES
from access.rules.objection import Objection
from access.rules.rule import STAGES_OF_BASIS
from hardware.decider import Outcome
from tests.unit import decision_facts as v
from tests.unit.decision_broken import BROKEN

KINDS = st.sampled_from(list(f.BasisKind))
STAGES = st.sampled_from(list(f.Stage))
DOOR_BREAKS = [row for row in BROKEN if row[2] is f.Stage.DOOR and row[1] is f.BasisKind.VISIT]


@given(KINDS, STAGES)
def test_a_basis_is_decided_only_where_it_belongs(kind: f.BasisKind, stage: f.Stage) -> None:
    outcome = decide(v.valid(kind, stage), stage).outcome
    assert (outcome is Outcome.GRANTED) == (stage in STAGES_OF_BASIS[kind])


@given(st.lists(st.sampled_from(DOOR_BREAKS), min_size=1, max_size=5), st.booleans())
def test_breaking_more_never_grants(
    broken: list[tuple[str, f.BasisKind, f.Stage, v.Change, str]], pin: bool
) -> None:
    facts = v.valid(f.BasisKind.VISIT)
    if not pin:
        facts = replace(facts, factors=f.Factors())
    applied = 0
    for *_, change, _code in broken:
        try:
            facts = change(facts)
        except TypeError:
            continue  # an earlier break took away the part that this one changes
        applied += 1
    assert applied
    first, second = decide(facts, f.Stage.DOOR), decide(facts, f.Stage.DOOR)
    assert first == second
    assert first.outcome is Outcome.REFUSED
    assert first.objections


@given(
    st.sampled_from(
        ["policy", "person", "basis", "area", "portal", "credential", "zone", "heard_at"]
    ),
    KINDS,
)
def test_a_missing_fact_never_grants(part: str, kind: f.BasisKind) -> None:
    facts = v.altered(v.valid(kind), **{part: None})
    assert decide(facts, f.Stage.DOOR).outcome is Outcome.REFUSED


@pytest.mark.parametrize("part", ["booking", "engagement", "session_label", "belongings", "state"])
def test_a_visit_without_a_part_of_its_chain_is_refused(part: str) -> None:
    facts = v.basis_with(v.valid(f.BasisKind.VISIT), **{part: None})
    assert decide(facts, f.Stage.DOOR).outcome is Outcome.REFUSED


def test_nothing_at_all_is_refused() -> None:
    for stage in f.Stage:
        decision = decide(f.Facts(v.NOW), stage)
        assert decision.outcome is Outcome.REFUSED
        assert decision.policy_version == "none"


ESCORTED_IN = v.both(v.REPAIRER, v.change("zone", inside=v.people(v.OTHER)))
# What makes a number of the policy be asked for at all, where valid facts do not.
NEEDED: dict[str, v.Change] = {
    "uncertain_count_denies": v.change("zone", certain=False),
    "anti_passback": v.change("zone", inside=v.people(v.ME)),
    "anti_passback_minutes": v.change(
        "zone", inside=v.people(v.ME), order=f.ZoneOrder(f.Passback.TIMED)
    ),
    "pair_bases": v.change("area", two_person=True),
    "tswa_hours_month": v.TEMPORARY,
    "tswa_months": v.TEMPORARY,
    "first_person_bases": v.change("zone", order=f.ZoneOrder(first_person_in=True)),
    "escort_ratio": ESCORTED_IN,
    "wall_silence": v.change("person", walls=(f.Wall("rival", f.WallKind.DAY, v.NOW.date()),)),
}
# Where it is asked for, if not at a door.
STAGE_OF = {
    **dict.fromkeys(("booking_lead", "tswa_hours_month", "tswa_months"), f.Stage.BOOKING),
    "arrival_early": f.Stage.ARRIVAL,
}
# What is asked for about who remains, and never about who enters.
OF_WHO_REMAINS = {"two_person_grace"}


@pytest.mark.parametrize("key", sorted(v.POLICY.values.keys() - OF_WHO_REMAINS))
def test_a_policy_without_a_number_denies_where_the_number_is_needed(key: str) -> None:
    values = {name: value for name, value in v.POLICY.values.items() if name != key}
    stage = STAGE_OF.get(key, f.Stage.DOOR)
    facts = v.change("policy", values=values)(v.valid(f.BasisKind.VISIT, stage))
    if key == "laa_rank":
        facts = v.eligibility(status=f.EligibilityStatus.LAA)(facts)
    if key == "clock_tolerance":
        facts = replace(facts, heard_at=v.NOW + timedelta(seconds=1))
    if key in NEEDED:
        facts = NEEDED[key](facts)
    decision = decide(facts, stage)
    assert decision.outcome is Outcome.REFUSED
    assert {each.code for each in decision.objections} == {"rule_error"}


@given(st.data())
def test_an_objection_more_never_grants(data: st.DataObject) -> None:
    awaited = st.sampled_from([None, "pin"])
    found = [
        Objection("lockdown", awaits=data.draw(awaited))
        for _ in range(data.draw(st.integers(0, 4)))
    ]
    before = module._decision(f.Stage.DOOR, None, found, (), (), "p/1")
    after = module._decision(
        f.Stage.DOOR,
        None,
        [*found, Objection("lockdown", awaits=data.draw(awaited))],
        (),
        (),
        "p/1",
    )
    order = [Outcome.GRANTED, Outcome.PENDING, Outcome.REFUSED]
    assert after.outcome is not Outcome.GRANTED
    assert order.index(after.outcome) >= order.index(before.outcome)


class ABrokenFact(dict[str, Any]):
    """A mapping that cannot be looked into, as a record gone wrong might be."""

    def get(self, *key: object) -> Any:
        raise RuntimeError("broken")


def test_a_rule_that_raises_is_named_and_denies() -> None:
    facts = v.change("zone", coming=ABrokenFact())(v.valid(f.BasisKind.DUTY))
    decision = decide(facts, f.Stage.DOOR)
    assert decision.outcome is Outcome.REFUSED
    (objection,) = decision.objections
    assert (objection.code, objection.rule) == ("rule_error", "not_entering_elsewhere")
    assert "not_entering_elsewhere" in objection.message
    assert "RuntimeError" in objection.message


def test_facts_are_frozen_and_the_case_keeps_them_all() -> None:
    facts = v.valid(f.BasisKind.VISIT)
    case = Case.of(facts, f.Stage.DOOR)
    assert case is not None
    for field in fields(facts):
        assert getattr(case, field.name) == getattr(facts, field.name)
    with pytest.raises(AttributeError):
        setattr(facts, field.name, None)


def test_rules_are_named_once() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    assert all(rule.meaning and rule.source for rule in RULES)


@given(st.integers(0, 60 * 60 * 10**6 - 1))
def test_a_time_from_which_something_holds_is_never_said_too_early(microseconds: int) -> None:
    again = v.NOW.replace(minute=0, second=0, microsecond=0) + timedelta(microseconds=microseconds)
    case = Case.of(v.valid(f.BasisKind.DUTY), f.Stage.DOOR)
    assert case is not None
    said = datetime.strptime(case.local_from(again)[:17], "%d %b %Y %H:%M")  # noqa: DTZ007  local
    local = again.astimezone(ZoneInfo(case.area.time_zone)).replace(tzinfo=None)
    assert timedelta(0) <= said - local < timedelta(minutes=1)
