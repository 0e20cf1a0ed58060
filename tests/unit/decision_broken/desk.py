"""One broken fact each: the desk."""

from access.rules.states import VisitState
from tests.unit.decision_broken.row import (
    VISIT,
    D,
    Row,
)
from tests.unit.decision_facts import change, within

ROWS: list[Row] = [
    *[
        ("visit_open", VISIT, D, change("basis", state=state), "visit_not_open")
        for state in (
            None,
            VisitState.SUSPENDED,
            VisitState.RECALLED,
            VisitState.SEARCHED,
            VisitState.RETURNED,
            VisitState.COMPLETE,
            VisitState.TURNED_AWAY,
            VisitState.CANCELLED,
        )
    ],
    *[
        ("checked_in", VISIT, D, change("basis", state=state), "not_checked_in")
        for state in (
            VisitState.EXPECTED,
            VisitState.ARRIVED,
            VisitState.IDENTIFIED,
            VisitState.DEPOSITED,
        )
    ],
    ("identity_checked", VISIT, D, change("basis", identity_checked=False), "identity_not_checked"),
    ("belongings_locked", VISIT, D, within("belongings", shut=False), "belongings_not_locked"),
    ("deposit_signed", VISIT, D, within("belongings", signed_by_guard=False), "deposit_not_signed"),
    (
        "deposit_signed",
        VISIT,
        D,
        within("belongings", signed_by_visitor=False),
        "deposit_not_signed",
    ),
    (
        "devices_approved",
        VISIT,
        D,
        within("belongings", staying=("MED-0012", "")),
        "device_not_approved",
    ),
    ("badge_issued", VISIT, D, change("basis", badge_issued=False), "badge_not_issued"),
]
