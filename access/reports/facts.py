"""The facts of a visit, as lines that the journal and the tables can both tell.

Every line is told twice: by the entries (``access/reports/journaled.py``), from which the pages
are drawn, and by the tables (``access/reports/tables.py``), with which the entries are compared.
``told`` is the entry behind a line of the journal; lines are equal without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from access.reports.told import Named, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of the record. ``gone``: entries behind it whose text was erased."""

    told: Told | None = field(default=None, compare=False)
    gone: tuple[Told, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFact(Fact):
    """Named came, and how it stands."""

    reference: str
    visitor: Named | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFact(Fact):
    """The booking: asked for, decided. ``escort`` accompanies this visit's visitor.

    ``escorts`` are all that were named for him, in their order; only the journal tells them.
    """

    reference: str
    area: Named | None
    starts_at: datetime | None
    ends_at: datetime | None
    requester: Named | None
    requested_at: datetime | None
    decided_by: Named | None
    decided_at: datetime | None
    state: str
    reason: str
    escort: Named | None
    escorts: tuple[Named, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateFact(Fact):
    """The mandate and its two approvals. ``level`` and ``compartments`` are keys."""

    reference: str
    title: str
    sponsor: Named | None
    access: str
    asset: Named | None
    level: str
    compartments: tuple[str, ...]
    valid_from: datetime | None
    valid_until: datetime | None
    lab_approval: Named | None
    facility_approval: Named | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFact(Fact):
    """A step at the desk."""

    kind: str
    at: datetime
    by: Named | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFact(Fact):
    """A thing in custody; ``locker`` is the key of the locker's assignment."""

    item: str
    mark: str
    approval: str
    stays: bool
    locker: str
    returned_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockerFact(Fact):
    """A locker given to the visit."""

    locker: str
    released: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFact(Fact):
    """A signature on the glass, by the digest of its strokes."""

    locker: str
    purpose: str
    party: str
    signer: Named | None
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFact(Fact):
    """A read at a door and its decision."""

    at: datetime
    door: str
    direction: str
    outcome: str
    objections: tuple[Any, ...]
    obligations: tuple[Any, ...]
    badge: str
    basis: str
    policy_version: str
    opened_at: datetime | None
    relocked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageFact(Fact):
    """Counted into or out of a zone, by its code."""

    at: datetime
    zone: str
    direction: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeFact(Fact):
    """What became of a badge of the visit; ``kind`` is that of its entry.

    ``another``: handed over after another one.
    """

    badge: str
    kind: str
    another: bool
    at: datetime
    by: Named | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernFact(Fact):
    """What was wrong with who was inside, the visitor among them, until he was out or it ended.

    ``zone`` says where, ``concern`` is a code of the record's words or says it itself.
    """

    zone: str
    concern: str
    at: datetime
    overdue_at: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepFact(Fact):
    """A sweep that the visit made due."""

    area: Named | None
    sweeper: Named | None
    second: Named | None
    started_at: datetime | None
    ended_at: datetime | None
    items: tuple[str, ...]
    seals: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All lines of a visit by section, each under the key that both sides know it by.

    Only the journal tells ``concerns``, ``badges`` and ``laptop_signatures``, in their order.
    """

    visit: VisitFact
    booking: BookingFact
    mandate: MandateFact
    steps: Mapping[tuple[str, int], StepFact]
    items: Mapping[str, ItemFact]
    lockers: Mapping[str, LockerFact]
    signatures: Mapping[tuple[str, str, str], SignatureFact]
    reads: Mapping[str, ReadFact]
    passages: Mapping[tuple[str, int], PassageFact]
    sweeps: Mapping[str, SweepFact]
    concerns: tuple[ConcernFact, ...] = ()
    badges: tuple[BadgeFact, ...] = ()
    laptop_signatures: tuple[SignatureFact, ...] = ()
