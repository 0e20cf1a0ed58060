"""States of mandate, booking, visit, badge and locker, and what leads from one to the next."""

from collections.abc import Mapping

from access.rules.words import Word
from scif.kernel.states import Machine


class EngagementState(Word):
    """Life of a mandate. It admits only while ACTIVE."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    CLOSED = "closed"


class EngagementAction(Word):
    """ACTIVATE follows the second of the two approvals, the lab's and the facility's (R45)."""

    PROPOSE = "propose"
    ACTIVATE = "activate"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    RESUME = "resume"
    CLOSE = "close"


_E, _EA = EngagementState, EngagementAction

ENGAGEMENT: Machine[EngagementState, EngagementAction] = Machine(
    "engagement",
    {
        (_E.DRAFT, _EA.PROPOSE): _E.PROPOSED,
        (_E.DRAFT, _EA.CLOSE): _E.CLOSED,
        (_E.PROPOSED, _EA.ACTIVATE): _E.ACTIVE,
        (_E.PROPOSED, _EA.REFUSE): _E.REFUSED,
        (_E.PROPOSED, _EA.CLOSE): _E.CLOSED,
        (_E.ACTIVE, _EA.SUSPEND): _E.SUSPENDED,
        (_E.ACTIVE, _EA.CLOSE): _E.CLOSED,
        (_E.SUSPENDED, _EA.RESUME): _E.ACTIVE,
        (_E.SUSPENDED, _EA.CLOSE): _E.CLOSED,
    },
)


class BookingState(Word):
    """Life of a booking. REQUESTED and APPROVED hold the slot."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    COMPLETED = "completed"


class BookingAction(Word):
    """EXPIRE: a request not decided in time, or an approved booking to which nobody came."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CANCEL = "cancel"
    EXPIRE = "expire"
    COMPLETE = "complete"


_B, _BA = BookingState, BookingAction

BOOKING: Machine[BookingState, BookingAction] = Machine(
    "booking",
    {
        (_B.REQUESTED, _BA.APPROVE): _B.APPROVED,
        (_B.REQUESTED, _BA.REFUSE): _B.REFUSED,
        (_B.REQUESTED, _BA.CANCEL): _B.CANCELLED,
        (_B.REQUESTED, _BA.EXPIRE): _B.EXPIRED,
        (_B.APPROVED, _BA.CANCEL): _B.CANCELLED,
        (_B.APPROVED, _BA.EXPIRE): _B.EXPIRED,
        (_B.APPROVED, _BA.COMPLETE): _B.COMPLETED,
    },
)

# The states in which a booking holds its slot against others (the database's exclusion).
HOLDS_SLOT = frozenset({BookingState.REQUESTED, BookingState.APPROVED})


class VisitState(Word):
    """One person's coming and going.

    BADGED is "Checked in" on screens. OUTSIDE: out through the door, badge still his, may come
    back. RECALLED: suspended while inside, so that the only way is out.
    """

    EXPECTED = "expected"
    ARRIVED = "arrived"
    IDENTIFIED = "identified"
    DEPOSITED = "deposited"
    BADGED = "badged"
    INSIDE = "inside"
    OUTSIDE = "outside"
    SEARCHED = "searched"
    RETURNED = "returned"
    COMPLETE = "complete"
    RECALLED = "recalled"
    SUSPENDED = "suspended"
    TURNED_AWAY = "turned_away"
    CANCELLED = "cancelled"


class VisitAction(Word):
    """The steps of a visit. RETURN: belongings and badge went back to their owners."""

    ARRIVE = "arrive"
    IDENTIFY = "identify"
    DEPOSIT = "deposit"
    ISSUE_BADGE = "issue_badge"
    ENTER = "enter"
    LEAVE = "leave"
    SEARCH = "search"
    RETURN = "return"
    COMPLETE = "complete"
    SUSPEND = "suspend"
    RESUME = "resume"
    TURN_AWAY = "turn_away"
    CANCEL = "cancel"


# What the journal calls the steps that the desk records: noun and past verb.
STEP_KINDS: Mapping[VisitAction, str] = {
    VisitAction.ARRIVE: "visit.arrived",
    VisitAction.IDENTIFY: "visit.identified",
    VisitAction.DEPOSIT: "visit.deposited",
    VisitAction.ISSUE_BADGE: "visit.badged",
    VisitAction.ENTER: "visit.entered",
    VisitAction.LEAVE: "visit.left",
    VisitAction.SEARCH: "visit.searched",
    VisitAction.RETURN: "visit.returned",
    VisitAction.COMPLETE: "visit.completed",
    VisitAction.SUSPEND: "visit.suspended",
    VisitAction.RESUME: "visit.resumed",
    VisitAction.TURN_AWAY: "visit.turned_away",
}
STEP_OF_KIND: Mapping[str, VisitAction] = {kind: step for step, kind in STEP_KINDS.items()}

_V, _VA = VisitState, VisitAction

# INVARIANT: INSIDE is reached only through IDENTIFIED, DEPOSITED and BADGED, and LEAVE leads out
# of every state in which a person is inside.
VISIT: Machine[VisitState, VisitAction] = Machine(
    "visit",
    {
        (_V.EXPECTED, _VA.ARRIVE): _V.ARRIVED,
        (_V.EXPECTED, _VA.CANCEL): _V.CANCELLED,
        (_V.ARRIVED, _VA.IDENTIFY): _V.IDENTIFIED,
        (_V.IDENTIFIED, _VA.DEPOSIT): _V.DEPOSITED,
        (_V.DEPOSITED, _VA.ISSUE_BADGE): _V.BADGED,
        (_V.BADGED, _VA.ENTER): _V.INSIDE,
        (_V.OUTSIDE, _VA.ENTER): _V.INSIDE,
        (_V.INSIDE, _VA.LEAVE): _V.OUTSIDE,
        (_V.RECALLED, _VA.LEAVE): _V.SUSPENDED,
        # Who was badged and never went in goes through the same way out.
        (_V.BADGED, _VA.SEARCH): _V.SEARCHED,
        (_V.OUTSIDE, _VA.SEARCH): _V.SEARCHED,
        (_V.SUSPENDED, _VA.SEARCH): _V.SEARCHED,
        (_V.SEARCHED, _VA.RETURN): _V.RETURNED,
        (_V.RETURNED, _VA.COMPLETE): _V.COMPLETE,
        # The door closes at once on suspension; the check-in begins again after it is lifted.
        (_V.ARRIVED, _VA.SUSPEND): _V.SUSPENDED,
        (_V.IDENTIFIED, _VA.SUSPEND): _V.SUSPENDED,
        (_V.DEPOSITED, _VA.SUSPEND): _V.SUSPENDED,
        (_V.BADGED, _VA.SUSPEND): _V.SUSPENDED,
        (_V.OUTSIDE, _VA.SUSPEND): _V.SUSPENDED,
        (_V.INSIDE, _VA.SUSPEND): _V.RECALLED,
        (_V.RECALLED, _VA.RESUME): _V.INSIDE,
        (_V.SUSPENDED, _VA.RESUME): _V.ARRIVED,
        (_V.ARRIVED, _VA.TURN_AWAY): _V.TURNED_AWAY,
        (_V.IDENTIFIED, _VA.TURN_AWAY): _V.TURNED_AWAY,
        (_V.DEPOSITED, _VA.TURN_AWAY): _V.TURNED_AWAY,
        (_V.BADGED, _VA.TURN_AWAY): _V.TURNED_AWAY,
        (_V.SUSPENDED, _VA.TURN_AWAY): _V.TURNED_AWAY,
        # Whoever is turned away takes his things along; the word stays.
        (_V.TURNED_AWAY, _VA.RETURN): _V.TURNED_AWAY,
    },
)

# States in which a person is counted as inside, and those in which the door may let him in.
VISIT_INSIDE = frozenset({VisitState.INSIDE, VisitState.RECALLED})
VISIT_MAY_ENTER = frozenset({VisitState.BADGED, VisitState.INSIDE, VisitState.OUTSIDE})
VISIT_AT_DESK = frozenset(
    {VisitState.EXPECTED, VisitState.ARRIVED, VisitState.IDENTIFIED, VisitState.DEPOSITED}
)
VISIT_ENDED = frozenset({VisitState.COMPLETE, VisitState.TURNED_AWAY, VisitState.CANCELLED})


class CredentialState(Word):
    """A badge, from blank card to the number that a door knows. A door opens only for ISSUED."""

    BLANK = "blank"
    ENCODED = "encoded"  # beforehand, in the drawer: for a desk whose reader gives no answer
    ISSUED = "issued"
    RETURNED = "returned"
    REVOKED = "revoked"
    LOST = "lost"
    DESTROYED = "destroyed"


class CredentialAction(Word):
    """FIND takes a lost one back. ERASE makes a returned card blank: its number is never used
    again. DESTROY ends one that is in nobody's hand.
    """

    ENCODE = "encode"
    ISSUE = "issue"
    RETURN = "return"
    REVOKE = "revoke"
    LOSE = "lose"
    FIND = "find"
    ERASE = "erase"
    DESTROY = "destroy"


_C, _CA = CredentialState, CredentialAction

CREDENTIAL: Machine[CredentialState, CredentialAction] = Machine(
    "badge",
    {
        (_C.BLANK, _CA.ENCODE): _C.ENCODED,
        (_C.BLANK, _CA.ISSUE): _C.ISSUED,
        (_C.ENCODED, _CA.ISSUE): _C.ISSUED,
        (_C.ENCODED, _CA.REVOKE): _C.REVOKED,
        (_C.ENCODED, _CA.LOSE): _C.LOST,
        (_C.ISSUED, _CA.RETURN): _C.RETURNED,
        (_C.ISSUED, _CA.REVOKE): _C.REVOKED,
        (_C.ISSUED, _CA.LOSE): _C.LOST,
        (_C.REVOKED, _CA.LOSE): _C.LOST,
        (_C.REVOKED, _CA.RETURN): _C.RETURNED,
        (_C.LOST, _CA.FIND): _C.RETURNED,
        (_C.RETURNED, _CA.ERASE): _C.BLANK,
        (_C.BLANK, _CA.LOSE): _C.LOST,
        (_C.RETURNED, _CA.DESTROY): _C.DESTROYED,
        (_C.BLANK, _CA.DESTROY): _C.DESTROYED,
        (_C.ENCODED, _CA.DESTROY): _C.DESTROYED,
    },
)


class LockerState(Word):
    """A locker given to a visit. SHUT is confirmed by two agreeing reads of the board."""

    ASSIGNED = "assigned"
    OPEN = "open"
    LOADED = "loaded"
    SHUT = "shut"
    JAMMED = "jammed"
    EMPTYING = "emptying"
    RETURNED = "returned"
    RELEASED = "released"


class LockerAction(Word):
    """CONFIRM_SHUT comes from the board, never from a person. RELEASE gives up an empty one."""

    OPEN = "open"
    LOAD = "load"
    CONFIRM_SHUT = "confirm_shut"
    JAM = "jam"
    OPEN_TO_RETURN = "open_to_return"
    RETURN = "return"
    RELEASE = "release"


_L, _LA = LockerState, LockerAction

LOCKER: Machine[LockerState, LockerAction] = Machine(
    "locker",
    {
        (_L.ASSIGNED, _LA.OPEN): _L.OPEN,
        (_L.ASSIGNED, _LA.RELEASE): _L.RELEASED,
        # Told to open and did not: nothing is in it yet, so another one may be taken.
        (_L.ASSIGNED, _LA.JAM): _L.JAMMED,
        (_L.JAMMED, _LA.RELEASE): _L.RELEASED,
        (_L.OPEN, _LA.LOAD): _L.LOADED,
        (_L.OPEN, _LA.RELEASE): _L.RELEASED,
        (_L.LOADED, _LA.LOAD): _L.LOADED,
        (_L.LOADED, _LA.CONFIRM_SHUT): _L.SHUT,
        (_L.LOADED, _LA.JAM): _L.JAMMED,
        (_L.JAMMED, _LA.OPEN): _L.OPEN,
        (_L.JAMMED, _LA.CONFIRM_SHUT): _L.SHUT,
        (_L.JAMMED, _LA.OPEN_TO_RETURN): _L.EMPTYING,
        # Opened again at the desk: the signature and the shut state must be had anew.
        (_L.SHUT, _LA.OPEN): _L.OPEN,
        (_L.SHUT, _LA.OPEN_TO_RETURN): _L.EMPTYING,
        (_L.LOADED, _LA.OPEN_TO_RETURN): _L.EMPTYING,
        # Turned away before anything was confirmed inside: what was listed is still given back.
        (_L.ASSIGNED, _LA.OPEN_TO_RETURN): _L.EMPTYING,
        (_L.OPEN, _LA.OPEN_TO_RETURN): _L.EMPTYING,
        (_L.EMPTYING, _LA.JAM): _L.JAMMED,
        (_L.EMPTYING, _LA.RETURN): _L.RETURNED,
    },
)
