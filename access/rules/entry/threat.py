"""The facility's threat level raises what is demanded of who enters, never lowers it.

It is looked at on the day: nobody knows the level of the day that a booking is for. Responders to
an emergency are exempt (R20).
"""

from collections.abc import Iterator

from access.rules.case import Case
from access.rules.facts import BasisKind, EligibilityStatus, Stage
from access.rules.labels import Label, rank_reaches
from access.rules.objection import Objection
from access.rules.reach import STOPPED, is_in_review
from access.rules.rule import ALL_BASES, rule
from access.rules.threat import Demands, demands_at

ON_THE_DAY = (Stage.ARRIVAL, Stage.DOOR)
BOUND = ALL_BASES - {BasisKind.EMERGENCY}
SOURCE = "field-anchors: threat level"


def _demands(case: Case) -> Demands | None:
    """What the level demands here, or None where the level itself is not known."""
    return demands_at(case.policy, case.area.threat, case.area.code)


@rule(SOURCE, ON_THE_DAY, BOUND)
def threat_level_known(case: Case) -> Objection | None:
    """The facility's threat level is known, and the policy lists it."""
    return Objection("threat_level_unknown") if _demands(case) is None else None


@rule(SOURCE, ON_THE_DAY, BOUND)
def threat_clearance_reached(case: Case) -> Objection | None:
    """The person's own clearance reaches what the threat level demands."""
    demands = _demands(case)
    if demands is None or not (demands.ranks or demands.final_only):
        return None
    label = case.area.label
    if label is not None and label.scheme not in demands.ranks and not demands.final_only:
        return None  # the level raises nothing in the area's scheme
    if any(_reaches(case, demands, label) for label in _labels(case, demands)):
        return None
    return Objection("threat_clearance", {"threat": case.area.threat or ""})


@rule(SOURCE, ON_THE_DAY, [BasisKind.VISIT])
def threat_admits_visitors(case: Case) -> Objection | None:
    """The threat level lets visitors in."""
    demands = _demands(case)
    if demands is None or not demands.no_visitors:
        return None
    return Objection("threat_no_visitors", {"threat": case.area.threat or ""})


def _labels(case: Case, demands: Demands) -> Iterator[Label]:
    """What may serve: the area's scheme; in an unclassified area any scheme that is named."""
    if case.area.label is not None:
        scheme = case.area.label.scheme
        yield Label(scheme, demands.ranks.get(scheme, 0))
        return
    if demands.ranks:
        yield from (Label(scheme, rank) for scheme, rank in demands.ranks.items())
        return
    yield from (Label(each.scheme, 0) for each in case.person.eligibilities)


def _reaches(case: Case, demands: Demands, label: Label) -> bool:
    """Whether one clearance of the person does; an escort's clearance serves nobody else."""
    return any(
        held.status not in STOPPED
        and (held.status is EligibilityStatus.FINAL or not demands.final_only)
        and rank_reaches(held.scheme, held.rank, label, case.policy.equivalences, *case.days)
        and is_in_review(held, case.days[1])
        for held in case.person.eligibilities
    )
