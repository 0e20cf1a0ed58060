"""Who inside counts: for the two-person rule (R45), and as a cleared occupant."""

from collections.abc import Mapping

from access.rules.facts import BasisKind, PolicyFacts
from hardware.decider import Occupant

TWO = 2


def no_place_beside(*, capacity: int | None, two_person: bool) -> bool:
    """Whether nobody under escort can ever enter: two who count are inside first, and fill it."""
    return two_person and capacity is not None and capacity <= TWO


def is_cleared(basis: str, *, escorted: bool) -> bool:
    """Whether a rule of clearance let somebody on this basis in.

    INVARIANT: not the escorted, nor responders in an emergency: nobody has cleared them.
    """
    return bool(basis) and not escorted and basis != BasisKind.EMERGENCY.value


def counts(basis: str, *, escorted: bool, policy: PolicyFacts) -> bool:
    """Whether somebody on this basis is one of two: cleared, and the policy lists his basis."""
    return is_cleared(basis, escorted=escorted) and basis in policy.words("pair_bases")


def counting(people: Mapping[str, Occupant], policy: PolicyFacts) -> frozenset[str]:
    """Those of the people who count."""
    return frozenset(
        person
        for person, each in people.items()
        if counts(each.basis, escorted=each.escort is not None, policy=policy)
    )


def cleared(people: Mapping[str, Occupant]) -> frozenset[str]:
    """Those of the people whom a rule of clearance let in."""
    return frozenset(
        person
        for person, each in people.items()
        if is_cleared(each.basis, escorted=each.escort is not None)
    )
