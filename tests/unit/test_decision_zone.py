"""Who is in the zone: what passes, what waits, and what is wrong with who remains."""

from datetime import datetime, timedelta

import pytest

from access.rules import facts as f
from access.rules.decision import decide
from access.rules.remaining import concerns
from hardware.decider import Occupant, Outcome
from tests.unit import decision_facts as v
from tests.unit.decision_broken.row import DUTY, EMERGENCY, ROSTER, VISIT, D, policy_with
from tests.unit.decision_broken.zone import OPENED, PAIRED, TIMED, entered
from tests.unit.decision_facts import Change, both, change

People = dict[str, Occupant]


def decided(kind: f.BasisKind, *changes: Change) -> tuple[Outcome, str | None]:
    decision = decide(both(*changes)(v.valid(kind)), D)
    return decision.outcome, decision.awaits


UNFIT = [("escort_unfit", ("g",))]
GRANTED = (Outcome.GRANTED, None)
AWAITED = (Outcome.PENDING, "second_person")


class TestAntiPassback:
    def test_soft_admits_and_flags(self) -> None:
        soft = change("zone", inside=v.people(v.ME), order=f.ZoneOrder(f.Passback.SOFT))
        decision = decide(soft(v.valid(VISIT)), D)
        assert decision.outcome is Outcome.GRANTED
        assert decision.obligations == ("flag_passback",)

    def test_timed_admits_and_flags_once_the_time_is_over(self) -> None:
        decision = decide(both(entered(30), change("zone", order=TIMED))(v.valid(ROSTER)), D)
        assert decision.outcome is Outcome.GRANTED
        assert decision.obligations == ("flag_passback",)

    def test_a_responder_who_went_out_by_the_handle_is_admitted_and_flagged(self) -> None:
        hard = change("zone", inside=v.people(v.ME), order=f.ZoneOrder(f.Passback.HARD))
        decision = decide(hard(v.valid(EMERGENCY)), D)
        assert decision.outcome is Outcome.GRANTED
        assert "flag_passback" in decision.obligations

    def test_timed_tells_the_guard_from_when(self) -> None:
        decision = decide(both(entered(10), change("zone", order=TIMED))(v.valid(ROSTER)), D)
        (objection,) = decision.objections
        assert "24 Nov 2026 10:20" in objection.guard

    def test_a_clock_that_ran_ahead_frees_nobody(self) -> None:
        assert decided(ROSTER, entered(-60), change("zone", order=TIMED))[0] is Outcome.REFUSED

    def test_the_same_portal_may_be_asked_again_before_it_opens(self) -> None:
        assert decided(ROSTER, change("zone", coming=v.people(v.ME, portal="D3"))) == GRANTED


class TestTwoPersons:
    @pytest.mark.parametrize("kind", [VISIT, ROSTER, DUTY])
    def test_the_first_of_two_waits(self, kind: f.BasisKind) -> None:
        decision = decide(both(PAIRED, change("zone", inside={}))(v.valid(kind)), D)
        assert (decision.outcome, decision.awaits) == AWAITED
        assert decision.reader_text == "Second person, please"

    def test_the_pin_is_asked_for_first(self) -> None:
        no_pin = v.fact(factors=f.Factors())
        assert decided(VISIT, PAIRED, change("zone", inside={}), no_pin) == (
            Outcome.PENDING,
            "pin",
        )

    def test_the_second_enters_with_the_first(self) -> None:
        beside = change("zone", inside={}, waiting=v.people("a"))
        assert decided(VISIT, PAIRED, beside) == GRANTED

    @pytest.mark.parametrize(
        "no_companion",
        [
            {"waiting": v.people(v.ME)},
            {"waiting": v.people("a", escort="b")},
            {"waiting": v.people("a", basis="emergency")},
            {"inside": v.people("a", escort="b")},
            {"inside": v.people("a", basis="emergency")},
            {"inside": v.people("a"), "going": frozenset("a")},
            {"coming": v.people("a", "b")},
            {"inside": v.people(v.ME), "order": f.ZoneOrder(f.Passback.SOFT)},
        ],
    )
    def test_who_is_no_companion(self, no_companion: dict[str, object]) -> None:
        assert decided(VISIT, PAIRED, change("zone", **{"inside": {}, **no_companion})) == AWAITED

    def test_who_joins_one_left_alone_enters_alone(self) -> None:
        assert decided(ROSTER, PAIRED, change("zone", inside=v.people("a"))) == GRANTED

    def test_the_escorted_enter_where_two_are(self) -> None:
        two = change("zone", inside=v.people(v.OTHER, "b"))
        assert decided(VISIT, PAIRED, v.REPAIRER, two) == GRANTED

    def test_responders_do_not_wait(self) -> None:
        assert decided(EMERGENCY, PAIRED, change("zone", inside={})) == GRANTED


class TestFirstPerson:
    def test_who_may_open_the_zone_is_the_first(self) -> None:
        assert decided(DUTY, change("zone", inside={}, order=OPENED)) == GRANTED

    def test_others_follow_one_who_is_inside(self) -> None:
        assert decided(VISIT, change("zone", order=OPENED)) == GRANTED

    def test_a_visitor_enters_together_with_one_who_may_open_it(self) -> None:
        beside = change("zone", inside={}, order=OPENED, waiting=v.people("a", basis="roster"))
        assert decided(VISIT, PAIRED, beside) == GRANTED


class TestEscort:
    def test_one_more_enters_up_to_the_ratio(self) -> None:
        one = change("zone", inside=v.people(v.OTHER) | v.people("a", escort=v.OTHER))
        assert decided(VISIT, v.REPAIRER, policy_with("escort_ratio", 2), one) == GRANTED

    def test_the_charges_of_another_escort_do_not_count(self) -> None:
        others = change("zone", inside=v.people(v.OTHER, "b") | v.people("a", escort="b"))
        assert decided(VISIT, v.REPAIRER, policy_with("escort_ratio", 1), others) == GRANTED


def remaining(
    inside: People,
    *,
    escorts: dict[str, f.PersonFacts] | None = None,
    area: f.AreaFacts | None = None,
    two_person: bool = False,
    now: datetime = v.NOW,
    **zone: object,
) -> list[tuple[str, tuple[str, ...]]]:
    """The concerns about these people in a lobby, or in the area of the rows."""
    found = concerns(
        v.altered(f.ZoneFacts("z", inside, certain=True), **zone),
        area=area or f.AreaFacts("lobby", unclassified=True, two_person=two_person),
        escorts=dict.fromkeys("ab", v.ESCORT) if escorts is None else escorts,
        policy=v.POLICY,
        now=now,
    )
    return [(each.code, each.people) for each in found]


class TestWhoRemains:
    def test_nobody_is_no_concern(self) -> None:
        order = f.ZoneOrder(minimum=3)
        assert remaining({}, two_person=True, order=order, thinned=True) == []

    def test_one_left_alone(self) -> None:
        assert remaining(v.people("a"), two_person=True) == [("two_person_broken", ("a",))]
        assert remaining(v.people("a"), two_person=False) == []
        assert remaining(v.people("a", "b"), two_person=True) == []

    def test_escorted_people_and_responders_make_no_pair(self) -> None:
        guests = v.people("g", escort="a")
        assert remaining(v.people("a") | guests, two_person=True) == [
            ("two_person_broken", ("a", "g"))
        ]
        responders = v.people("r", "s", basis="emergency")
        assert remaining(responders, two_person=True) == []
        assert remaining(v.people("a") | responders, two_person=True) == [
            ("two_person_broken", ("a",))
        ]

    def test_the_grace_is_the_policys(self) -> None:
        (found,) = concerns(
            f.ZoneFacts("z", v.people("a"), certain=True),
            area=f.AreaFacts("lobby", unclassified=True, two_person=True),
            escorts={},
            policy=v.POLICY,
            now=v.NOW,
        )
        assert found.grace_seconds == 60

    def test_escorted_people_without_their_escort_are_named(self) -> None:
        inside = v.people("b") | v.people("g", "h", escort="a") | v.people("i", escort="b")
        assert remaining(inside) == [("escort_lost", ("g", "h"))]

    def test_an_escort_who_is_cleared_no_more_is_none(self) -> None:
        inside = v.people(v.OTHER) | v.people("g", escort=v.OTHER)
        area = v.altered(v.AREA_FACTS, sanitised_until=v.NOW + v.DAY)
        assert remaining(inside, escorts={v.OTHER: v.ESCORT}, area=area) == []
        suspended = v.altered(
            v.ESCORT,
            eligibilities=tuple(
                v.altered(each, status=f.EligibilityStatus.SUSPENDED)
                for each in v.ESCORT.eligibilities
            ),
        )
        assert remaining(inside, escorts={v.OTHER: suspended}, area=area) == UNFIT
        assert remaining(inside, escorts={}, area=area) == UNFIT
        late = v.NOW + 4000 * v.DAY  # his review has fallen due
        area = v.altered(v.AREA_FACTS, sanitised_until=late + v.DAY)
        assert remaining(inside, escorts={v.OTHER: v.ESCORT}, area=area, now=late) == UNFIT

    def test_an_area_without_a_label_is_a_lobby_only_where_that_is_known(self) -> None:
        inside = v.people(v.OTHER) | v.people("g", escort=v.OTHER)
        unlabelled = f.AreaFacts("unknown", sanitised_until=v.NOW + v.DAY)
        assert remaining(inside, escorts={v.OTHER: v.ESCORT}, area=unlabelled) == UNFIT

    def test_the_escorted_leave_where_the_sanitisation_ends(self) -> None:
        inside = v.people(v.OTHER) | v.people("g", escort=v.OTHER)
        until = v.altered(v.AREA_FACTS, sanitised_until=v.NOW)
        escorts = {v.OTHER: v.ESCORT}
        assert remaining(inside, escorts=escorts, area=until) == [("not_sanitised", ("g",))]
        assert remaining(v.people(v.OTHER), area=until) == []
        before = v.NOW - timedelta(seconds=1)
        assert remaining(inside, escorts=escorts, area=until, now=before) == []

    def test_fewer_than_the_least_once_somebody_has_left(self) -> None:
        order = f.ZoneOrder(minimum=2)
        assert remaining(v.people("a"), order=order, thinned=True) == [("below_minimum", ())]
        assert remaining(v.people("a"), order=order) == []
        assert remaining(v.people("a", "b"), order=order, thinned=True) == []


def test_an_interlock_names_its_doors_to_the_officer_only() -> None:
    facts = change("zone", interlocked={"D4": "open", "D5": "unknown"})(v.valid(ROSTER))
    (objection,) = decide(facts, D).objections
    assert "D4 (open), D5 (unknown)" in objection.message
    assert "D4" not in objection.guard + objection.visitor
    assert decided(EMERGENCY, change("zone", interlocked={"D4": "open"})) == GRANTED


def test_timed_without_minutes_of_its_own_follows_the_policy() -> None:
    order = change("zone", order=f.ZoneOrder(f.Passback.TIMED))
    policy = policy_with("anti_passback_minutes", 5)
    assert decided(ROSTER, entered(5), order, policy)[0] is Outcome.GRANTED
    assert decided(ROSTER, entered(4), order, policy)[0] is Outcome.REFUSED
