"""What is wrong with who remains in a zone. INVARIANT: nothing here refuses; it calls somebody."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from access.rules.decision import decide
from access.rules.facts import (
    AreaFacts,
    BasisKind,
    Facts,
    PersonFacts,
    PolicyFacts,
    Stage,
    ZoneFacts,
)
from access.rules.pair import counting
from access.rules.reach import may_escort
from hardware.decider import ZoneConcern

TWO = 2
# What somebody who is inside stands on as long as he is there. The end of a booking or of a shift
# is none: it comes by itself, and the desk sees it; nor is what is asked of a passage only.
STANDS_ON = frozenset(
    {
        *("eligible", "eligibility_stands", "level_reached", "interim_limited", "laa_limited"),
        *("in_review", "read_in", "nda_signed", "caveats_admit", "need_to_know"),
        *("engagement_active", "engagement_covers_area", "member_of_engagement"),
        *("booking_approved", "attendee_booked", "badge_issued", "visit_open"),
        *("roster_sponsored", "post_named", "letter_reaches_label", "area_dominates_session"),
    }
)


def is_withdrawn(facts: Facts) -> bool:
    """Whether what let somebody in, who is inside by now, has been taken away from him (R27)."""
    return any(each.rule in STANDS_ON for each in decide(facts, Stage.DOOR).objections)


def concerns(
    zone: ZoneFacts,
    *,
    area: AreaFacts,
    withdrawn: Iterable[str] = (),
    escorts: Mapping[str, PersonFacts],
    policy: PolicyFacts,
    now: datetime,
) -> tuple[ZoneConcern, ...]:
    """Every concern about who is inside, in the order of its gravity.

    ``right_withdrawn`` (R27): those whose right to be there was taken away meanwhile.
    ``escort_lost`` (R38): the escorted whose escort is not inside, to be brought out.
    ``escort_unfit`` (R38): those whose escort is inside and no longer cleared for the area.
    ``not_sanitised`` (R38): the escorted while classified material may lie open.
    ``two_person_broken`` (R45): fewer than two who count, named as far as they do.
    ``below_minimum``: fewer than must remain, once somebody has left; entering one by one is none.

    ``escorts`` are the people whom somebody inside names as his escort, as far as they are known;
    who is not known is cleared for nothing.
    """
    found = _of_the_escorted(zone, area, escorts, policy, now)
    if left := tuple(sorted(withdrawn)):
        found.insert(0, ZoneConcern("right_withdrawn", left))
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
