"""What the state of a place, a wall and an alarm panel must not stop."""

from dataclasses import replace
from datetime import time

import pytest

from access.rules import facts as f
from access.rules.decision import decide
from tests.unit import decision_facts as v
from tests.unit.decision_broken.posture import threat_demands
from tests.unit.decision_broken.row import DUTY, EMERGENCY, ROSTER, VISIT, D
from tests.unit.decision_facts import Change, both, change, fact
from tests.unit.test_decision_lawful import allowed


class TestTheStateOfThePlace:
    """Lawful entries beside what keeps others out."""

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
        rival = fact(zone=f.ZoneFacts("z-a", v.people(v.OTHER), certain=True, parties=("rival",)))
        friend = fact(zone=f.ZoneFacts("z-a", v.people(v.OTHER), certain=True, parties=("friend",)))
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
