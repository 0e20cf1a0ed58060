"""States of a registered place, and what leads from one to the next.

A trigger in the database knows the same table (``terminals/migrations``); a test holds the two
together.
"""

from enum import StrEnum

from scif.kernel.states import Machine


class PlaceState(StrEnum):
    """Life of a registered place. Laptops work only from an APPROVED one; REVOKED is for good."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REVOKED = "revoked"


class PlaceAction(StrEnum):
    """APPROVE follows the second of two approvals, the lab's and the facility's."""

    APPROVE = "approve"
    REVOKE = "revoke"


_P, _A = PlaceState, PlaceAction

# INVARIANT: nothing leads out of REVOKED; whoever wants the place again registers it anew.
PLACE: Machine[PlaceState, PlaceAction] = Machine(
    "registered place",
    {
        (_P.PROPOSED, _A.APPROVE): _P.APPROVED,
        (_P.PROPOSED, _A.REVOKE): _P.REVOKED,
        (_P.APPROVED, _A.REVOKE): _P.REVOKED,
    },
)
