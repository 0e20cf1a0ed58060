"""One broken fact each: the state of the place, conflict walls, the alarm panel."""

from dataclasses import replace
from datetime import time, timedelta

from access.rules import facts as f
from tests.unit import decision_facts as v
from tests.unit.decision_broken.row import (
    DUTY,
    ESCORT,
    INSPECTION,
    ROSTER,
    VISIT,
    A,
    B,
    D,
    Row,
    policy_with,
)
from tests.unit.decision_facts import Change, both, change, eligibility, fact


def threat_demands(**demands: object) -> Change:
    """A policy with a level ``tight`` that demands this."""
    return policy_with(
        "threat_levels",
        [
            {"code": "normal", "name": "Normal", "demands": []},
            {"code": "tight", "name": "Tight", "demands": [demands]},
        ],
    )


ROWS: list[Row] = [
    ("threat_level_known", DUTY, D, change("area", threat=None), "threat_level_unknown"),
    ("threat_level_known", VISIT, A, change("area", threat="violet"), "threat_level_unknown"),
    (
        "threat_clearance_reached",
        ROSTER,
        D,
        both(change("area", threat="tight"), threat_demands(ranks={"us": 4})),
        "threat_clearance",
    ),
    (
        "threat_clearance_reached",
        DUTY,
        D,
        both(
            change("area", threat="tight", label=replace(v.ROOM, compartments=frozenset())),
            eligibility(status=f.EligibilityStatus.INTERIM),
            threat_demands(final_only=True),
        ),
        "threat_clearance",
    ),
    (
        "threat_admits_visitors",
        VISIT,
        D,
        both(change("area", threat="tight"), threat_demands(no_visitors=True)),
        "threat_no_visitors",
    ),
    *[
        (
            "day_not_closed",
            kind,
            stage,
            change("area", closed=(f.ClosedSpan(v.NOW.date(), v.NOW.date(), "Stocktaking"),)),
            "closed_day",
        )
        for kind, stage in ((VISIT, B), (VISIT, A), (VISIT, D), (ROSTER, D))
    ],
    (
        "open_hours",
        ROSTER,
        D,
        change("basis", hours={1: (time(11), time(12))}),
        "outside_own_hours",
    ),
    *[
        (
            "parties_apart",
            kind,
            stage,
            both(
                change("person", walls=(f.Wall("rival", wall, v.NOW.date(), None, met),)),
                fact(zone=f.ZoneFacts("z-a", v.people(v.OTHER), certain=True, parties=parties)),
            ),
            "kept_apart" if wall is f.WallKind.ROOM else "kept_apart_today",
        )
        for kind, stage, wall, met, parties in (
            (VISIT, A, f.WallKind.ROOM, frozenset(), ("rival",)),
            (VISIT, D, f.WallKind.ROOM, frozenset(), ("friend", "rival")),
            (ROSTER, D, f.WallKind.ROOM, frozenset(), (None,)),
            (DUTY, D, f.WallKind.DAY, frozenset(), ("rival",)),
            (VISIT, D, f.WallKind.DAY, frozenset({v.NOW.date()}), ()),
        )
    ],
    *[
        (
            "parties_apart",
            kind,
            D,
            both(
                change("person", walls=(f.Wall("rival", f.WallKind.DAY, v.NOW.date()),)),
                fact(heard_at=v.NOW - timedelta(seconds=6)),
            ),
            "day_unknown",
        )
        for kind in (VISIT, ROSTER)
    ],
    ("ids_quiet", VISIT, D, fact(ids=f.IdsFacts(f.IdsMode.ACCESS, alarm=True)), "ids_alarm"),
    ("ids_quiet", ROSTER, D, fact(ids=f.IdsFacts(f.IdsMode.ACCESS)), "ids_unknown"),
    *[
        ("ids_in_access", kind, D, fact(ids=f.IdsFacts(mode, alarm=False)), "ids_not_access")
        for kind in (VISIT, ROSTER, ESCORT, INSPECTION)
        for mode in f.IdsMode
        if mode is not f.IdsMode.ACCESS
    ],
]
