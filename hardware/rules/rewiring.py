"""A change of what monitored inputs mean, from one officer's request to another's word."""

from enum import StrEnum

from scif.kernel.states import Machine


class RewiringState(StrEnum):
    """How far a request has come; only CONFIRMED changes anything."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  # nobody confirmed it in time


class RewiringAction(StrEnum):
    """What can happen to one."""

    CONFIRM = "confirm"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


REWIRING: Machine[RewiringState, RewiringAction] = Machine(
    "request",
    {
        (RewiringState.REQUESTED, RewiringAction.CONFIRM): RewiringState.CONFIRMED,
        (RewiringState.REQUESTED, RewiringAction.WITHDRAW): RewiringState.WITHDRAWN,
        (RewiringState.REQUESTED, RewiringAction.LAPSE): RewiringState.LAPSED,
    },
)
