"""The class that a rule declares in the offline contract is the one that its facts give it."""

from dataclasses import fields

import pytest

from access.rules import facts as f
from access.rules.decision import decide
from access.rules.offline import CONTRACTS, Offline
from tests.unit import decision_facts as v
from tests.unit.decision_broken import BROKEN
from tests.unit.decision_facts import Change, change
from tests.unit.test_offline_contract import BASIS, DOOR, ENDS, RULE, named

# What a gateway sees, counts or keeps itself; everything else was told to it.
OWN = frozenset({"zone", "ids", "factors", "heard_at", "now"})
# Local rules whose broken facts are told ones: the facts, and what the gateway sees of them first
# and then, which alone mends them.
MENDED_BY_OWN: dict[str, tuple[Change, Change, Change]] = {
    "second_person": (
        change("area", two_person=True),
        change("zone", inside={}),
        change("zone", inside=v.people(v.OTHER)),
    )
}


def touched(name: str) -> list[set[str]]:
    """Which parts of the facts each broken row of a rule changes."""
    found = []
    for rule, kind, stage, broken, _code in BROKEN:
        if rule == name:
            before = v.valid(kind, stage)
            after = broken(before)
            parts = {each.name for each in fields(f.Facts)}
            found.append({p for p in parts if getattr(before, p) != getattr(after, p)})
    return found


@pytest.mark.parametrize("name", named(Offline.LOCAL, Offline.ENFORCE, Offline.EXPIRE))
def test_the_class_says_whose_facts_the_rule_rests_on(name: str) -> None:
    if name not in RULE:
        return
    if CONTRACTS[name].offline is not Offline.LOCAL:
        assert any(not parts & OWN for parts in touched(name)), "it rests on what was told"
    elif name in MENDED_BY_OWN:
        told, broken, mended = MENDED_BY_OWN[name]
        facts = told(v.valid(BASIS.ROSTER))
        assert name not in decide(broken(facts), DOOR).met
        assert name in decide(mended(facts), DOOR).met
    else:
        assert any(parts & OWN for parts in touched(name)), "it rests on what the gateway sees"


def test_what_ends_by_itself_is_declared_so() -> None:
    assert set(ENDS) == set(named(Offline.EXPIRE))
