"""One broken fact each: who is in the zone."""

from datetime import timedelta

from access.rules import facts as f
from tests.unit import decision_facts as v
from tests.unit.decision_broken.row import (
    DUTY,
    EMERGENCY,
    INSPECTION,
    ROSTER,
    VISIT,
    D,
    Row,
    policy_with,
)
from tests.unit.decision_facts import Change, both, change, fact

TIMED = f.ZoneOrder(f.Passback.TIMED, passback_minutes=30)
OPENED = f.ZoneOrder(first_person_in=True)
PAIRED = change("area", two_person=True)


def entered(minutes: int) -> Change:
    """Counted inside since so long ago."""
    since = v.NOW - timedelta(minutes=minutes)
    return change("zone", inside={v.ME: v.altered(v.people(v.ME)[v.ME], since=since)})


ROWS: list[Row] = [
    ("zone_known", EMERGENCY, D, fact(zone=None), "zone_unknown"),
    ("not_inside_already", DUTY, D, change("zone", inside=v.people(v.ME)), "already_inside"),
    (
        "not_inside_already",
        VISIT,
        D,
        both(
            policy_with("anti_passback", "soft"),
            change("zone", inside=v.people(v.ME), order=f.ZoneOrder(f.Passback.HARD)),
        ),
        "already_inside",
    ),
    (
        "not_inside_already",
        ROSTER,
        D,
        both(entered(29), change("zone", order=TIMED)),
        "inside_too_soon",
    ),
    (
        "not_inside_already",
        ROSTER,
        D,
        both(entered(9), policy_with("anti_passback", "timed")),
        "inside_too_soon",
    ),
    (
        "not_entering_elsewhere",
        ROSTER,
        D,
        change("zone", coming=v.people(v.ME, portal="D4")),
        "entering_elsewhere",
    ),
    ("count_certain", VISIT, D, change("zone", certain=False), "count_uncertain"),
    ("place_free", ROSTER, D, change("zone", inside=v.people(*"abcd")), "capacity_reached"),
    (
        "place_free",
        VISIT,
        D,
        change("zone", inside=v.people("a", "b"), coming=v.people("c"), waiting=v.people("d")),
        "capacity_reached",
    ),
    ("place_free", ROSTER, D, change("area", capacity=None), "capacity_unknown"),
    (
        "first_person_inside",
        VISIT,
        D,
        change("zone", inside={}, order=OPENED),
        "awaits_first_person",
    ),
    (
        "first_person_inside",
        INSPECTION,
        D,
        change("zone", going=frozenset({v.OTHER}), order=OPENED),
        "awaits_first_person",
    ),
    (
        "first_person_inside",
        VISIT,
        D,
        change("zone", inside={}, order=OPENED, waiting=v.people("a", basis="visit")),
        "awaits_first_person",
    ),
    # Nobody has cleared a responder, or who was left there by an escort.
    *[
        (
            "first_person_inside",
            VISIT,
            D,
            change("zone", inside=v.people("a", **uncleared), order=OPENED),
            "awaits_first_person",
        )
        for uncleared in ({"basis": "emergency"}, {"basis": "visit", "escort": v.OTHER})
    ],
    ("second_person", DUTY, D, both(PAIRED, policy_with("pair_bases", ["roster"])), "pair_absent"),
    ("second_person", VISIT, D, both(PAIRED, v.REPAIRER), "pair_absent"),
    (
        "interlock_shut",
        ROSTER,
        D,
        change("zone", interlocked={"D4": "open"}),
        "interlock_not_shut",
    ),
    (
        "interlock_shut",
        DUTY,
        D,
        change("zone", interlocked={"D4": "unknown"}),
        "interlock_not_shut",
    ),
    (
        "escort_free",
        VISIT,
        D,
        both(
            v.REPAIRER,
            policy_with("escort_ratio", 2),
            change(
                "zone",
                inside=v.people(v.OTHER) | v.people("a", escort=v.OTHER),
                coming=v.people("b", escort=v.OTHER),
            ),
        ),
        "escort_ratio",
    ),
    (
        "escort_inside",
        VISIT,
        D,
        both(v.REPAIRER, change("zone", going=frozenset({v.OTHER}))),
        "escort_not_inside",
    ),
]
