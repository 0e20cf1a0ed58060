"""What must be done beside an entry. An obligation never stops one; one that fails to tell does."""

from access.rules.case import MAY_BE_ESCORTED, Case
from access.rules.entry.door import stale
from access.rules.entry.zone import COUNTED, passed_back
from access.rules.facts import BasisKind, OfflineRule, Stage
from access.rules.reach import may_escort
from access.rules.rule import obligation

ON_THE_DAY = (Stage.ARRIVAL, Stage.DOOR)
DOOR = (Stage.DOOR,)
# Looked up once: an Enum's class is slow to ask.
EMERGENCY, ALLOW_AND_FLAG = BasisKind.EMERGENCY, OfflineRule.ALLOW_AND_FLAG


@obligation("R44", ON_THE_DAY, [BasisKind.VISIT])
def announce_medical_device(case: Case) -> bool:
    """A device stays with the visitor under an approval: announce it to the room."""
    belongings = case.visit.belongings
    return belongings is not None and bool(belongings.staying)


@obligation("R38", ON_THE_DAY, MAY_BE_ESCORTED | {BasisKind.EMERGENCY})
def announce_uncleared_person(case: Case) -> bool:
    """An uncleared person enters: tell the occupants. A responder may be cleared for the area."""
    if case.basis.kind is EMERGENCY:
        return not may_escort(case.person, case.area, case.policy, case.days)
    return case.escorted


@obligation("R38, R39", ON_THE_DAY, MAY_BE_ESCORTED)
def escort_without_break(case: Case) -> bool:
    """The escort stays with the person without a break."""
    return case.escorted


@obligation("R20", DOOR, [BasisKind.EMERGENCY])
def debrief_responder(case: Case) -> bool:
    """Responders are held until an indoctrinated person has briefed them."""
    return not case.area.unclassified


@obligation("design: a badge read", DOOR)
def flag_stale_snapshot(case: Case) -> bool:
    """The entry was decided from a snapshot older than the policy allows."""
    return case.area.offline_rule is ALLOW_AND_FLAG and stale(case)


@obligation("R46", DOOR, COUNTED)
def flag_uncertain_count(case: Case) -> bool:
    """The entry was decided while the count of the zone was uncertain."""
    return case.zone is not None and not case.zone.certain


@obligation("field-anchors: anti-passback", DOOR)
def flag_passback(case: Case) -> bool:
    """The person was counted as inside already, and anti-passback let the badge pass."""
    return passed_back(case)
