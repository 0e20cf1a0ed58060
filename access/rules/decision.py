"""One decision: grant only if no rule that applies objects, and report every objection."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from access.rules.case import Case
from access.rules.entry import GROUND, OBLIGATIONS, RULES
from access.rules.facts import BasisKind, Facts, Stage
from access.rules.objection import Objection
from access.rules.wording import AWAITED_TEXTS, READER_TEXTS
from hardware.decider import Outcome

NO_POLICY = "none"
Duties = tuple[tuple[Callable[[Case], bool], str], ...]


class Decision(NamedTuple):
    """The answer with its reasons.

    ``objections`` stop it; ``pending`` mend themselves once what they await has come. ``met`` names
    the rules that applied, had something to ask and did not object; ``obligations`` are codes of
    what must be done beside an entry, so that one that is refused has none.
    """

    outcome: Outcome
    stage: Stage
    basis: BasisKind | None
    objections: tuple[Objection, ...]
    pending: tuple[Objection, ...]
    obligations: tuple[str, ...]
    met: tuple[str, ...]
    policy_version: str

    @property
    def awaits(self) -> str | None:
        """What a pending decision waits for first: "pin", "identity", "belongings"…"""
        if self.outcome is not Outcome.PENDING:
            return None
        return self.pending[0].awaits

    @property
    def reader_text(self) -> str:
        """All that a reader may show. INVARIANT: no reason is in it, only what it waits for."""
        return AWAITED_TEXTS.get(self.awaits or "", READER_TEXTS[self.outcome])


def decide(facts: Facts, stage: Stage) -> Decision:
    """Decide; deny by default.

    INVARIANT: GRANTED means that the ground facts are there, that at least one rule applied, that
    no rule objected and that none raised. A rule that raises becomes the objection ``rule_error``.
    """
    version = facts.policy.version if facts.policy else NO_POLICY
    kind = facts.basis.kind if facts.basis else None
    found = _ground(facts, stage)
    case = None
    if not found:
        try:
            case = Case.of(facts, stage)
        except Exception as error:
            found = [Objection.of_error("case", error)]
    if case is None or kind is None:
        # INVARIANT: no case, no grant, even where no ground rule has said why.
        return _decision(stage, kind, found or [Objection("no_basis")], (), (), version)
    asked = _ASKED[stage, kind]
    if not asked.checks:
        found.append(Objection("no_rule"))
    for check, name in asked.checks:
        try:
            objection = check(case)
        except Exception as error:
            objection = Objection.of_error(name, error)
        if objection is not None:
            found.append(objection.by(name))
    silent = 0
    for bit, (asks, _names) in enumerate(asked.idle):
        if not asks(case):
            silent |= 1 << bit
    met = _spoken(stage, kind, silent)
    if found:
        objecting = {each.rule for each in found}
        met = tuple(name for name in met if name not in objecting)
        if any(each.awaits is None for each in found):
            return _decision(stage, kind, found, (), met, version)
    duties, errors = _obligations(case, asked.duties)
    return _decision(stage, kind, found + errors, tuple(duties), met, version)


def _decision(
    stage: Stage,
    kind: BasisKind | None,
    found: list[Objection],
    duties: tuple[str, ...],
    met: tuple[str, ...],
    version: str,
) -> Decision:
    objections: tuple[Objection, ...] = ()
    pending: tuple[Objection, ...] = ()
    if found:
        objections = tuple(each for each in found if each.awaits is None)
        pending = tuple(each for each in found if each.awaits is not None)
    if objections:
        outcome = Outcome.REFUSED
    elif pending:
        outcome = Outcome.PENDING
    else:
        outcome = Outcome.GRANTED
    return Decision(outcome, stage, kind, objections, pending, duties, met, version)


def _ground(facts: Facts, stage: Stage) -> list[Objection]:
    """What must be known before any rule can look at it."""
    found = []
    for check, name in _GROUND[stage]:
        try:
            objection = check(facts)
        except Exception as error:
            objection = Objection.of_error(name, error)
        if objection is not None:
            found.append(objection.by(name))
    return found


def _obligations(case: Case, duties: Duties) -> tuple[list[str], list[Objection]]:
    """What must be done beside an entry; one that cannot be told denies like any rule."""
    codes: list[str] = []
    errors: list[Objection] = []
    for due, name in duties:
        try:
            if due(case):
                codes.append(name)
        except Exception as error:
            errors.append(Objection.of_error(name, error).by(name))
    return codes, errors


_GROUND = {
    stage: tuple((rule.check, rule.name) for rule in GROUND if stage in rule.stages)
    for stage in Stage
}


class _Asked(NamedTuple):
    """What is asked at a stage of a kind of basis: each check with the name of its rule.

    ``idle`` are the rules that ask nothing in some cases, by what tells so.
    """

    checks: tuple[tuple[Callable[[Case], Objection | None], str], ...]
    names: tuple[str, ...]
    duties: Duties
    idle: tuple[tuple[Callable[[Case], bool], frozenset[str]], ...]

    @classmethod
    def of(cls, stage: Stage, kind: BasisKind) -> "_Asked":
        """Those of all rules and obligations that apply."""
        rules = [rule for rule in RULES if rule.applies(stage, kind)]
        duties = tuple((duty.check, duty.name) for duty in OBLIGATIONS if duty.applies(stage, kind))
        checks = tuple((rule.check, rule.name) for rule in rules)
        idle = tuple(
            (asks, frozenset(rule.name for rule in rules if rule.asks is asks))
            for asks in dict.fromkeys(rule.asks for rule in rules if rule.asks is not None)
        )
        return cls(checks, tuple(rule.name for rule in rules), duties, idle)


_ASKED = {(stage, kind): _Asked.of(stage, kind) for stage in Stage for kind in BasisKind}


@cache
def _spoken(stage: Stage, kind: BasisKind, silent: int) -> tuple[str, ...]:
    """The rules that ask something, where those of the bits of ``silent`` do not."""
    asked = _ASKED[stage, kind]
    left_out = {
        name for bit, (_asks, names) in enumerate(asked.idle) if silent >> bit & 1 for name in names
    }
    return tuple(name for name in asked.names if name not in left_out)
