"""States of a terminal and of a boot image, and what leads from one to the next.

A trigger in the database knows the same table (``terminals/migrations``); a test holds the two
together.
"""

from enum import StrEnum

from scif.kernel.states import Machine


class TerminalState(StrEnum):
    """Life of a laptop.

    REGISTERED waits for the second officer. LOCKED stands still where it is. QUARANTINED serves
    nobody until two people release it. RETIRED is for good.
    """

    REGISTERED = "registered"
    IN_STORE = "in_store"
    ISSUED = "issued"
    IN_SESSION = "in_session"
    RETURNED = "returned"
    INSPECTED = "inspected"
    LOCKED = "locked"
    QUARANTINED = "quarantined"
    LOST = "lost"
    RETIRED = "retired"


class TerminalAction(StrEnum):
    """What happens to a terminal. RETURN hands it back, in whatever state it is."""

    CONFIRM = "confirm"
    ISSUE = "issue"
    OPEN_SESSION = "open_session"
    CLOSE_SESSION = "close_session"
    RETURN = "return"
    INSPECT = "inspect"
    STORE = "store"
    LOCK = "lock"
    UNLOCK = "unlock"
    QUARANTINE = "quarantine"
    RELEASE = "release"
    LOSE = "lose"
    FIND = "find"
    RETIRE = "retire"


_T, _A = TerminalState, TerminalAction

# In use, as opposed to not yet, no more, or put away.
IN_SERVICE = (_T.IN_STORE, _T.ISSUED, _T.IN_SESSION, _T.RETURNED, _T.INSPECTED)
# In somebody's hands, as far as the state tells: a session may be open or open at any moment.
OUT = frozenset({_T.ISSUED, _T.IN_SESSION})

# INVARIANT: out of QUARANTINED into service only by RELEASE, out of RETIRED never, and from
# RETURNED back to ISSUED only past an inspection.
TERMINAL: Machine[TerminalState, TerminalAction] = Machine(
    "laptop",
    {
        (_T.REGISTERED, _A.CONFIRM): _T.IN_STORE,
        (_T.REGISTERED, _A.RETIRE): _T.RETIRED,
        (_T.IN_STORE, _A.ISSUE): _T.ISSUED,
        (_T.IN_STORE, _A.RETIRE): _T.RETIRED,
        (_T.ISSUED, _A.OPEN_SESSION): _T.IN_SESSION,
        (_T.ISSUED, _A.RETURN): _T.RETURNED,
        (_T.IN_SESSION, _A.CLOSE_SESSION): _T.ISSUED,
        (_T.IN_SESSION, _A.RETURN): _T.RETURNED,
        (_T.RETURNED, _A.INSPECT): _T.INSPECTED,
        (_T.INSPECTED, _A.STORE): _T.IN_STORE,
        **{(state, _A.LOCK): _T.LOCKED for state in IN_SERVICE},
        # Back to whom it was issued to; one that nobody holds goes through an inspection.
        (_T.LOCKED, _A.UNLOCK): _T.ISSUED,
        (_T.LOCKED, _A.RETURN): _T.RETURNED,
        **{(state, _A.QUARANTINE): _T.QUARANTINED for state in (*IN_SERVICE, _T.LOCKED)},
        # Handing back is never refused; it lifts nothing.
        (_T.QUARANTINED, _A.RETURN): _T.QUARANTINED,
        (_T.QUARANTINED, _A.RELEASE): _T.IN_STORE,
        # Broken beyond a quote: gone for good needs no second person, since it never comes back.
        (_T.QUARANTINED, _A.RETIRE): _T.RETIRED,
        **{(state, _A.LOSE): _T.LOST for state in (*IN_SERVICE, _T.LOCKED, _T.QUARANTINED)},
        (_T.LOST, _A.FIND): _T.QUARANTINED,
        (_T.LOST, _A.RETIRE): _T.RETIRED,
    },
)


class ImageState(StrEnum):
    """Life of a boot image. Terminals are measured against APPROVED ones only."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class ImageAction(StrEnum):
    """APPROVE follows the second of two approvals."""

    APPROVE = "approve"
    WITHDRAW = "withdraw"


_I, _IA = ImageState, ImageAction

IMAGE: Machine[ImageState, ImageAction] = Machine(
    "boot image",
    {
        (_I.PROPOSED, _IA.APPROVE): _I.APPROVED,
        (_I.PROPOSED, _IA.WITHDRAW): _I.WITHDRAWN,
        (_I.APPROVED, _IA.WITHDRAW): _I.WITHDRAWN,
    },
)
