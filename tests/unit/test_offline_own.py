"""The offline contract tells apart what a gateway sees itself from what it was told.

A rule that is declared local objects because of a fact of the gateway's own, and one that is
declared enforced objects whatever those are: told wrong, it would promise news that never comes.
"""

from dataclasses import replace

import pytest

from access.rules import facts as f
from access.rules.decision import decide
from access.rules.offline import CONTRACTS, Offline
from tests.unit import decision_facts as v
from tests.unit.decision_broken import BROKEN
from tests.unit.decision_facts import Change, change
from tests.unit.test_offline_contract import ENDS, RULE, named

DOOR = f.Stage.DOOR
# What a gateway counts, reads off its inputs and its readers, and when it heard the centre.
OWN = ("zone", "ids", "factors", "heard_at")
# Where the broken fact is what the gateway does not see: what it would see instead.
MENDED: dict[str, Change] = {"second_person": change("zone", inside=v.people("a", "b"))}
# Who is inside it counts itself, and who else was here today it was told; whose badge it is it was
# told, and whether a badge was shown at all it sees.
BOTH = {"parties_apart", "badge_known"}


def rests_on_its_own(name: str) -> list[bool]:
    """Of each broken fact of a rule at a door: whether the gateway's own facts make it object."""
    found = []
    for rule, kind, stage, broken, code in BROKEN:
        if rule != name or stage is not DOOR:
            continue
        sound = v.valid(kind)
        facts = broken(sound)
        assert (name, code) in objected(facts)
        mended = MENDED.get(name, lambda facts, sound=sound: with_own_of(sound, facts))
        found.append((name, code) not in objected(mended(facts)))
    return found


def with_own_of(sound: f.Facts, facts: f.Facts) -> f.Facts:
    """The facts as they are told, with what the gateway sees where nothing is wrong."""
    return replace(facts, **{each: getattr(sound, each) for each in OWN})


def objected(facts: f.Facts) -> set[tuple[str, str]]:
    return {(each.rule, each.code) for each in decide(facts, DOOR).objections}


@pytest.mark.parametrize("name", [n for n in named(Offline.LOCAL) if n in RULE])
def test_what_is_local_hangs_on_what_the_gateway_sees(name: str) -> None:
    assert any(rests_on_its_own(name)), f"{name} rests on {CONTRACTS[name].rests_on}: told"


@pytest.mark.parametrize("name", [n for n in named(Offline.ENFORCE) if n in RULE])
def test_what_is_enforced_hangs_on_what_was_told(name: str) -> None:
    found = rests_on_its_own(name)
    assert not all(found) if found else name not in BOTH
    assert any(found) is (name in BOTH), f"{name} rests on {CONTRACTS[name].rests_on}: its own"


def test_what_ends_by_itself_is_declared_so() -> None:
    assert set(ENDS) == set(named(Offline.EXPIRE))
