"""One broken fact each: ground, room."""

from dataclasses import replace
from datetime import date

from access.rules import facts as f
from access.rules.states import CredentialState
from inspections.rules.states import AccreditationState, SweepState
from tests.unit import decision_facts as v
from tests.unit.decision_broken.row import (
    DAY,
    DUTY,
    ESCORT,
    ROSTER,
    VISIT,
    A,
    B,
    D,
    H,
    Row,
    window,
)
from tests.unit.decision_facts import both, change, fact, within

ROWS: list[Row] = [
    ("policy_known", VISIT, D, fact(policy=None), "policy_missing"),
    ("badge_known", VISIT, D, fact(credential=None), "unknown_badge"),
    (
        "badge_known",
        ROSTER,
        D,
        fact(credential=None, person=None, basis=None, factors=f.Factors(commanded_by=v.GUARD)),
        "order_names_nobody",
    ),
    *[
        ("badge_active", VISIT, D, change("credential", state=state), "badge_not_active")
        for state in CredentialState
        if state is not CredentialState.ISSUED
    ],
    ("person_known", VISIT, D, fact(person=None), "person_unknown"),
    ("person_known", VISIT, B, fact(person=None), "person_unknown"),
    ("basis_known", ROSTER, D, fact(basis=None), "no_basis"),
    ("area_known", ROSTER, D, fact(area=None), "area_unknown"),
    ("basis_is_the_persons_own", DUTY, D, change("basis", person_id=v.OTHER), "not_the_holder"),
    ("no_lockdown", VISIT, A, change("area", lockdown=True), "lockdown"),
    ("no_lockdown", DUTY, D, change("area", lockdown=None), "lockdown_unknown"),
    ("accredited", VISIT, B, change("area", accreditation=None), "not_accredited"),
    *[
        (
            "accredited",
            ROSTER,
            D,
            change("area", accreditation=f.AccreditationFacts(state, "us", 3)),
            "not_accredited",
        )
        for state in AccreditationState
        if state not in {AccreditationState.ACCREDITED, AccreditationState.INTERIM}
    ],
    (
        "accreditation_covers_time",
        VISIT,
        B,
        change(
            "area",
            accreditation=f.AccreditationFacts(
                AccreditationState.ACCREDITED, "us", 3, date(2026, 11, 23)
            ),
        ),
        "accreditation_expires",
    ),
    (
        "letter_reaches_label",
        VISIT,
        D,
        change("area", accreditation=f.AccreditationFacts(AccreditationState.INTERIM, "us", 1)),
        "label_above_letter",
    ),
    ("area_dominates_session", VISIT, B, change("area", label=None), "label_above_area"),
    (
        "area_dominates_session",
        VISIT,
        D,
        change("area", label=replace(v.ROOM, compartments=frozenset({"HALYARD"}))),
        "label_above_area",
    ),
    *[
        ("swept", kind, D, change("area", last_sweep=state), "not_swept")
        for state in (SweepState.DUE, SweepState.IN_PROGRESS, SweepState.FAILED, None)
        for kind in (VISIT, ROSTER, ESCORT)
    ],
    (
        "swept",
        DUTY,
        D,
        both(change("basis", post=f.DutyPost.OPENER), change("area", last_sweep=SweepState.DUE)),
        "not_swept",
    ),
    ("booked_in_hours", VISIT, B, change("area", hours=None), "outside_hours"),
    ("booked_in_hours", VISIT, B, window(H, 10 * H), "outside_hours"),
    ("booked_in_hours", VISIT, B, window(4 * DAY, 4 * DAY + H), "outside_hours"),
    (
        "open_hours",
        ROSTER,
        D,
        both(fact(now=v.NOW + 9 * H, heard_at=v.NOW + 9 * H)),
        "outside_own_hours",
    ),
    ("places_for_booking", VISIT, B, within("booking", attendee_count=5), "capacity_reached"),
    ("places_for_booking", VISIT, B, change("area", capacity=None), "capacity_unknown"),
    *[
        ("temporary_in_its_time", VISIT, stage, v.temporary(since), code)
        for stage in (B, A)
        for since, code in (
            (None, "temporary_since_unknown"),
            (date(2026, 11, 25), "temporary_not_begun"),
            (date(2025, 11, 24), "temporary_ended"),
        )
    ],
    # The visit itself lasts four hours.
    ("temporary_hours_left", VISIT, B, v.temporary(booked=36), "temporary_hours"),
]
