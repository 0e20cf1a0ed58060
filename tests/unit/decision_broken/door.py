"""One broken fact each: the door."""

from datetime import timedelta

from access.rules import facts as f
from hardware.decider import Direction
from tests.unit import decision_facts as v
from tests.unit.decision_broken.row import (
    DUTY,
    ROSTER,
    VISIT,
    D,
    H,
    Row,
)
from tests.unit.decision_facts import change, fact

ROWS: list[Row] = [
    ("leads_to_area", VISIT, D, change("area", area_id="area-z"), "wrong_portal"),
    (
        "leads_to_area",
        DUTY,
        D,
        fact(portal=f.PortalFacts("D3", Direction.OUT)),
        "wrong_portal",
    ),
    ("badge_assigned", VISIT, D, change("credential", visit_id="visit-2"), "badge_of_another"),
    ("badge_assigned", ROSTER, D, change("credential", person_id=v.OTHER), "badge_of_another"),
    ("badge_assigned", DUTY, D, change("credential", visit_id=v.VISIT), "badge_of_another"),
    ("two_factors", VISIT, D, fact(factors=f.Factors(f.PinOutcome.WRONG)), "pin_wrong"),
    ("clock_sound", ROSTER, D, fact(heard_at=v.NOW + timedelta(seconds=6)), "clock_behind"),
    ("snapshot_fresh", VISIT, D, fact(heard_at=None), "snapshot_stale"),
    ("snapshot_fresh", DUTY, D, fact(heard_at=v.NOW - H), "snapshot_stale"),
]
