"""A visitor who brings nothing has nothing to sign for; one who brings something has."""

from dataclasses import replace

import pytest

from access.rules.decision import decide
from access.rules.facts import BasisKind, Belongings, Stage, VisitBasis
from hardware.decider import Outcome
from tests.unit import decision_facts as v


@pytest.mark.parametrize(
    ("belongings", "outcome"),
    [
        (Belongings(none_declared=True), Outcome.GRANTED),
        (Belongings(shut=True), Outcome.REFUSED),
        (Belongings(), Outcome.REFUSED),
    ],
)
def test_the_door_asks_for_signatures_only_where_something_was_deposited(
    belongings: Belongings, outcome: Outcome
) -> None:
    facts = v.valid(BasisKind.VISIT, Stage.DOOR)
    assert isinstance(facts.basis, VisitBasis)
    decision = decide(replace(facts, basis=replace(facts.basis, belongings=belongings)), Stage.DOOR)
    assert decision.outcome is outcome
