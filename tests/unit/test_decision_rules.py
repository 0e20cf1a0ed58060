"""One broken fact each: valid facts are granted, and each broken one gives its own objection."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from access.rules import facts as f
from access.rules.decision import decide
from access.rules.entry import GROUND, RULES
from access.rules.labels import Caveat, Label
from access.rules.policy_keys import RULE_KEYS
from access.rules.rule import STAGES_OF_BASIS
from access.rules.states import BookingState, CredentialState, EngagementState, VisitState
from hardware.decider import Direction, Outcome
from inspections.rules.states import AccreditationState, SweepState
from tests.unit import decision_facts as v
from tests.unit.decision_facts import Change, both, change, eligibility, fact, within

B, A, D = f.Stage.BOOKING, f.Stage.ARRIVAL, f.Stage.DOOR
VISIT, ROSTER, DUTY = f.BasisKind.VISIT, f.BasisKind.ROSTER, f.BasisKind.DUTY
ESCORT, INSPECTION = f.BasisKind.ESCORT, f.BasisKind.INSPECTION
EMERGENCY = f.BasisKind.EMERGENCY
POSSIBLE = [
    (kind, stage) for kind in f.BasisKind for stage in f.Stage if stage in STAGES_OF_BASIS[kind]
]


def policy_with(key: str, value: object) -> Change:
    values = {**{k: p.entry() for k, p in RULE_KEYS.items()}, key: {"value": value}}
    return change("policy", values=values)


def threat_demands(**demands: object) -> Change:
    """A policy with a level ``tight`` that demands this."""
    return policy_with(
        "threat_levels",
        [
            {"code": "normal", "name": "Normal", "demands": []},
            {"code": "tight", "name": "Tight", "demands": [demands]},
        ],
    )


def window(start: timedelta, end: timedelta) -> Change:
    return change("basis", window=f.Window(v.NOW + start, v.NOW + end))


H, DAY = v.HOUR, v.DAY
LAA = f.EligibilityStatus.LAA
# The rule that objects, the basis, the stage, the broken fact, the code.
BROKEN: list[tuple[str, f.BasisKind, f.Stage, Change, str]] = [
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
    ("no_lockdown", DUTY, D, change("area", lockdown=None), "lockdown"),
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
    ("open_hours", ROSTER, D, change("basis", hours={1: (time(11), time(12))}), "outside_hours"),
    *[
        (
            "parties_apart",
            kind,
            stage,
            both(
                change("person", walls=(f.Wall("rival", wall, v.NOW.date(), None, met),)),
                fact(zone=f.ZoneFacts("z-a", (v.OTHER,), certain=True, parties=parties)),
            ),
            "kept_apart",
        )
        for kind, stage, wall, met, parties in (
            (VISIT, A, f.WallKind.ROOM, frozenset(), ("rival",)),
            (VISIT, D, f.WallKind.ROOM, frozenset(), ("friend", "rival")),
            (ROSTER, D, f.WallKind.ROOM, frozenset(), (None,)),
            (DUTY, D, f.WallKind.DAY, frozenset(), ("rival",)),
            (VISIT, D, f.WallKind.DAY, frozenset({v.NOW.date()}), ()),
        )
    ],
    ("ids_quiet", VISIT, D, fact(ids=f.IdsFacts(f.IdsMode.ACCESS, alarm=True)), "ids_alarm"),
    ("ids_quiet", ROSTER, D, fact(ids=f.IdsFacts(f.IdsMode.ACCESS)), "ids_alarm"),
    *[
        ("ids_in_access", kind, D, fact(ids=f.IdsFacts(mode, alarm=False)), "ids_not_access")
        for kind in (VISIT, ROSTER, ESCORT, INSPECTION)
        for mode in f.IdsMode
        if mode is not f.IdsMode.ACCESS
    ],
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
        "outside_hours",
    ),
    ("places_for_booking", VISIT, B, within("booking", attendee_count=5), "capacity_reached"),
    ("places_for_booking", VISIT, B, change("area", capacity=None), "capacity_unknown"),
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
    (
        "area_sanitised",
        VISIT,
        D,
        both(v.REPAIRER, change("area", sanitised=False)),
        "area_not_sanitised",
    ),
    ("escort_cleared", VISIT, D, both(v.ESCORTED, fact(escort=None)), "escort_not_cleared"),
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
        both(v.ESCORTED, change("basis", escort=v.ME)),
        "escort_not_cleared",
    ),
    (
        "escort_inside",
        INSPECTION,
        D,
        both(v.ESCORTED, change("zone", inside=frozenset())),
        "escort_not_inside",
    ),
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
    ("zone_known", EMERGENCY, D, fact(zone=None), "zone_unknown"),
    (
        "not_inside_already",
        DUTY,
        D,
        change("zone", inside=frozenset({v.ME})),
        "already_inside",
    ),
    ("count_certain", VISIT, D, change("zone", certain=False), "count_uncertain"),
    ("place_free", ROSTER, D, change("zone", inside=frozenset("abcd")), "capacity_reached"),
    ("place_free", ROSTER, D, change("area", capacity=None), "capacity_unknown"),
]


@pytest.mark.parametrize(("kind", "stage"), POSSIBLE)
def test_valid_facts_are_granted(kind: f.BasisKind, stage: f.Stage) -> None:
    decision = decide(v.valid(kind, stage), stage)
    assert (decision.outcome, decision.objections, decision.pending) == (Outcome.GRANTED, (), ())
    assert decision.met
    assert decision.policy_version == "icd705/3"


@pytest.mark.parametrize(
    ("rule", "kind", "stage", "broken", "code"),
    BROKEN,
    ids=[
        f"{rule}-{kind}-{stage}-{code}-{n}" for n, (rule, kind, stage, _, code) in enumerate(BROKEN)
    ],
)
def test_one_broken_fact_gives_its_own_objection(
    rule: str, kind: f.BasisKind, stage: f.Stage, broken: Change, code: str
) -> None:
    decision = decide(broken(v.valid(kind, stage)), stage)
    assert [(each.rule, each.code) for each in decision.objections] == [(rule, code)]
    assert decision.outcome is Outcome.REFUSED
    record = decision.objections[0].record()
    assert all(record[part] for part in ("code", "message", "remedy", "who", "guard"))


def test_every_rule_has_a_broken_fact() -> None:
    assert {rule.name for rule in GROUND} | {rule.name for rule in RULES} == {
        row[0] for row in BROKEN
    }


@pytest.mark.parametrize(
    ("kind", "stage", "lacking", "awaits"),
    [
        (VISIT, B, change("person", nda=None), "nda"),
        (VISIT, A, change("basis", identity_checked=False), "identity"),
        (VISIT, A, change("basis", belongings=None), "belongings"),
        (VISIT, A, within("belongings", signed_by_guard=False), "signatures"),
        (VISIT, A, within("belongings", staying=("",)), "device_approval"),
        (VISIT, D, fact(factors=f.Factors()), "pin"),
        (DUTY, D, fact(factors=f.Factors()), "pin"),
    ],
)
def test_what_mends_itself_is_awaited(
    kind: f.BasisKind, stage: f.Stage, lacking: Change, awaits: str
) -> None:
    decision = decide(lacking(v.valid(kind, stage)), stage)
    assert (decision.outcome, decision.awaits) == (Outcome.PENDING, awaits)
    assert decision.objections == ()


def test_nothing_is_awaited_once_something_objects() -> None:
    broken = both(fact(factors=f.Factors()), change("area", lockdown=True))
    decision = decide(broken(v.valid(VISIT)), D)
    assert (decision.outcome, decision.awaits) == (Outcome.REFUSED, None)
    assert [each.code for each in decision.pending] == ["pin_absent"]


def allowed(kind: f.BasisKind, stage: f.Stage, *changes: Change) -> bool:
    return decide(both(*changes)(v.valid(kind, stage)), stage).outcome is Outcome.GRANTED


class TestWhoEntersAndWhy:
    """What lawful entries the rules must not stop."""

    def test_an_accepted_scheme_serves_through_its_agreement(self) -> None:
        nato = eligibility(scheme="nato", rank=4)
        assert allowed(DUTY, D, nato)

    def test_a_right_opens_a_locked_area_for_its_period_only(self) -> None:
        locked = change("area", lockdown=True)
        right = f.LockdownRight(frozenset({v.AREA}), v.WINDOW)
        past = replace(right, window=f.Window(v.NOW - 2 * v.HOUR, v.NOW))
        elsewhere = replace(right, areas=frozenset({v.PATH_AREA}))
        for kind in (VISIT, ROSTER, DUTY):
            assert allowed(kind, D, locked, change("person", lockdown_rights=(right,)))
            assert not allowed(kind, D, locked, change("person", lockdown_rights=(past, elsewhere)))
        unknown = change("area", lockdown=None)
        assert not allowed(DUTY, D, unknown, change("person", lockdown_rights=(right,)))

    def test_hours_of_ones_own_hold_instead_of_the_areas(self) -> None:
        shut = change("area", hours={})
        assert not allowed(ROSTER, D, shut)
        assert allowed(ROSTER, D, shut, change("basis", hours={1: (time(9), time(11))}))

    def test_a_closed_day_keeps_no_guard_and_no_responder_out(self) -> None:
        closed = change("area", closed=(f.ClosedSpan(v.NOW.date(), v.NOW.date()),))
        assert allowed(DUTY, D, closed)
        assert allowed(f.BasisKind.EMERGENCY, D, closed)

    def test_a_threat_level_demands_only_where_it_says(self) -> None:
        tight = change("area", threat="tight")
        assert allowed(ROSTER, D, tight, threat_demands(ranks={"us": 4}, areas=["elsewhere"]))
        assert allowed(ROSTER, D, tight, threat_demands(ranks={"nato": 5}))
        assert allowed(ROSTER, D, tight, threat_demands(ranks={"us": 3}, final_only=True))
        assert allowed(ROSTER, D, tight, threat_demands(no_visitors=True))
        assert allowed(f.BasisKind.EMERGENCY, D, tight, threat_demands(ranks={"us": 9}))

    def test_an_escorts_clearance_is_not_the_escorted_persons(self) -> None:
        tight = both(change("area", threat="tight"), threat_demands(final_only=True))
        facts = both(v.REPAIRER, tight)(v.valid(VISIT))
        assert "threat_clearance" in [each.code for each in decide(facts, D).objections]

    def test_a_wall_keeps_apart_only_whom_and_when_it_says(self) -> None:
        day, met = v.NOW.date(), frozenset({v.NOW.date() - v.DAY})
        rival = fact(zone=f.ZoneFacts("z-a", (v.OTHER,), certain=True, parties=("rival",)))
        friend = fact(zone=f.ZoneFacts("z-a", (v.OTHER,), certain=True, parties=("friend",)))
        room = f.Wall("rival", f.WallKind.ROOM, day)
        assert allowed(VISIT, D, change("person", walls=(room,)), friend)
        past = replace(room, first=day - 2 * v.DAY, last=day - v.DAY)
        assert allowed(VISIT, D, change("person", walls=(past,)), rival)
        days = replace(room, kind=f.WallKind.DAY, met=met)
        assert allowed(VISIT, D, change("person", walls=(days,)), friend)
        assert allowed(f.BasisKind.EMERGENCY, D, change("person", walls=(room,)), rival)

    def test_a_responder_enters_with_the_badge_alone(self) -> None:
        assert allowed(EMERGENCY, D, fact(factors=f.Factors()))
        assert not allowed(EMERGENCY, D, fact(factors=f.Factors(f.PinOutcome.WRONG)))
        assert not allowed(EMERGENCY, D, fact(credential=None))

    def test_a_panel_that_is_not_heard_keeps_out(self) -> None:
        assert not allowed(ROSTER, D, change("area", has_panel=True))
        quiet = fact(ids=f.IdsFacts(f.IdsMode.ACCESS, alarm=False))
        assert allowed(ROSTER, D, change("area", has_panel=True), quiet)

    @pytest.mark.parametrize("mode", list(f.IdsMode))
    def test_whose_duty_leads_past_the_panel(self, mode: f.IdsMode) -> None:
        def post(name: str) -> Change:
            return change("basis", post=f.DutyPost(name))

        said = fact(ids=f.IdsFacts(mode, alarm=False))
        alarm = fact(ids=f.IdsFacts(mode, alarm=True))
        assert allowed(DUTY, D, post("guard"), alarm)
        assert allowed(EMERGENCY, D, alarm)
        access, secure = mode is f.IdsMode.ACCESS, mode is f.IdsMode.SECURE
        assert allowed(DUTY, D, post("opener"), said) is (access or secure)
        assert allowed(DUTY, D, post("sweeper"), said) is access
        assert not allowed(DUTY, D, post("opener"), alarm)

    def test_continuous_vetting_replaces_the_review(self) -> None:
        assert allowed(ROSTER, D, eligibility(review_due=None, vetting_enrolled=True))

    def test_the_clearance_that_serves_is_relied_on(self) -> None:
        final = v.PERSON.eligibilities[0]
        expired = replace(final, review_due=date(2020, 1, 1))
        interim = replace(final, status=f.EligibilityStatus.INTERIM)
        low = replace(final, rank=1)
        several = change("person", eligibilities=(expired, low, final, interim))
        assert allowed(ROSTER, D, several)

    def test_a_laa_serves_below_the_policys_rank(self) -> None:
        plain = change("area", label=Label("us", 2))
        assert allowed(DUTY, D, eligibility(status=LAA), plain)

    def test_sweepers_and_guards_enter_an_unswept_room(self) -> None:
        due = change("area", last_sweep=SweepState.DUE)
        assert allowed(DUTY, D, due)
        assert allowed(DUTY, D, due, change("basis", post=f.DutyPost.SWEEPER))

    def test_somebody_looks_after_a_room_that_lost_its_accreditation(self) -> None:
        lost = change("area", accreditation=None)
        assert [kind for kind in f.BasisKind if allowed(kind, D, lost)] == [
            DUTY,
            INSPECTION,
            EMERGENCY,
        ]

    def test_responders_need_no_clearance_and_no_free_way_out(self) -> None:
        fire = change("area", lockdown=True, last_sweep=SweepState.DUE)
        full = change("zone", inside=frozenset("abcdef"), certain=False)
        assert allowed(EMERGENCY, D, fact(person=v.UNCLEARED), fire, full)

    @pytest.mark.parametrize("kind", [VISIT, DUTY, INSPECTION])
    def test_the_uncleared_enter_under_escort(self, kind: f.BasisKind) -> None:
        assert allowed(kind, D, v.ESCORTED if kind is not VISIT else v.REPAIRER)
        decision = decide(v.ESCORTED(v.valid(DUTY)), D)
        assert decision.obligations == ("announce_uncleared_person", "escort_without_break")

    @pytest.mark.parametrize("kind", [ROSTER, ESCORT])
    def test_staff_and_escorts_are_never_escorted(self, kind: f.BasisKind) -> None:
        assert not allowed(kind, D, v.ESCORTED)

    def test_an_escort_does_not_cure_a_revocation(self) -> None:
        revoked = replace(v.PERSON.eligibilities[0], status=f.EligibilityStatus.REVOKED)
        assert not allowed(DUTY, D, v.ESCORTED, change("person", eligibilities=(revoked,)))

    def test_a_lobby_on_the_way_asks_for_no_label(self) -> None:
        lobby = change(
            "area",
            area_id=v.PATH_AREA,
            label=None,
            unclassified=True,
            accreditation=None,
            swept_after_use=False,
        )
        assert allowed(VISIT, D, lobby)

    def test_a_guards_order_stands_for_badge_and_pin(self) -> None:
        ordered = fact(credential=None, factors=f.Factors(commanded_by=v.GUARD))
        assert allowed(VISIT, D, ordered)
        assert not allowed(VISIT, D, ordered, change("basis", badge_issued=False))

    def test_a_badge_alone_serves_where_the_portal_asks_for_no_more(self) -> None:
        single = fact(portal=f.PortalFacts("D3", Direction.IN, two_factors=False))
        assert allowed(DUTY, D, single, fact(factors=f.Factors()))
        assert not allowed(DUTY, D, single, fact(factors=f.Factors(f.PinOutcome.WRONG)))

    def test_a_cut_off_door_follows_the_rule_that_its_area_declares(self) -> None:
        old = fact(heard_at=v.NOW - DAY)
        assert allowed(DUTY, D, old, change("area", offline_rule=f.OfflineRule.ENFORCE))
        flagged = both(old, change("area", offline_rule=f.OfflineRule.ALLOW_AND_FLAG))
        decision = decide(flagged(v.valid(DUTY)), D)
        assert decision.outcome is Outcome.GRANTED
        assert decision.obligations == ("flag_stale_snapshot",)

    def test_an_uncertain_count_is_flagged_where_the_policy_lets_it_pass(self) -> None:
        loose = both(
            policy_with("uncertain_count_denies", value=False), change("zone", certain=False)
        )
        decision = decide(loose(v.valid(VISIT)), D)
        assert decision.obligations == ("flag_uncertain_count",)

    def test_an_approved_device_is_announced(self) -> None:
        device = within("belongings", staying=("MED-0012",))
        assert decide(device(v.valid(VISIT)), D).obligations == ("announce_medical_device",)

    def test_rel_to_asks_for_one_listed_citizenship(self) -> None:
        rel = frozenset({Caveat("REL TO USA, GBR", frozenset({"US", "GB"}), every=False)})
        room = change("area", label=replace(v.ROOM, caveats=rel))
        dual = change("person", citizenships=frozenset({"GB", "BR"}))
        assert allowed(DUTY, D, room, dual)
