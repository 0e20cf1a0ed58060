"""Entry under escort: the only way in for a person who is not cleared (R38).

Both must hold: the area is sanitised, and a cleared, read-in escort is beside the person. Neither
alone is enough. Visitors, people on duty and inspectors may be escorted; permanent staff and
escorts themselves may not.
"""

from access.rules.case import MAY_BE_ESCORTED, Case
from access.rules.facts import Stage
from access.rules.objection import Objection
from access.rules.reach import may_escort
from access.rules.rule import rule


def _of_the_escorted(case: Case) -> bool:
    return case.escorted


@rule("R38", [Stage.DOOR], MAY_BE_ESCORTED, _of_the_escorted)
def area_sanitised(case: Case) -> Objection | None:
    """The area is sanitised before an escorted person enters."""
    if not case.escorted or case.area.unclassified or case.area.sanitised(case.end):
        return None
    return Objection("area_not_sanitised")


@rule("R38", bases=MAY_BE_ESCORTED, asks=_of_the_escorted)
def escort_cleared(case: Case) -> Objection | None:
    """The escort is another person, cleared and read in for the area, with a final clearance."""
    if not case.escorted:
        return None
    escort = case.escort
    if escort is None or escort.person_id in {case.person.person_id, ""}:
        return Objection("escort_not_cleared")
    if escort.person_id == case.basis.escort and may_escort(
        escort, case.area, case.policy, case.days
    ):
        return None
    return Objection("escort_not_cleared")


@rule("R38", [Stage.DOOR], MAY_BE_ESCORTED, _of_the_escorted)
def escort_inside(case: Case) -> Objection | None:
    """The escort is inside the zone already: he enters first, on a decision of his own."""
    zone = case.zone
    if not case.escorted or zone is None:
        return None
    if case.basis.escort in zone.inside and case.basis.escort not in zone.going:
        return None
    return Objection("escort_not_inside")


@rule("R39", [Stage.DOOR], MAY_BE_ESCORTED, _of_the_escorted)
def escort_free(case: Case) -> Objection | None:
    """The escort accompanies no more people at a time than the policy allows."""
    zone = case.zone
    if not case.escorted or zone is None:
        return None
    charges = {
        person
        for people in (zone.inside, zone.coming)
        for person, each in people.items()
        if each.escort == case.basis.escort
    } - {case.person.person_id}
    limit = case.policy.number("escort_ratio")
    return None if len(charges) < limit else Objection("escort_ratio", {"limit": str(limit)})
