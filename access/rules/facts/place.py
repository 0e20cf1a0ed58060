"""Facts about places: the area that a portal leads into, the portal, the zone behind it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from access.rules.labels import Label
from access.rules.words import Word
from hardware.decider import Direction, Occupant
from inspections.rules.states import AccreditationState, SweepState


class Passback(Word):
    """What becomes of somebody who is counted inside and shows the badge outside once more."""

    HARD = "hard"
    SOFT = "soft"
    TIMED = "timed"


class OfflineRule(Word):
    """What an area declares for decisions from a snapshot older than its policy's limit."""

    ENFORCE = "enforce"
    DENY = "deny"
    ALLOW_AND_FLAG = "allow_and_flag"


@dataclass(frozen=True, slots=True)
class AccreditationFacts:
    """The accreditation letter (R1, R2): its state, ceiling, and last day if it states one."""

    state: AccreditationState
    scheme: str
    rank: int
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class ClosedSpan:
    """Local days on which an area is closed, first and last included, under a name."""

    first: date
    last: date
    name: str = ""

    def touches(self, first: date, last: date) -> bool:
        """Whether one of the days from ``first`` to ``last`` is closed."""
        return self.first <= last and first <= self.last


@dataclass(frozen=True, slots=True)
class TemporaryUse:
    """The use of a temporary working area (R5): its first day, and the hours booked in each month.

    ``since`` None: not recorded. ``booked`` has other bookings only, by year and month.
    """

    since: date | None
    booked: Mapping[tuple[int, int], timedelta]


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """The area that a portal leads into.

    ``label`` is the highest that the area may hold; None with ``unclassified`` set is a lobby, and
    None without it is a missing fact. ``hours`` are opening hours, local time, by weekday from 0
    (Monday); a weekday that is not listed is closed. ``sanitised_until``: until then nothing
    classified lies open (R38); ``open_storage``: material may lie open while nobody works.
    ``last_sweep`` is the state of the newest sweep; None: never swept. ``two_person``: nobody may
    be alone inside (R45). ``threat`` is the code of the facility's threat level, ``closed`` the
    days on which the area is closed whatever its hours say. ``has_panel``: an alarm panel watches
    it, and what it says must be known. ``temporary`` is its use, where it is only a temporary
    working area; doors are not told, since only the centre books.
    """

    area_id: str
    label: Label | None = None
    unclassified: bool = False
    accreditation: AccreditationFacts | None = None
    swept_after_use: bool = True
    last_sweep: SweepState | None = None
    capacity: int | None = None
    hours: Mapping[int, tuple[time, time]] | None = None
    time_zone: str = "UTC"
    lockdown: bool | None = None
    sanitised_until: datetime | None = None
    open_storage: bool = True
    offline_rule: OfflineRule = OfflineRule.DENY
    two_person: bool = False
    code: str = ""
    threat: str | None = None
    closed: tuple[ClosedSpan, ...] = ()
    has_panel: bool = False
    temporary: TemporaryUse | None = None

    def __post_init__(self) -> None:
        """A lobby has no label; a record that says both is refused."""
        if self.unclassified and self.label is not None:
            raise ValueError("an unclassified area has no label")

    def sanitised(self, at: datetime) -> bool:
        """Whether nothing classified lies open in it at a moment."""
        return self.sanitised_until is not None and at < self.sanitised_until

    def exposed(self, at: datetime) -> bool:
        """Whether whoever enters may see what the area holds, whatever he came for."""
        return self.label is not None and self.open_storage and not self.sanitised(at)


class IdsMode(Word):
    """Modes of an alarm panel; unknown is none of them."""

    ACCESS = "access"
    SECURE = "secure"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class IdsFacts:
    """What the alarm panel of the area says at this moment; ``alarm`` None: not known."""

    mode: IdsMode = IdsMode.UNKNOWN
    alarm: bool | None = None


@dataclass(frozen=True, slots=True)
class PortalFacts:
    """The portal at which a read was made; ``two_factors``: badge and PIN (R22)."""

    code: str
    direction: Direction
    two_factors: bool = True


@dataclass(frozen=True, slots=True)
class ZoneOrder:
    """The order that a zone keeps; what is None here is as the policy says.

    ``minimum``: as long as anybody is inside, so many must remain.
    """

    passback: Passback | None = None
    passback_minutes: int | None = None
    first_person_in: bool = False
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """Who is inside the zone behind the portal, and whether the count is certain.

    ``coming``, ``going``, ``waiting``, ``interlocked``, ``thinned`` as in
    :class:`hardware.decider.ZoneView`. ``parties`` are those of the others inside, None for
    somebody of whom nothing is known; they are told only where the person is kept apart from a
    party.
    """

    zone: str
    inside: Mapping[str, Occupant]
    certain: bool
    order: ZoneOrder = field(default=ZoneOrder())
    coming: Mapping[str, Occupant] = field(default_factory=dict)
    going: frozenset[str] = frozenset()
    waiting: Mapping[str, Occupant] = field(default_factory=dict)
    interlocked: Mapping[str, str] = field(default_factory=dict)
    thinned: bool = False
    parties: Collection[str | None] = ()
