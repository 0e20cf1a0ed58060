"""What a rule is: a small function that declares when and for which bases it applies."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from access.rules.case import Case
from access.rules.facts import BasisKind, Facts, Stage
from access.rules.objection import Objection

ALL_STAGES = frozenset(Stage)
ALL_BASES = frozenset(BasisKind)
# Only visits are booked and pass the desk; every other basis is looked at where it enters.
STAGES_OF_BASIS: dict[BasisKind, frozenset[Stage]] = {
    kind: ALL_STAGES if kind is BasisKind.VISIT else frozenset({Stage.DOOR}) for kind in BasisKind
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, the source it stands on, when it applies, and its check.

    ``asks`` tells whether it has anything to ask in a case, always where it is None. It is for what
    is said only: a rule that asks nothing does not object, and is not among those that are met.
    """

    name: str
    meaning: str
    source: str
    stages: frozenset[Stage]
    bases: frozenset[BasisKind]
    check: Callable[[Case], Objection | None]
    asks: Callable[[Case], bool] | None = None

    def applies(self, stage: Stage, kind: BasisKind) -> bool:
        """Whether the rule is asked at this stage for this kind of basis."""
        return stage in self.stages and kind in self.bases and stage in STAGES_OF_BASIS[kind]


@dataclass(frozen=True, slots=True)
class GroundRule:
    """A rule about what must be known first; asked for every basis, and without one too."""

    name: str
    meaning: str
    source: str
    stages: frozenset[Stage]
    check: Callable[[Facts], Objection | None]


@dataclass(frozen=True, slots=True)
class Duty:
    """An obligation that comes with an entry: ``check`` tells whether it is due."""

    name: str
    meaning: str
    source: str
    stages: frozenset[Stage]
    bases: frozenset[BasisKind]
    check: Callable[[Case], bool]

    def applies(self, stage: Stage, kind: BasisKind) -> bool:
        """Whether the obligation is looked at, at this stage for this kind of basis."""
        return stage in self.stages and kind in self.bases and stage in STAGES_OF_BASIS[kind]


def _meaning(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").strip().splitlines()[0]


def rule(
    source: str,
    stages: Iterable[Stage] = ALL_STAGES,
    bases: Iterable[BasisKind] = ALL_BASES,
    asks: Callable[[Case], bool] | None = None,
) -> Callable[[Callable[[Case], Objection | None]], Rule]:
    """Declare a rule: the function's name is its name, the first line of docstring its meaning."""

    def declare(check: Callable[[Case], Objection | None]) -> Rule:
        return Rule(
            check.__name__,
            _meaning(check),
            source,
            frozenset(stages),
            frozenset(bases),
            check,
            asks,
        )

    return declare


def ground(
    source: str, stages: Iterable[Stage] = ALL_STAGES
) -> Callable[[Callable[[Facts], Objection | None]], GroundRule]:
    """Declare a rule about what must be known first."""

    def declare(check: Callable[[Facts], Objection | None]) -> GroundRule:
        return GroundRule(check.__name__, _meaning(check), source, frozenset(stages), check)

    return declare


def obligation(
    source: str,
    stages: Iterable[Stage] = ALL_STAGES,
    bases: Iterable[BasisKind] = ALL_BASES,
) -> Callable[[Callable[[Case], bool]], Duty]:
    """Declare an obligation."""

    def declare(check: Callable[[Case], bool]) -> Duty:
        return Duty(
            check.__name__, _meaning(check), source, frozenset(stages), frozenset(bases), check
        )

    return declare
