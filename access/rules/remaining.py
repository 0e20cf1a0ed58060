"""What is wrong with who remains in a zone. INVARIANT: nothing here refuses; it calls somebody."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from access.rules.facts import AreaFacts, BasisKind, PersonFacts, PolicyFacts, ZoneFacts
from access.rules.pair import counting
from access.rules.reach import may_escort
from hardware.decider import ZoneConcern

TWO = 2


def concerns(
    zone: ZoneFacts,
    *,
    area: AreaFacts,
    escorts: Mapping[str, PersonFacts],
    policy: PolicyFacts,
    now: datetime,
) -> tuple[ZoneConcern, ...]:
    """Every concern about who is inside, in the order of its gravity.

    ``escort_lost`` (R38): the escorted whose escort is not inside, to be brought out.
    ``escort_unfit`` (R38): those whose escort is inside and no longer cleared for the area.
    ``not_sanitised`` (R38): the escorted while classified material may lie open.
    ``two_person_broken`` (R45): fewer than two who count, named as far as they do.
    ``below_minimum``: fewer than must remain, once somebody has left; entering one by one is none.

    ``escorts`` are the people whom somebody inside names as his escort, as far as they are known;
    who is not known is cleared for nothing.
    """
    found = _of_the_escorted(zone, area, escorts, policy, now)
    orderly = {
        person: each
        for person, each in zone.inside.items()
        if each.basis != BasisKind.EMERGENCY.value
    }
    if area.two_person and orderly and len(counting(orderly, policy)) < TWO:
        grace = policy.number("two_person_grace")
        found.append(ZoneConcern("two_person_broken", tuple(sorted(orderly)), grace))
    if zone.thinned and 0 < len(zone.inside) < zone.order.minimum:
        found.append(ZoneConcern("below_minimum"))
    return tuple(found)


def _of_the_escorted(
    zone: ZoneFacts,
    area: AreaFacts,
    escorts: Mapping[str, PersonFacts],
    policy: PolicyFacts,
    now: datetime,
) -> list[ZoneConcern]:
    escorted = {
        person: each.escort for person, each in zone.inside.items() if each.escort is not None
    }
    if not escorted:
        return []
    today = now.astimezone(ZoneInfo(area.time_zone)).date()
    fit = {
        name for name, escort in escorts.items() if may_escort(escort, area, policy, (today, today))
    }
    found = {
        "escort_lost": [who for who, escort in escorted.items() if escort not in zone.inside],
        "escort_unfit": [
            who for who, escort in escorted.items() if escort in zone.inside and escort not in fit
        ],
        "not_sanitised": [] if area.unclassified or area.sanitised(now) else list(escorted),
    }
    return [ZoneConcern(code, tuple(sorted(people))) for code, people in found.items() if people]
