"""The two-person rule: who counts, and who of them is inside (R45)."""

from collections.abc import Mapping

from access.rules.facts import BasisKind, PolicyFacts
from hardware.decider import Occupant

TWO = 2


def no_place_beside(*, capacity: int | None, two_person: bool) -> bool:
    """Whether nobody under escort can ever enter: two who count are inside first, and fill it."""
    return two_person and capacity is not None and capacity <= TWO


def counts(basis: str, *, escorted: bool, policy: PolicyFacts) -> bool:
    """Whether somebody on this basis is one of two.

    INVARIANT: the escorted and responders in an emergency never are: nobody has cleared them.
    """
    if escorted or basis == BasisKind.EMERGENCY.value:
        return False
    return basis in policy.words("pair_bases")


def counting(people: Mapping[str, Occupant], policy: PolicyFacts) -> frozenset[str]:
    """Those of the people who count."""
    return frozenset(
        person
        for person, each in people.items()
        if counts(each.basis, escorted=each.escort is not None, policy=policy)
    )
