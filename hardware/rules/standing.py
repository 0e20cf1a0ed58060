"""A standing order, from the request of one person to its end."""

from enum import StrEnum

from scif.kernel.states import Machine


class StandingState(StrEnum):
    """How far a request to hold or shunt a door has come."""

    REQUESTED = "requested"
    ORDERED = "ordered"  # a second person confirmed it; the gateway has not answered yet
    STANDING = "standing"
    ENDED = "ended"
    LAPSED = "lapsed"  # nobody confirmed it in time, or it was withdrawn
    FAILED = "failed"  # the gateway refused it, or did not answer


class StandingAction(StrEnum):
    """What can happen to one."""

    CONFIRM = "confirm"
    LAPSE = "lapse"
    BEGIN = "begin"
    FAIL = "fail"
    END = "end"


STANDING: Machine[StandingState, StandingAction] = Machine(
    "standing order",
    {
        (StandingState.REQUESTED, StandingAction.CONFIRM): StandingState.ORDERED,
        (StandingState.REQUESTED, StandingAction.LAPSE): StandingState.LAPSED,
        (StandingState.ORDERED, StandingAction.BEGIN): StandingState.STANDING,
        (StandingState.ORDERED, StandingAction.FAIL): StandingState.FAILED,
        (StandingState.ORDERED, StandingAction.END): StandingState.ENDED,
        (StandingState.STANDING, StandingAction.FAIL): StandingState.FAILED,
        (StandingState.STANDING, StandingAction.END): StandingState.ENDED,
        # An answer that arrives after it was called unanswered: it does stand.
        (StandingState.FAILED, StandingAction.BEGIN): StandingState.STANDING,
        (StandingState.FAILED, StandingAction.END): StandingState.ENDED,
    },
)
OPEN = frozenset({StandingState.REQUESTED, StandingState.ORDERED, StandingState.STANDING})
