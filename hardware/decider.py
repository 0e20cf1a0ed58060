"""The protocol through which a gateway asks whether a door may open.

``access`` implements it and the composition root hands it in; a gateway knows no rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Direction(StrEnum):
    """Which way a reader lets one go through its portal."""

    IN = "in"
    OUT = "out"


class Outcome(StrEnum):
    """The three answers of a decision."""

    GRANTED = "granted"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class DoorRead:
    """What was presented at a door.

    ``credential`` is the hex SHA-256 of the number read from the card, never the number itself.
    ``person_id`` is set instead where a signed human command names who enters.
    """

    read_id: str
    portal: str
    direction: Direction
    credential: str | None = None
    pin: str | None = None
    person_id: str | None = None
    commanded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Occupant:
    """Somebody inside a zone, or on the way in: since when, on which basis, by which portal.

    ``escort`` is the person who accompanies him; None: he needs none.
    """

    since: datetime
    basis: str = ""
    basis_id: str = ""
    escort: str | None = None
    portal: str = ""


@dataclass(frozen=True, slots=True)
class ZoneView:
    """The zone behind the portal, by its one writer: who is inside since when, and how sure.

    ``coming`` are those whose way in is granted and not opened yet, ``going`` those whose way out
    is; both are still counted where they were. ``waiting`` at this very portal are those whom only
    a second person is lacking. ``interlocked`` are the other portals of the portal's interlock
    group that are not shut, each with why: ``open``, ``passage``, ``unknown``. ``thinned``:
    somebody has left since the zone was last empty.
    """

    zone: str
    version: int
    inside: Mapping[str, Occupant]
    certain: bool
    coming: Mapping[str, Occupant] = field(default_factory=dict)
    going: frozenset[str] = frozenset()
    waiting: Mapping[str, Occupant] = field(default_factory=dict)
    interlocked: Mapping[str, str] = field(default_factory=dict)
    thinned: bool = False


@dataclass(frozen=True, slots=True)
class ZoneConcern:
    """Something wrong with who is inside a zone; it holds nobody, it calls somebody.

    ``people`` are those whom it is about. ``grace_seconds`` is how long it may last before it is
    worse; None: it never gets worse.
    """

    code: str
    people: tuple[str, ...] = ()
    grace_seconds: int | None = None


class SnapshotView(Protocol):
    """A gateway's memory of the centre: records by kind and key, and how old they are."""

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """One record, or None."""

    @property
    def version(self) -> int:
        """The last delta applied."""

    @property
    def heard_at(self) -> datetime | None:
        """When the centre last confirmed that nothing newer exists; None if never."""


@dataclass(frozen=True, slots=True)
class DoorVerdict:
    """The decision for one read, in words fit for the edge journal.

    ``objections`` are the officer's full list, each ``{code, message, remedy, who, guard}``;
    ``reader_text`` is all that the reader may show. ``awaits`` names what a PENDING waits for.
    ``escort`` is the person under whose escort the entry is granted.
    """

    outcome: Outcome
    policy_version: str
    person_id: str | None
    basis: str | None
    basis_id: str | None
    reader_text: str
    objections: tuple[Mapping[str, str], ...] = ()
    obligations: tuple[str, ...] = ()
    awaits: str | None = None
    badge: str | None = None
    escort: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class Decider(Protocol):
    """Whether the read opens the portal.

    INVARIANT: an error inside becomes a refusal, never a grant.
    """

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> DoorVerdict:
        """Decide one read; called again with the PIN where the first answer was PENDING."""

    def locked_down(self, portal: str, snapshot: SnapshotView) -> bool:
        """Whether the area behind a portal is locked down; True too where nobody knows."""

    def local_from(self, portal: str, moment: datetime, snapshot: SnapshotView) -> str:
        """A moment from which something holds, as people at a portal read it: in their time."""

    def watch(
        self, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> tuple[ZoneConcern, ...] | None:
        """What is wrong with who is inside, asked whenever that or the snapshot has changed.

        None: nothing can be told, and what was wrong may be so still.
        """
