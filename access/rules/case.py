"""The case that the rules look at: facts whose ground is known, and the span they must hold for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, cast
from zoneinfo import ZoneInfo

from access.rules.facts import (
    AreaFacts,
    Basis,
    BasisKind,
    CredentialFacts,
    Eligibility,
    EngagementFacts,
    Factors,
    Facts,
    IdsFacts,
    PersonFacts,
    PolicyFacts,
    PortalFacts,
    Stage,
    VisitBasis,
    ZoneFacts,
)
from access.rules.labels import Label
from access.rules.reach import relied_on

MAY_BE_ESCORTED = frozenset({BasisKind.VISIT, BasisKind.DUTY, BasisKind.INSPECTION})


@dataclass(slots=True, eq=False)
class Case:
    """Facts with their ground known. Final for the type checker: frozen would cost more to make.

    ``start`` to ``end`` is the span through which every fact must hold: the booked window before
    the day; from now to the end of the window for a visit; this moment for every other basis.
    ``days`` are the span's first and last, in the facility's time zone.
    ``required`` is the label that the person must reach: the session's for a visit, and the area's
    too where its material lies open; the area's for every other basis. None where the area is
    unclassified or the label is missing. ``own`` is the same where the person must reach it
    himself, None for an escorted person, whom the rules of the escort speak of; ``relied`` is the
    clearance of the person that serves ``own`` best. ``engagement`` is the mandate that a visit
    answers under; one under escort needs none. ``visit`` is the basis as a
    visit. INVARIANT: it is None for any other, so that a rule that asks for what it did not declare
    raises, and denies.
    """

    stage: Final[Stage]
    now: Final[datetime]
    start: Final[datetime]
    end: Final[datetime]
    policy: Final[PolicyFacts]
    person: Final[PersonFacts]
    basis: Final[Basis]
    area: Final[AreaFacts]
    portal: Final[PortalFacts | None]
    credential: Final[CredentialFacts | None]
    factors: Final[Factors]
    zone: Final[ZoneFacts | None]
    escort: Final[PersonFacts | None]
    heard_at: Final[datetime | None]
    escorted: Final[bool]
    days: Final[tuple[date, date]]
    required: Final[Label | None]
    own: Final[Label | None]
    relied: Final[Eligibility | None]
    ids: Final[IdsFacts | None]
    visit: Final[VisitBasis]
    engagement: Final[EngagementFacts | None]

    @classmethod
    def of(cls, facts: Facts, stage: Stage) -> "Case | None":
        """The case of these facts, or None where a ground fact is missing."""
        basis, area = facts.basis, facts.area
        if facts.policy is None or facts.person is None or basis is None or area is None:
            return None
        start = end = facts.now
        visit = basis if isinstance(basis, VisitBasis) else None
        if visit is not None:
            if stage is Stage.BOOKING:
                start = visit.window.start
            end = visit.window.end if visit.window.end > start else start
        days = _days(start, end, area.time_zone)
        escorted = basis.escort is not None and basis.kind in MAY_BE_ESCORTED
        required = area.label if visit is None else _required(visit, area, end)
        own = None if escorted else required
        relied = None if own is None else relied_on(facts.person, own, facts.policy, days)
        return cls(
            stage,
            facts.now,
            start,
            end,
            facts.policy,
            facts.person,
            basis,
            area,
            facts.portal,
            facts.credential,
            facts.factors,
            facts.zone,
            facts.escort,
            facts.heard_at,
            escorted,
            days,
            required,
            own,
            relied,
            facts.ids,
            cast("VisitBasis", visit),
            None if visit is None else visit.engagement,
        )

    @property
    def at_destination(self) -> bool:
        """Whether the area is one that the basis leads into, and not one on the way."""
        return self.area.area_id in self.basis.areas

    def local(self, moment: datetime) -> str:
        """A moment as people at the facility read it: 26 Nov 2026 01:45 GMT."""
        return local_words(moment, self.area.time_zone)

    def local_from(self, moment: datetime) -> str:
        """The same for what holds only from a moment on: the first full minute in which it does."""
        return local_words_from(moment, self.area.time_zone)


def local_words(moment: datetime, time_zone: str) -> str:
    """A moment as people in a time zone read it: 26 Nov 2026 01:45 GMT."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return f"{local.day} {local:%b %Y %H:%M %Z}"


def local_words_from(moment: datetime, time_zone: str) -> str:
    """The same for what holds only from a moment on: the first full minute in which it does."""
    over = timedelta(seconds=moment.second, microseconds=moment.microsecond)
    return local_words(moment + (timedelta(minutes=1) - over) if over else moment, time_zone)


def _days(start: datetime, end: datetime, time_zone: str) -> tuple[date, date]:
    zone = ZoneInfo(time_zone)
    first = start.astimezone(zone).date()
    return first, first if end == start else end.astimezone(zone).date()


def _required(visit: VisitBasis, area: AreaFacts, end: datetime) -> Label | None:
    session = visit.session_label
    if session is None or area.label is None or not area.exposed(end):
        return session
    # Labels of two schemes have no join; the rule on the area's label refuses them.
    return session.join(area.label) if session.scheme == area.label.scheme else session
