"""What lawful entries the rules must not stop."""

from dataclasses import replace
from datetime import date

import pytest

from access.rules import facts as f
from access.rules.decision import decide
from access.rules.labels import Caveat, Label
from hardware.decider import Direction, Outcome
from inspections.rules.states import SweepState
from tests.unit import decision_facts as v
from tests.unit.decision_broken.row import (
    DUTY,
    EMERGENCY,
    ESCORT,
    INSPECTION,
    LAA,
    ROSTER,
    VISIT,
    A,
    D,
    policy_with,
)
from tests.unit.decision_facts import Change, both, change, eligibility, fact, within


def allowed(kind: f.BasisKind, stage: f.Stage, *changes: Change) -> bool:
    return decide(both(*changes)(v.valid(kind, stage)), stage).outcome is Outcome.GRANTED


def escort_interim(accepted_on: date) -> Change:
    """The escort's own clearance is interim, and accepted."""
    held = replace(
        v.ESCORT.eligibilities[0], status=f.EligibilityStatus.INTERIM, accepted_on=accepted_on
    )
    return change("escort", eligibilities=(held,))


class TestWhoEntersAndWhy:
    """What lawful entries the rules must not stop."""

    def test_only_what_was_asked_is_met(self) -> None:
        """Whoever needs no clearance is not told to have one; nor who has none that counts."""
        of_clearances = {"eligible", "level_reached", "in_review", "interim_limited", "laa_limited"}
        of_escorts = {"area_sanitised", "escort_cleared", "escort_inside", "escort_free"}
        his_own = decide(v.valid(VISIT), D).met
        assert {"eligible", "level_reached", "in_review", "read_in"} <= set(his_own)
        assert not {"interim_limited", "laa_limited", *of_escorts} & set(his_own)
        led = decide(v.REPAIRER(v.valid(VISIT)), D)
        assert led.outcome is Outcome.GRANTED
        assert of_escorts <= set(led.met)
        assert not {*of_clearances, "read_in", "nda_signed", "engagement_active"} & set(led.met)
        suspended = eligibility(status=f.EligibilityStatus.SUSPENDED)
        refused = decide(suspended(v.valid(VISIT)), D)
        assert [each.rule for each in refused.objections] == ["eligibility_stands"]
        assert not of_clearances & set(refused.met)

    def test_an_accepted_scheme_serves_through_its_agreement(self) -> None:
        nato = eligibility(scheme="nato", rank=4)
        assert allowed(DUTY, D, nato)

    def test_continuous_vetting_replaces_the_review(self) -> None:
        assert allowed(ROSTER, D, eligibility(review_due=None, vetting_enrolled=True))

    def test_the_clearance_that_serves_is_relied_on(self) -> None:
        final = v.PERSON.eligibilities[0]
        expired = replace(final, review_due=date(2020, 1, 1))
        interim = replace(final, status=f.EligibilityStatus.INTERIM)
        low = replace(final, rank=1)
        several = change("person", eligibilities=(expired, low, final, interim))
        assert allowed(ROSTER, D, several)

    def test_an_interim_clearance_reaches_compartments_by_the_authoritys_decision(self) -> None:
        accepted = eligibility(status=f.EligibilityStatus.INTERIM, accepted_on=date(2026, 11, 24))
        for kind in (VISIT, ROSTER, DUTY, INSPECTION):
            assert allowed(kind, D, accepted)
        assert allowed(VISIT, A, accepted)
        # It answers for nobody else, and opens no area to which the threat level admits final ones.
        assert not allowed(DUTY, D, v.ESCORTED, escort_interim(date(2026, 11, 24)))
        assert not allowed(VISIT, D, accepted, change("area", threat="raised"))

    def test_of_two_interim_clearances_the_one_that_is_accepted_serves(self) -> None:
        interim = replace(v.PERSON.eligibilities[0], status=f.EligibilityStatus.INTERIM)
        higher, accepted = replace(interim, rank=4), replace(interim, accepted_on=date(2026, 3, 1))
        assert allowed(ROSTER, D, change("person", eligibilities=(higher, accepted)))
        assert not allowed(ROSTER, D, change("person", eligibilities=(higher, interim)))

    def test_an_acceptance_lifts_no_other_limit(self) -> None:
        for status in (LAA, f.EligibilityStatus.SUSPENDED, f.EligibilityStatus.REVOKED):
            assert not allowed(VISIT, D, eligibility(status=status, accepted_on=date(2026, 3, 1)))
        interim = {"status": f.EligibilityStatus.INTERIM, "accepted_on": date(2026, 3, 1)}
        assert not allowed(VISIT, D, eligibility(**interim, rank=1))
        assert not allowed(VISIT, D, eligibility(**interim, review_due=date(2026, 11, 23)))

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
        full = change("zone", inside=v.people(*"abcdef"), certain=False)
        assert allowed(EMERGENCY, D, fact(person=v.UNCLEARED), fire, full)

    def test_of_responders_only_the_uncleared_are_announced(self) -> None:
        announced = "announce_uncleared_person"
        assert announced not in decide(v.valid(EMERGENCY), D).obligations
        assert announced in decide(fact(person=v.UNCLEARED)(v.valid(EMERGENCY)), D).obligations

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
        old = fact(heard_at=v.NOW - v.DAY)
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

    def test_one_who_is_refused_owes_nothing(self) -> None:
        loose = both(
            policy_with("uncertain_count_denies", value=False), change("zone", certain=False)
        )
        decision = decide(both(loose, change("area", lockdown=True))(v.valid(VISIT)), D)
        assert (decision.outcome, decision.obligations) == (Outcome.REFUSED, ())

    def test_an_approved_device_is_announced(self) -> None:
        device = within("belongings", staying=("MED-0012",))
        assert decide(device(v.valid(VISIT)), D).obligations == ("announce_medical_device",)

    def test_rel_to_asks_for_one_listed_citizenship(self) -> None:
        rel = frozenset({Caveat("REL TO USA, GBR", frozenset({"US", "GB"}), every=False)})
        room = change("area", label=replace(v.ROOM, caveats=rel))
        dual = change("person", citizenships=frozenset({"GB", "BR"}))
        assert allowed(DUTY, D, room, dual)
