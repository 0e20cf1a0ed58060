"""States of a session of a laptop, and what leads from one to the next.

A trigger in the database knows the same table (``terminals/migrations``); a test holds the two
together.
"""

from enum import StrEnum

from scif.kernel.states import Machine


class SessionState(StrEnum):
    """Life of a session.

    REQUESTED: the rules have passed and the bastion is being told. LIVE: the bastion has the grant,
    bytes may flow. PAUSED: they wait. CUTTING: it must end, and the bastion has not said yet that
    it has. ENDED is for good.
    """

    REQUESTED = "requested"
    LIVE = "live"
    PAUSED = "paused"
    CUTTING = "cutting"
    ENDED = "ended"


class SessionAction(StrEnum):
    """GRANT: the bastion has confirmed the grant. END: it has said that the session is over."""

    GRANT = "grant"
    PAUSE = "pause"
    RESUME = "resume"
    CUT = "cut"
    END = "end"


_S, _A = SessionState, SessionAction

# INVARIANT: nothing leads out of ENDED, and out of CUTTING only the end.
SESSION: Machine[SessionState, SessionAction] = Machine(
    "session",
    {
        (_S.REQUESTED, _A.GRANT): _S.LIVE,
        (_S.LIVE, _A.PAUSE): _S.PAUSED,
        (_S.PAUSED, _A.RESUME): _S.LIVE,
        **{(state, _A.CUT): _S.CUTTING for state in (_S.REQUESTED, _S.LIVE, _S.PAUSED)},
        **{(state, _A.END): _S.ENDED for state in _S if state is not _S.ENDED},
    },
)

OPEN_STATES = tuple(state.value for state in SessionState if state is not SessionState.ENDED)
