"""One broken fact each: person and escort."""

from dataclasses import replace
from datetime import date

from access.rules import facts as f
from access.rules.labels import Label
from tests.unit import decision_facts as v
from tests.unit.decision_broken.row import (
    DUTY,
    INSPECTION,
    LAA,
    ROSTER,
    VISIT,
    A,
    B,
    D,
    Row,
)
from tests.unit.decision_facts import both, change, eligibility, fact

ROWS: list[Row] = [
    ("label_known", VISIT, D, change("basis", session_label=None), "label_unknown"),
    ("label_known", DUTY, D, change("area", label=None), "label_unknown"),
    ("eligible", VISIT, B, change("person", eligibilities=()), "eligibility_missing"),
    ("eligible", DUTY, D, eligibility(scheme="eu"), "eligibility_missing"),
    (
        "eligible",
        DUTY,
        D,
        both(
            eligibility(scheme="nato", rank=4),
            change(
                "policy",
                equivalences=(replace(v.POLICY.equivalences[0], valid_until=date(2026, 11, 23)),),
            ),
        ),
        "eligibility_missing",
    ),
    (
        "eligibility_stands",
        VISIT,
        D,
        eligibility(status=f.EligibilityStatus.SUSPENDED),
        "eligibility_suspended",
    ),
    (
        "eligibility_stands",
        INSPECTION,
        D,
        eligibility(status=f.EligibilityStatus.REVOKED),
        "eligibility_revoked",
    ),
    ("level_reached", VISIT, A, eligibility(rank=1), "clearance_too_low"),
    ("level_reached", DUTY, D, eligibility(rank=2), "clearance_too_low"),
    ("level_reached", DUTY, D, eligibility(scheme="nato", rank=3), "clearance_too_low"),
    (
        "level_reached",
        VISIT,
        D,
        both(eligibility(rank=2), change("area", open_storage=True)),
        "clearance_too_low",
    ),
    ("in_review", VISIT, B, eligibility(review_due=date(2026, 11, 23)), "review_overdue"),
    ("in_review", ROSTER, D, eligibility(review_due=None), "review_overdue"),
    (
        "interim_limited",
        VISIT,
        D,
        eligibility(status=f.EligibilityStatus.INTERIM),
        "interim_not_accepted",
    ),
    # The authority decides from a day on.
    (
        "interim_limited",
        ROSTER,
        D,
        eligibility(status=f.EligibilityStatus.INTERIM, accepted_on=date(2026, 11, 25)),
        "interim_not_accepted",
    ),
    ("laa_limited", VISIT, D, eligibility(status=LAA), "laa_not_accepted"),
    (
        "laa_limited",
        DUTY,
        D,
        both(eligibility(status=LAA), change("area", label=Label("us", 3))),
        "laa_not_accepted",
    ),
    (
        "read_in",
        VISIT,
        D,
        change("person", indoctrinations=v.PERSON.indoctrinations[1:]),
        "not_read_in",
    ),
    (
        "read_in",
        ROSTER,
        D,
        change(
            "person",
            indoctrinations=(
                v.PERSON.indoctrinations[0],
                replace(v.PERSON.indoctrinations[1], debriefed_on=date(2026, 11, 24)),
            ),
        ),
        "not_read_in",
    ),
    ("nda_signed", VISIT, D, change("person", nda=None), "nda_missing"),
    ("nda_signed", DUTY, D, change("person", nda=f.Nda(date(2026, 3, 1), v.ME)), "nda_invalid"),
    ("nda_signed", DUTY, D, change("person", nda=f.Nda(date(2026, 3, 1), None)), "nda_invalid"),
    ("nda_signed", VISIT, A, change("person", nda=f.Nda(date(2027, 3, 1), v.OTHER)), "nda_invalid"),
    ("caveats_admit", VISIT, B, change("person", citizenships=frozenset()), "citizenship_barred"),
    (
        "caveats_admit",
        DUTY,
        D,
        change("person", citizenships=frozenset({"US", "GB"})),
        "citizenship_barred",
    ),
    *(
        (
            "area_sanitised",
            kind,
            D,
            both(v.REPAIRER if kind is VISIT else v.ESCORTED, change("area", sanitised_until=end)),
            "area_not_sanitised",
        )
        for kind in (VISIT, DUTY)
        for end in (None, v.NOW)
    ),
    # Who comes under a mandate answers for all of it, under escort too.
    ("need_to_know", VISIT, D, v.ESCORTED, "need_to_know_missing"),
    ("escort_cleared", VISIT, D, both(v.REPAIRER, fact(escort=None)), "escort_not_cleared"),
    (
        "escort_cleared",
        DUTY,
        D,
        both(v.ESCORTED, change("escort", indoctrinations=())),
        "escort_not_cleared",
    ),
    (
        "escort_cleared",
        VISIT,
        B,
        both(v.REPAIRER, change("basis", escort=v.ME)),
        "escort_not_cleared",
    ),
    (
        "escort_inside",
        INSPECTION,
        D,
        both(v.ESCORTED, change("zone", inside={})),
        "escort_not_inside",
    ),
]
