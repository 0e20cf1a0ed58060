"""What is wrong with who remains in a zone. INVARIANT: nothing here refuses; it calls somebody."""

from access.rules.facts import BasisKind, PolicyFacts, ZoneFacts
from access.rules.pair import counting
from hardware.decider import ZoneConcern

TWO = 2


def concerns(zone: ZoneFacts, *, two_person: bool, policy: PolicyFacts) -> tuple[ZoneConcern, ...]:
    """Every concern about who is inside, in the order of its gravity.

    ``escort_lost`` (R38): the escorted whose escort is not inside, to be brought out.
    ``two_person_broken`` (R45): fewer than two who count, named as far as they do.
    ``below_minimum``: fewer than must remain, once somebody has left; entering one by one is none.
    """
    found = []
    lost = sorted(
        person
        for person, each in zone.inside.items()
        if each.escort is not None and each.escort not in zone.inside
    )
    if lost:
        found.append(ZoneConcern("escort_lost", tuple(lost)))
    orderly = {
        person: each
        for person, each in zone.inside.items()
        if each.basis != BasisKind.EMERGENCY.value
    }
    if two_person and orderly and len(counting(orderly, policy)) < TWO:
        grace = policy.number("two_person_grace")
        found.append(ZoneConcern("two_person_broken", tuple(sorted(orderly)), grace))
    if zone.thinned and 0 < len(zone.inside) < zone.order.minimum:
        found.append(ZoneConcern("below_minimum"))
    return tuple(found)
