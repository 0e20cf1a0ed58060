"""What access tells its own parts and the parts above, within the transaction that changed it.

Published by services with ``scif.kernel.events.publish``; the snapshot's writer is one subscriber.
"""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BookingChanged:
    """A booking was requested or decided, or its window, attendees, escorts or state changed.

    ``former_escort`` is who gave an attendee up.
    """

    booking_id: UUID
    former_escort: UUID | None = None


@dataclass(frozen=True, slots=True)
class VisitChanged:
    """A visit took a step, or its locker or its belongings changed."""

    visit_id: UUID


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """A person's clearance, read-ins, need to know, agreements or PIN changed."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class RosterChanged:
    """A roster entry began, changed or ended."""

    entry_id: UUID


@dataclass(frozen=True, slots=True)
class DutyChanged:
    """A duty was planned, changed or cancelled; ``former_escort`` is who gave it up."""

    duty_id: UUID
    former_escort: UUID | None = None


@dataclass(frozen=True, slots=True)
class PostureChanged:
    """What holds for a facility's areas changed: a lockdown, its threat level, its closed days."""

    facility_id: UUID


@dataclass(frozen=True, slots=True)
class SanitisationChanged:
    """An area was recorded as sanitised, or is not any more."""

    area_id: UUID


@dataclass(frozen=True, slots=True)
class PolicyPublished:
    """A facility works by another version of its policy profile."""

    facility_id: UUID


@dataclass(frozen=True, slots=True)
class WallChanged:
    """A conflict wall was raised or ended."""

    wall_id: UUID


@dataclass(frozen=True, slots=True)
class EmergencyChanged:
    """An emergency began or ceased to let its responders in."""

    emergency_id: UUID


@dataclass(frozen=True, slots=True)
class BadgeChanged:
    """A badge was issued, returned, revoked or lost."""

    badge_id: UUID
