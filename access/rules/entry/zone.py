"""Who is in the zone: anti-passback, places, two persons, first person, interlock.

Whoever has a way in granted and not opened yet counts as on the way in, so that two doors of a
zone cannot each let the last one in. Whoever has a way out granted is no companion any more.
"""

from access.rules.case import Case
from access.rules.facts import BasisKind, Passback, Stage, ZoneFacts
from access.rules.objection import Objection
from access.rules.pair import TWO, cleared, counting, counts
from access.rules.rule import ALL_BASES, rule
from hardware.decider import Occupant

DOOR = (Stage.DOOR,)
# Those who go in to count, to inspect or to help are not stopped by a count.
COUNTED = ALL_BASES - {BasisKind.DUTY, BasisKind.INSPECTION, BasisKind.EMERGENCY}
# Responders are admitted at once (R20).
ORDERLY = ALL_BASES - {BasisKind.EMERGENCY}


@rule("scif-domain §8, entry 3", DOOR)
def zone_known(case: Case) -> Objection | None:
    """It is known who is inside, and what order the zone keeps."""
    return Objection("zone_unknown") if case.zone is None else None


@rule("scif-domain §8, entry 3; R20; field-anchors: anti-passback", DOOR, ORDERLY)
def not_inside_already(case: Case) -> Objection | None:
    """The person is not counted as inside already: anti-passback, hard, or timed and too soon."""
    zone = case.zone
    if zone is None or case.person.person_id not in zone.inside:
        return None
    mode = _passback(case, zone)
    if mode is Passback.SOFT:
        return None
    if mode is Passback.TIMED:
        minutes = zone.order.passback_minutes
        wait = case.policy.minutes("anti_passback_minutes", minutes)
        again = zone.inside[case.person.person_id].since + wait
        if case.now >= again:
            return None
        return Objection("inside_too_soon", {"time": case.local_from(again)})
    return Objection("already_inside")


def passed_back(case: Case) -> bool:
    """Whether somebody enters who is counted inside: in an emergency, or as anti-passback lets."""
    return case.zone is not None and case.person.person_id in case.zone.inside


def _passback(case: Case, zone: ZoneFacts) -> Passback:
    return zone.order.passback or Passback(case.policy.word("anti_passback"))


@rule("scif-domain §8, entry 3", DOOR)
def not_entering_elsewhere(case: Case) -> Objection | None:
    """No other portal of the zone has just let the same person in."""
    coming = case.zone.coming.get(case.person.person_id) if case.zone is not None else None
    if coming is None or (case.portal is not None and coming.portal == case.portal.code):
        return None
    return Objection("entering_elsewhere")


@rule("R46", DOOR, COUNTED)
def count_certain(case: Case) -> Objection | None:
    """The count of the zone is certain, where the policy asks for it."""
    if case.zone is None or case.zone.certain:
        return None
    return Objection("count_uncertain") if case.policy.flag("uncertain_count_denies") else None


@rule("scif-domain §8, booking 12", DOOR, ORDERLY)
def place_free(case: Case) -> Objection | None:
    """There is a place left inside, those on the way in counted."""
    if case.area.capacity is None:
        return Objection("capacity_unknown")
    zone = case.zone
    if zone is None:
        return None
    if len(zone.inside) + len(zone.coming) + len(zone.waiting) < case.area.capacity:
        return None  # whoever stands in two of the three, or is the person, only makes them fewer
    others = {*zone.inside, *zone.coming, *zone.waiting} - {case.person.person_id}
    if len(others) < case.area.capacity:
        return None
    return Objection("capacity_reached", {"limit": str(case.area.capacity)})


@rule("scif-domain §8, entry 4; field-anchors: first-person-in", DOOR, ORDERLY)
def first_person_inside(case: Case) -> Objection | None:
    """Where the zone asks for it, the first cleared person inside is one who may open it."""
    zone = case.zone
    if zone is None or not zone.order.first_person_in:
        return None
    opening = case.policy.words("first_person_bases")
    if case.basis.kind.value in opening and not case.escorted:
        return None
    # Responders, and who is there under escort, open a room for nobody.
    if cleared(zone.inside) - zone.going - {case.person.person_id}:
        return None
    # One who opens it stands beside: both go in together.
    if any(each.basis in opening and each.escort is None for each in _beside(case, zone)):
        return None
    return Objection("awaits_first_person")


@rule("R45; IEC 60839-11-1, grade 4", DOOR, ORDERLY)
def second_person(case: Case) -> Objection | None:
    """Under the two-person rule two enter an empty zone together, and nobody is left alone in it.

    Who joins one that was left alone enters alone: the two are two again. Who does not count
    himself needs two inside that do.
    """
    zone = case.zone
    if zone is None or not case.area.two_person:
        return None
    staying = counting(zone.inside, case.policy) - zone.going - {case.person.person_id}
    if not counts(case.basis.kind.value, escorted=case.escorted, policy=case.policy):
        return None if len(staying) >= TWO else Objection("pair_absent")
    if staying or counting(zone.waiting, case.policy) - {case.person.person_id}:
        return None
    return Objection("second_person_absent", awaits="second_person")


@rule("field-anchors: interlock", DOOR, ORDERLY)
def interlock_shut(case: Case) -> Objection | None:
    """Every other portal of the interlock group is known to be shut, with nobody passing."""
    if case.zone is None or not case.zone.interlocked:
        return None
    doors = (f"{code} ({why})" for code, why in sorted(case.zone.interlocked.items()))
    return Objection("interlock_not_shut", {"doors": ", ".join(doors)})


def _beside(case: Case, zone: ZoneFacts) -> list[Occupant]:
    """Who waits at this very portal to go in together with the person."""
    own = case.person.person_id
    return [each for person, each in zone.waiting.items() if person != own]
