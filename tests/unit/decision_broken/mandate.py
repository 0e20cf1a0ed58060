"""One broken fact each: mandate, booking, standing."""

from dataclasses import replace
from datetime import timedelta

from access.rules import facts as f
from access.rules.states import BookingState, EngagementState
from tests.unit import decision_facts as v
from tests.unit.decision_broken.row import (
    DAY,
    DUTY,
    EMERGENCY,
    ESCORT,
    INSPECTION,
    ROSTER,
    VISIT,
    A,
    B,
    D,
    H,
    Row,
    policy_with,
    window,
)
from tests.unit.decision_facts import change, within

ROWS: list[Row] = [
    ("engagement_named", VISIT, B, change("basis", engagement=None), "engagement_missing"),
    ("engagement_named", VISIT, D, within("engagement", asset=None), "engagement_missing"),
    *[
        ("engagement_active", VISIT, A, within("engagement", state=state), "engagement_not_active")
        for state in EngagementState
        if state is not EngagementState.ACTIVE
    ],
    (
        "engagement_approved",
        VISIT,
        D,
        within("engagement", facility_approver=v.OTHER),
        "engagement_not_approved",
    ),
    (
        "engagement_approved",
        VISIT,
        B,
        within("engagement", lab_approver=None),
        "engagement_not_approved",
    ),
    (
        "engagement_covers_time",
        VISIT,
        B,
        within("engagement", window=f.Window(v.NOW - DAY, v.NOW + H)),
        "engagement_time",
    ),
    (
        "engagement_covers_area",
        VISIT,
        B,
        within("engagement", areas=frozenset()),
        "engagement_area",
    ),
    (
        "member_of_engagement",
        VISIT,
        B,
        within("engagement", members=frozenset({v.OTHER})),
        "not_a_member",
    ),
    ("need_to_know", VISIT, B, change("person", needs_to_know=()), "need_to_know_missing"),
    (
        "need_to_know",
        VISIT,
        D,
        change(
            "person",
            needs_to_know=(replace(v.PERSON.needs_to_know[0], valid_until=v.NOW + H),),
        ),
        "need_to_know_missing",
    ),
    (
        "need_to_know",
        VISIT,
        D,
        change(
            "person",
            needs_to_know=(replace(v.PERSON.needs_to_know[0], grantor_organisation="org-own"),),
        ),
        "need_to_know_not_from_discloser",
    ),
    (
        "need_to_know",
        VISIT,
        A,
        change("person", needs_to_know=(replace(v.PERSON.needs_to_know[0], grantor=v.ME),)),
        "need_to_know_not_from_discloser",
    ),
    ("window_sound", VISIT, B, window(H, H), "window_empty"),
    (
        "notice_given",
        VISIT,
        B,
        policy_with("booking_lead", 30 * 24 * 60),
        "notice_too_short",
    ),
    *[
        ("booking_open", VISIT, B, within("booking", state=state), "booking_not_open")
        for state in (BookingState.REFUSED, BookingState.CANCELLED, BookingState.EXPIRED)
    ],
    *[
        ("booking_approved", VISIT, D, within("booking", state=state), "booking_not_approved")
        for state in BookingState
        if state is not BookingState.APPROVED
    ],
    ("approved_by_another", VISIT, B, within("booking", approver=v.ME), "approval_not_separate"),
    ("approved_by_another", VISIT, D, within("booking", approver=None), "approval_not_separate"),
    (
        "attendee_booked",
        VISIT,
        D,
        within("booking", attendees=frozenset({v.OTHER})),
        "not_an_attendee",
    ),
    ("within_window", VISIT, A, window(2 * H, 4 * H), "before_window"),
    ("within_window", VISIT, D, window(H / 2, 4 * H), "before_window"),
    ("within_window", VISIT, D, window(-H, timedelta()), "after_window"),
    ("roster_valid", ROSTER, D, window(-DAY, timedelta()), "roster_not_valid"),
    ("roster_sponsored", ROSTER, D, change("basis", sponsor=None), "roster_not_sponsored"),
    ("roster_sponsored", ROSTER, D, change("basis", sponsor=v.ME), "roster_not_sponsored"),
    ("on_shift", DUTY, D, window(H, 2 * H), "off_shift"),
    ("post_named", DUTY, D, change("basis", post=None), "post_unknown"),
    ("order_valid", ESCORT, D, window(-2 * H, -H), "order_not_valid"),
    ("order_valid", INSPECTION, D, window(H, 2 * H), "order_not_valid"),
    ("order_valid", EMERGENCY, D, window(-2 * H, -H), "order_not_valid"),
    ("somebody_escorted", ESCORT, D, change("basis", escorts=v.ME), "escort_of_nobody"),
    ("authority_named", INSPECTION, D, change("basis", authority=""), "authority_missing"),
    (
        "emergency_declared",
        EMERGENCY,
        D,
        change("basis", declared_by=frozenset({v.GUARD})),
        "emergency_not_declared",
    ),
]
