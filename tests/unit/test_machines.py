"""The state tables: what cannot be skipped, and that leaving is always possible."""

from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from access.rules import states as s
from access.rules.open_items import ExitFacts, open_items, open_items_at_door
from access.rules.wording import OPEN_ITEM_TEXTS
from hardware.rules.rewiring import REWIRING, RewiringState
from inspections.rules import states as i
from scif.kernel.errors import Refused
from scif.kernel.states import Machine
from terminals.rules import states as t
from terminals.rules.airlock_states import AIRLOCK, AirlockState
from tests.unit.decision_facts import altered

A, V = s.VisitAction, s.VisitState


class VisitLife(RuleBasedStateMachine):
    """Any actions in any order: what the table refuses changes nothing."""

    @initialize()
    def begin(self) -> None:
        self.state = V.EXPECTED
        # The steps done since the visitor last stood at the desk with nothing done.
        self.done: set[s.VisitAction] = set()
        self.inside = False

    @rule(action=st.sampled_from(list(A)))
    def act(self, action: s.VisitAction) -> None:
        if action not in s.VISIT.allowed(self.state):
            with pytest.raises(Refused):
                s.VISIT.next(self.state, action)
            return
        self.state = s.VISIT.next(self.state, action)
        if action in {A.ARRIVE, A.SUSPEND} and self.state is not V.RECALLED:
            self.done.clear()
        self.done.add(action)
        if action is A.ENTER:
            self.inside = True
            assert {A.IDENTIFY, A.DEPOSIT, A.ISSUE_BADGE} <= self.done
        if action is A.LEAVE:
            self.inside = False

    @precondition(lambda self: self.inside)
    @rule()
    def can_leave(self) -> None:
        outside = s.VISIT.next(self.state, A.LEAVE)
        assert outside not in s.VISIT_INSIDE

    @invariant()
    def inside_is_known(self) -> None:
        if hasattr(self, "state"):
            assert self.inside == (self.state in s.VISIT_INSIDE)

    @invariant()
    def complete_only_after_search_and_return(self) -> None:
        if getattr(self, "state", None) is V.COMPLETE:
            assert {A.SEARCH, A.RETURN} <= self.done


TestVisitLife = VisitLife.TestCase

# Each with its first state.
MACHINES: list[tuple[Machine[Any, Any], StrEnum]] = [
    (s.ENGAGEMENT, s.EngagementState.DRAFT),
    (s.BOOKING, s.BookingState.REQUESTED),
    (s.VISIT, s.VisitState.EXPECTED),
    (s.CREDENTIAL, s.CredentialState.BLANK),
    (s.LOCKER, s.LockerState.ASSIGNED),
    (REWIRING, RewiringState.REQUESTED),
    (i.ACCREDITATION, i.AccreditationState.CONCEPT),
    (i.SWEEP, i.SweepState.DUE),
    (t.TERMINAL, t.TerminalState.REGISTERED),
    (t.IMAGE, t.ImageState.PROPOSED),
    (AIRLOCK, AirlockState.DRAFT),
]


@pytest.mark.parametrize(("machine", "first"), MACHINES, ids=[m.name for m, _ in MACHINES])
def test_every_state_is_reached_and_every_action_used(
    machine: Machine[Any, Any], first: StrEnum
) -> None:
    reached = {first}
    while (
        more := {after for (state, _), after in machine.table.items() if state in reached} - reached
    ):
        reached |= more
    assert reached == set(type(first))
    action: type[StrEnum] = type(next(iter(machine.table))[1])
    assert {used for _, used in machine.table} == set(action)


def test_whoever_is_inside_can_leave_from_every_state() -> None:
    for state in s.VISIT_INSIDE:
        assert s.VisitAction.LEAVE in s.VISIT.allowed(state)


def test_the_door_lets_in_only_after_the_check_in() -> None:
    entering = {state for (state, action) in s.VISIT.table if action is A.ENTER}
    assert entering == {V.BADGED, V.OUTSIDE}
    assert entering <= s.VISIT_MAY_ENTER


def test_only_a_pass_opens_a_room_and_a_failed_sweep_is_begun_again() -> None:
    into_passed = {key for key, after in i.SWEEP.table.items() if after is i.SweepState.PASSED}
    assert into_passed == {(i.SweepState.IN_PROGRESS, i.SweepAction.PASS)}
    assert i.SWEEP.allowed(i.SweepState.FAILED) == {i.SweepAction.START}


def test_an_accreditation_comes_into_force_only_by_the_officials_document() -> None:
    words = {action for (_, action), after in i.ACCREDITATION.table.items() if after in i.IN_FORCE}
    assert words == {i.AccreditationAction.GRANT_INTERIM, i.AccreditationAction.ACCREDIT}


def test_a_locker_is_shut_only_by_the_boards_word() -> None:
    words = {action for (_, action), after in s.LOCKER.table.items() if after is s.LockerState.SHUT}
    assert words == {s.LockerAction.CONFIRM_SHUT}


CLOSED = ExitFacts(
    state=V.RETURNED,
    counted_inside=False,
    search_recorded=True,
    lockers=(s.LockerState.RETURNED,),
    return_signed_by_visitor=True,
    return_signed_by_guard=True,
    badge=s.CredentialState.RETURNED,
)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"state": V.SUSPENDED}, "visit_suspended"),
        ({"counted_inside": True}, "still_inside"),
        ({"search_recorded": False}, "search_not_recorded"),
        ({"lockers": (s.LockerState.SHUT,)}, "locker_not_emptied"),
        ({"return_signed_by_guard": False}, "return_not_signed"),
        ({"laptop_held": True}, "laptop_not_returned"),
        ({"badge": s.CredentialState.ISSUED}, "badge_not_returned"),
    ],
)
def test_an_exit_lists_what_is_open(broken: dict[str, object], code: str) -> None:
    assert open_items(CLOSED) == ()
    (item,) = open_items(altered(CLOSED, **broken))
    assert item.code == code
    assert item.act.guard


def test_past_the_end_is_open_only_while_inside() -> None:
    late = replace(CLOSED, past_end=True)
    assert open_items(late) == ()
    codes = [item.code for item in open_items(replace(late, state=V.INSIDE))]
    assert codes == ["past_end", "still_inside"]


def test_a_door_lists_what_it_knows() -> None:
    assert open_items_at_door(person_id="p", counted_inside=True, past_end=False) == ()
    found = open_items_at_door(person_id=None, counted_inside=False, past_end=True)
    assert [item.code for item in found] == ["badge_unknown", "past_end"]
    assert all(item.act is OPEN_ITEM_TEXTS[item.code] for item in found)
