"""The basis that an entry stands on: visit, roster, duty, escort, inspection, emergency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import ClassVar

from access.rules.labels import Label
from access.rules.states import BookingState, EngagementState, VisitState
from access.rules.words import Word


class BasisKind(Word):
    """Kinds of basis, in the order of preference where two serve equally well."""

    VISIT = "visit"
    ROSTER = "roster"
    DUTY = "duty"
    ESCORT = "escort"
    INSPECTION = "inspection"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open interval of time: ``start`` belongs to it, ``end`` does not."""

    start: datetime
    end: datetime

    def contains(self, moment: datetime) -> bool:
        """Whether the moment lies inside."""
        return self.start <= moment < self.end

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether the whole span from ``start`` to ``end`` lies inside, its end included."""
        return self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True)
class Basis:
    """What every basis has: whose, where, when.

    ``areas`` are the identifiers of the areas that it leads into, ``path`` those on the way.
    ``escort`` is the person who accompanies an uncleared holder without a break (R38).
    """

    kind: ClassVar[BasisKind]

    basis_id: str
    person_id: str
    areas: frozenset[str]
    window: Window
    path: frozenset[str] = frozenset()
    escort: str | None = None


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """The booking under which a visit takes place; ``attendees`` holds only who need be known.

    ``approver`` decided it, or is about to. ``attendee_count`` is the number of all who will come.
    """

    state: BookingState
    requester: str
    approver: str | None
    attendees: frozenset[str]
    attendee_count: int


@dataclass(frozen=True, slots=True)
class EngagementFacts:
    """The mandate: its sponsor discloses, its members study, two sides approve it (R45)."""

    engagement_id: str
    state: EngagementState
    window: Window
    sponsor: str
    asset: str | None
    areas: frozenset[str]
    members: frozenset[str]
    lab_approver: str | None
    facility_approver: str | None


@dataclass(frozen=True, slots=True)
class Belongings:
    """Phone and belongings at the desk.

    ``shut``: every locker of the visit is confirmed shut by two agreeing reads. ``none_declared``:
    the visitor brought nothing. ``staying`` are the devices that stay with him, each the reference
    of its approval, empty where there is none (R44).
    """

    shut: bool = False
    none_declared: bool = False
    signed_by_visitor: bool = False
    signed_by_guard: bool = False
    staying: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitBasis(Basis):
    """A visit of one attendee under a booking; ``basis_id`` is the visit's identifier.

    ``session_label`` is that of the material shown; ``window`` that of the booking, without
    changeover. An escorted visitor without a mandate (a repairer) has no engagement.
    """

    kind = BasisKind.VISIT

    state: VisitState | None = None
    booking: BookingFacts | None = None
    engagement: EngagementFacts | None = None
    session_label: Label | None = None
    identity_checked: bool = False
    belongings: Belongings | None = None
    badge_issued: bool = False


@dataclass(frozen=True, slots=True)
class RosterBasis(Basis):
    """Permanent staff of an area; ``window`` ends with the review date or the entry's end.

    ``hours`` are the person's own by weekday from 0 (Monday), local time; None: the area's.
    """

    kind = BasisKind.ROSTER

    sponsor: str | None = None
    hours: Mapping[int, tuple[time, time]] | None = None


class DutyPost(Word):
    """Duties that carry a right of entry while they last."""

    GUARD = "guard"
    SWEEPER = "sweeper"
    OPENER = "opener"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class DutyBasis(Basis):
    """A shift of a guard, a sweeper, an opener, a repairer; ``window`` is the shift."""

    kind = BasisKind.DUTY

    post: DutyPost | None = None


@dataclass(frozen=True, slots=True)
class EscortBasis(Basis):
    """An order to accompany ``escorts`` during the window."""

    kind = BasisKind.ESCORT

    escorts: str | None = None


@dataclass(frozen=True, slots=True)
class InspectionBasis(Basis):
    """An inspector's appointment by ``authority``; admitted without delay once cleared (R40)."""

    kind = BasisKind.INSPECTION

    authority: str | None = None


@dataclass(frozen=True, slots=True)
class EmergencyBasis(Basis):
    """A response to ``incident``, declared by two people with a reason (R20)."""

    kind = BasisKind.EMERGENCY

    incident: str | None = None
    declared_by: frozenset[str] = frozenset()
