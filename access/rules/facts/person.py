"""Facts about a person: what he is cleared for, read into, needs to know and has promised."""

from dataclasses import dataclass
from datetime import date, datetime

from access.rules.facts.basis import Window
from access.rules.words import Word


class EligibilityStatus(Word):
    """Status of an eligibility (R27, R35, R36)."""

    FINAL = "final"
    INTERIM = "interim"
    LAA = "laa"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Eligibility for a level, from an authoritative source (R32).

    In review until the end of ``review_due``, or without end while ``vetting_enrolled`` (R37).
    ``accepted_on`` is the day on which the granting authority decided that it reaches compartments
    while it is interim (R36); None: it has not.
    """

    scheme: str
    rank: int
    status: EligibilityStatus
    review_due: date | None = None
    vetting_enrolled: bool = False
    accepted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Indoctrination:
    """A read-in to one compartment of a scheme, from its briefing to its debrief."""

    scheme: str
    compartment: str
    briefed_on: date
    debriefed_on: date | None = None


@dataclass(frozen=True, slots=True)
class NeedToKnow:
    """Need to know for one engagement, granted by a person of ``grantor_organisation`` (R31)."""

    engagement: str
    grantor: str
    grantor_organisation: str
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Nda:
    """A signed non-disclosure agreement with its witness, who signs the same day (R34)."""

    signed_on: date
    witness: str | None


@dataclass(frozen=True, slots=True)
class LockdownRight:
    """The right to enter these areas during a lockdown; it is no basis of entry."""

    areas: frozenset[str]
    window: Window


class WallKind(Word):
    """What two parties may not share: a room at one time, or a facility on a day."""

    ROOM = "room"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Wall:
    """A conflict wall between the person's party and ``party``, by local days, last one included.

    ``met`` are the days on which that party is known to have come, where days count.
    """

    party: str
    kind: WallKind
    first: date
    last: date | None = None
    met: frozenset[date] = frozenset()

    def holds(self, day: date) -> bool:
        """Whether the wall stands on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person as the records of the centre describe him; ``party`` is his organisation."""

    person_id: str
    citizenships: frozenset[str] = frozenset()
    eligibilities: tuple[Eligibility, ...] = ()
    indoctrinations: tuple[Indoctrination, ...] = ()
    needs_to_know: tuple[NeedToKnow, ...] = ()
    nda: Nda | None = None
    lockdown_rights: tuple[LockdownRight, ...] = ()
    party: str | None = None
    walls: tuple[Wall, ...] = ()
