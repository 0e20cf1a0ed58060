"""Labels and who dominates whom. INVARIANT: incomparable labels never dominate each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Caveat:
    """A handling caveat as a predicate over citizenships.

    ``countries`` are ISO 3166 alpha-2 codes. With ``every`` set each citizenship must be listed;
    otherwise one listed citizenship is enough. Which of the two NOFORN or REL TO means is data.
    """

    code: str
    countries: frozenset[str]
    every: bool

    def admits(self, citizenships: frozenset[str]) -> bool:
        """Whether a person with these citizenships may see it; nobody without a known one."""
        if not citizenships:
            return False
        if self.every:
            return citizenships <= self.countries
        return not citizenships.isdisjoint(self.countries)


@dataclass(frozen=True, slots=True)
class Label:
    """A classification: a level of one scheme, compartments, caveats.

    A rank is comparable only within its scheme. ``compartments`` are codes of that scheme;
    ``level`` is the level's code, for people to read, and takes no part in comparisons. Caveats
    are predicates over a person's citizenships and take no part in dominance.
    """

    scheme: str
    rank: int
    compartments: frozenset[str] = frozenset()
    caveats: frozenset[Caveat] = frozenset()
    level: str = field(default="", compare=False)

    def join(self, other: "Label") -> "Label":
        """The least label of the same scheme that dominates both, with the caveats of both."""
        if self.scheme != other.scheme:
            raise ValueError("labels of two schemes have no join")
        # The usual case is that one of them is the join: the room's label, above the session's.
        if dominates(self, other) and self.caveats >= other.caveats:
            return self
        if dominates(other, self) and other.caveats >= self.caveats:
            return other
        return Label(
            self.scheme,
            max(self.rank, other.rank),
            self.compartments | other.compartments,
            self.caveats | other.caveats,
            self.level if self.rank >= other.rank else other.level,
        )


@dataclass(frozen=True, slots=True)
class Equivalence:
    """A directed agreement: ``accepted_rank`` of one scheme is taken for ``as_rank`` of another.

    It holds from ``valid_from`` to ``valid_until``, both days included; no end: until ended. It
    carries no compartments, is not symmetric, and two of them are never chained.
    """

    accepted_scheme: str
    accepted_rank: int
    as_scheme: str
    as_rank: int
    valid_from: date
    valid_until: date | None = None

    def holds(self, first: date, last: date) -> bool:
        """Whether it holds on every day from ``first`` to ``last``."""
        return self.valid_from <= first and (self.valid_until is None or last <= self.valid_until)


def dominates(upper: Label, lower: Label) -> bool:
    """Same scheme, rank at least as high, every compartment: a partial order (scif-domain §2)."""
    return (
        upper.scheme == lower.scheme
        and upper.rank >= lower.rank
        and upper.compartments >= lower.compartments
    )


def rank_reaches(
    scheme: str,
    rank: int,
    required: Label,
    equivalences: Iterable[Equivalence],
    first: date,
    last: date,
) -> bool:
    """Whether a level reaches the required label's level, itself or by an agreement in force."""
    if scheme == required.scheme:
        return rank >= required.rank
    return any(
        scheme == agreed.accepted_scheme
        and rank >= agreed.accepted_rank
        and agreed.as_scheme == required.scheme
        and agreed.as_rank >= required.rank
        and agreed.holds(first, last)
        for agreed in equivalences
    )
