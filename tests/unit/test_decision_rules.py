"""One broken fact each: valid facts are granted, and each broken one gives its own objection."""

import pytest

from access.rules import facts as f
from access.rules.decision import decide
from access.rules.entry import GROUND, RULES
from access.rules.rule import STAGES_OF_BASIS
from hardware.decider import Outcome
from tests.unit import decision_facts as v
from tests.unit.decision_broken import BROKEN
from tests.unit.decision_broken.row import DUTY, VISIT, A, B, D
from tests.unit.decision_facts import Change, both, change, fact, within

POSSIBLE = [
    (kind, stage) for kind in f.BasisKind for stage in f.Stage if stage in STAGES_OF_BASIS[kind]
]


@pytest.mark.parametrize(("kind", "stage"), POSSIBLE)
def test_valid_facts_are_granted(kind: f.BasisKind, stage: f.Stage) -> None:
    decision = decide(v.valid(kind, stage), stage)
    assert (decision.outcome, decision.objections, decision.pending) == (Outcome.GRANTED, (), ())
    assert decision.met
    assert decision.policy_version == "icd705/3"


@pytest.mark.parametrize(
    ("rule", "kind", "stage", "broken", "code"),
    BROKEN,
    ids=[
        f"{rule}-{kind}-{stage}-{code}-{n}" for n, (rule, kind, stage, _, code) in enumerate(BROKEN)
    ],
)
def test_one_broken_fact_gives_its_own_objection(
    rule: str, kind: f.BasisKind, stage: f.Stage, broken: Change, code: str
) -> None:
    decision = decide(broken(v.valid(kind, stage)), stage)
    assert [(each.rule, each.code) for each in decision.objections] == [(rule, code)]
    assert decision.outcome is Outcome.REFUSED
    record = decision.objections[0].record()
    assert all(record[part] for part in ("code", "message", "remedy", "who", "guard"))


def test_every_rule_has_a_broken_fact() -> None:
    assert {rule.name for rule in GROUND} | {rule.name for rule in RULES} == {
        row[0] for row in BROKEN
    }


@pytest.mark.parametrize(
    ("kind", "stage", "lacking", "awaits"),
    [
        (VISIT, B, change("person", nda=None), "nda"),
        (VISIT, A, change("basis", identity_checked=False), "identity"),
        (VISIT, A, change("basis", belongings=None), "belongings"),
        (VISIT, A, within("belongings", signed_by_guard=False), "signatures"),
        (VISIT, A, within("belongings", staying=("",)), "device_approval"),
        (VISIT, D, fact(factors=f.Factors()), "pin"),
        (DUTY, D, fact(factors=f.Factors()), "pin"),
    ],
)
def test_what_mends_itself_is_awaited(
    kind: f.BasisKind, stage: f.Stage, lacking: Change, awaits: str
) -> None:
    decision = decide(lacking(v.valid(kind, stage)), stage)
    assert (decision.outcome, decision.awaits) == (Outcome.PENDING, awaits)
    assert decision.objections == ()


def test_nothing_is_awaited_once_something_objects() -> None:
    broken = both(fact(factors=f.Factors()), change("area", lockdown=True))
    decision = decide(broken(v.valid(VISIT)), D)
    assert (decision.outcome, decision.awaits) == (Outcome.REFUSED, None)
    assert [each.code for each in decision.pending] == ["pin_absent"]
