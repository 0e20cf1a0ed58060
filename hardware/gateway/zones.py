"""Zones: who is inside. This gateway is the one writer of the zones behind its portals."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hardware.decider import Direction, Occupant, ZoneView
from hardware.gateway.edge_journal import Draft, StatePut, moment
from hardware.rules.sight import Doubt

KIND = "zone"
People = Mapping[str, Occupant]


class Zone:
    """One zone's occupancy. Whoever reads to decide or changes it holds ``lock``.

    ``certain`` is False once somebody may have passed unseen; an officer who has counted makes it
    True again. Each change gives the drafts and the state to be written in one transaction.
    ``concerns`` are what was found wrong with who is inside, by code, each with the people whom it
    is about and whether its grace is over (:mod:`hardware.gateway.zone_watch`).

    INVARIANT: from the intent of a passage to its opening, its end or its failure its people are
    reserved, so that no other portal of the zone decides as if they were not there.
    """

    def __init__(self, code: str, stored: Mapping[str, Any] | None = None) -> None:
        stored = stored or {}
        self.code = code
        self.lock = threading.RLock()
        self.version = int(stored.get("version", 0))
        self.epoch = int(stored.get("epoch", 0))
        self.inside = {who: _occupant(of) for who, of in stored.get("inside", {}).items()}
        self.certain = bool(stored.get("certain", True))
        self.thinned = bool(stored.get("thinned", False))
        self.concerns: dict[str, Mapping[str, Any]] = dict(stored.get("concerns", {}))
        self.awaiting: dict[str, str] = {}  # at which portal somebody waits for a second person
        self._reserved: dict[str, tuple[Direction, People]] = {}
        self._written = self.version

    def view(
        self, waiting: People | None = None, interlocked: Mapping[str, str] | None = None
    ) -> ZoneView:
        """The zone as a decision at one portal sees it."""
        coming: dict[str, Occupant] = {}
        going: set[str] = set()
        for direction, people in self._reserved.values():
            if direction is Direction.IN:
                coming |= people
            else:
                going |= people.keys()
        return ZoneView(
            self.code,
            self.version,
            dict(self.inside),
            self.certain,
            coming,
            frozenset(going),
            waiting or {},
            interlocked or {},
            self.thinned,
        )

    def reserve(self, command_id: str, direction: Direction, people: People) -> None:
        """A way in or out is granted to these people and not opened yet."""
        self._reserved[command_id] = direction, people
        for person in people:
            self.awaiting.pop(person, None)

    def release(self, command_id: str) -> None:
        """The passage has opened, or will not any more."""
        self._reserved.pop(command_id, None)

    def entered(self, person: str, who: Occupant, body: Mapping[str, Any]) -> Draft:
        """Somebody came in."""
        self.inside[person] = who
        return self._presence("presence.entered", person, who.since, body)

    def left(self, person: str, at: datetime, body: Mapping[str, Any]) -> Draft:
        """Somebody went out; one who was not known to be inside has left all the same."""
        self.inside.pop(person, None)
        self.thinned = bool(self.inside)
        return self._presence("presence.left", person, at, body)

    def doubt(self, portal: str, why: Doubt, **more: Any) -> list[Draft]:
        """Nobody knows any more who is inside: a guard is to count. Told once for a doubt."""
        if not self.certain:
            return []
        self.certain = False
        self.version += 1
        body = {
            "zone": self.code,
            "zone_version": self.version,
            "zone_epoch": self.epoch,
            "portal": portal,
            "reason": why.value,
            "people": sorted(self.inside),
            **more,
        }
        return [Draft("zone.uncertain", body)]

    def counted(self) -> list[Draft]:
        """Somebody counted, and the list is right. Told where it was in doubt."""
        doubted, self.certain = not self.certain, True
        self.version += 1
        if not doubted:
            return []
        body = {
            "zone": self.code,
            "zone_version": self.version,
            "zone_epoch": self.epoch,
            "people": sorted(self.inside),
        }
        return [Draft("zone.counted", body)]

    def changed(self) -> list[StatePut]:
        """The state to be written with the event that changed it; nothing if none did."""
        if self._written == self.version:
            return []
        return [self.state()]

    def state(self) -> StatePut:
        """The state as the edge journal keeps it, over restarts."""
        self._written = self.version
        value = {
            "version": self.version,
            "inside": {who: _record(each) for who, each in sorted(self.inside.items())},
            "certain": self.certain,
            "epoch": self.epoch,
            "thinned": self.thinned,
            "concerns": dict(self.concerns),
        }
        return StatePut(KIND, self.code, value)

    def _presence(self, kind: str, person: str, at: datetime, body: Mapping[str, Any]) -> Draft:
        self.version += 1
        return Draft(
            kind,
            {
                **body,
                "person_id": person,
                "zone": self.code,
                "zone_version": self.version,
                "zone_epoch": self.epoch,
            },
            at,
        )


def _record(who: Occupant) -> dict[str, Any]:
    return {
        "since": moment(who.since),
        "basis": who.basis,
        "basis_id": who.basis_id,
        "escort": who.escort,
        "portal": who.portal,
    }


def _occupant(record: Mapping[str, Any] | str) -> Occupant:
    if isinstance(record, str):  # kept before the basis was: he counts as inside, for no pair
        return Occupant(datetime.fromisoformat(record))
    return Occupant(
        datetime.fromisoformat(record["since"]),
        record["basis"],
        record["basis_id"],
        record["escort"],
        record["portal"],
    )
