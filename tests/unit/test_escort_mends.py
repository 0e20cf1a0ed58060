"""What an escort mends is what an officer is told that he mends, and nothing else."""

from access.rules import facts as f
from access.rules.decision import decide
from access.selectors.booking_check import MENDED_BY_ESCORT, SHARED
from tests.unit import decision_facts as v
from tests.unit.decision_broken import BROKEN
from tests.unit.decision_facts import both, change, fact

BESIDE = both(fact(escort=v.ESCORT), change("basis", escort=v.OTHER))


def objected(facts: f.Facts, stage: f.Stage) -> set[str]:
    return {each.code for each in decide(facts, stage).objections}


def test_each_objection_that_an_escort_mends_says_so() -> None:
    mended, stays = set[str](), set[str]()
    for _rule, kind, stage, broken, code in BROKEN:
        if kind is not f.BasisKind.VISIT:
            continue
        facts = broken(v.valid(kind))
        if facts.basis and facts.basis.escort is None and code in objected(facts, stage):
            (stays if code in objected(BESIDE(facts), stage) else mended).add(code)
    # Whom the mandate does not name is not booked at all, by the service; an agreement is awaited;
    # a label that nobody has set is set.
    elsewhere = {"not_a_member", "nda_missing", "nda_invalid", "label_unknown"}
    assert mended - stays - SHARED - elsewhere == MENDED_BY_ESCORT
    assert "eligibility_suspended" in stays
