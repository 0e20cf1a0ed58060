"""The case that the rules look at: facts whose ground is known, and the span they must hold for."""

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from access.rules.facts import (
    AreaFacts,
    Basis,
    BasisKind,
    CredentialFacts,
    Eligibility,
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


class NotThisBasis(TypeError):
    """A rule asked for a basis that it did not declare; the decision denies."""


class Case(NamedTuple):
    """Facts with their ground known.

    ``start`` to ``end`` is the span through which every fact must hold: the booked window before
    the day; from now to the end of the window for a visit; this moment for every other basis.
    ``days`` are the span's first and last, in the facility's time zone.
    ``required`` is the label that the person must reach: the session's for a visit, and the area's
    too where its material lies open; the area's for every other basis. None where the area is
    unclassified or the label is missing. ``relied`` is the clearance of the person that serves it
    best, None for an escorted person, who relies on none.
    """

    stage: Stage
    now: datetime
    start: datetime
    end: datetime
    policy: PolicyFacts
    person: PersonFacts
    basis: Basis
    area: AreaFacts
    portal: PortalFacts | None
    credential: CredentialFacts | None
    factors: Factors
    zone: ZoneFacts | None
    escort: PersonFacts | None
    heard_at: datetime | None
    escorted: bool
    days: tuple[date, date]
    required: Label | None
    relied: Eligibility | None
    ids: IdsFacts | None

    @classmethod
    def of(cls, facts: Facts, stage: Stage) -> "Case | None":
        """The case of these facts, or None where a ground fact is missing."""
        basis, area = facts.basis, facts.area
        if facts.policy is None or facts.person is None or basis is None or area is None:
            return None
        start = end = facts.now
        if isinstance(basis, VisitBasis):
            if stage is Stage.BOOKING:
                start = basis.window.start
            end = max(start, basis.window.end)
        days = _days(start, end, area.time_zone)
        escorted = basis.escort is not None and basis.kind in MAY_BE_ESCORTED
        required = _required(basis, area)
        relied = (
            None
            if required is None or escorted
            else relied_on(facts.person, required, facts.policy, days)
        )
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
            relied,
            facts.ids,
        )

    @property
    def visit(self) -> VisitBasis:
        """The basis as a visit; raises :class:`NotThisBasis` otherwise."""
        if not isinstance(self.basis, VisitBasis):
            raise NotThisBasis(self.basis.kind)
        return self.basis

    @property
    def at_destination(self) -> bool:
        """Whether the area is one that the basis leads into, and not one on the way."""
        return self.area.area_id in self.basis.areas

    def local(self, moment: datetime) -> str:
        """A moment as people at the facility read it: 26 Nov 2026 01:45 GMT."""
        local = moment.astimezone(ZoneInfo(self.area.time_zone))
        return f"{local.day} {local:%b %Y %H:%M %Z}"


def _days(start: datetime, end: datetime, time_zone: str) -> tuple[date, date]:
    zone = ZoneInfo(time_zone)
    first = start.astimezone(zone).date()
    return first, first if end == start else end.astimezone(zone).date()


def _required(basis: Basis, area: AreaFacts) -> Label | None:
    if not isinstance(basis, VisitBasis):
        return area.label
    session = basis.session_label
    if session is None or area.label is None or not area.exposed:
        return session
    # Labels of two schemes have no join; the rule on the area's label refuses them.
    return session.join(area.label) if session.scheme == area.label.scheme else session
