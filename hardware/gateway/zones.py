"""Zones: who is inside. This gateway is the one writer of the zones behind its portals."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hardware.decider import ZoneView
from hardware.gateway.edge_journal import Draft, StatePut, moment

KIND = "zone"


class Zone:
    """One zone's occupancy. Whoever reads to decide or changes it holds ``lock``.

    ``certain`` is False once somebody may have passed unseen; an officer who has counted makes it
    True again. Each change gives the drafts and the state to be written in one transaction.
    """

    def __init__(self, code: str, stored: Mapping[str, Any] | None = None) -> None:
        stored = stored or {}
        self.code = code
        self.lock = threading.RLock()
        self.version = int(stored.get("version", 0))
        self.epoch = int(stored.get("epoch", 0))
        self.inside: dict[str, datetime] = {
            person: datetime.fromisoformat(at) for person, at in stored.get("inside", {}).items()
        }
        self.certain = bool(stored.get("certain", True))
        self._written = self.version

    def view(self) -> ZoneView:
        """The zone as a decision sees it."""
        return ZoneView(self.code, self.version, dict(self.inside), self.certain)

    def entered(self, person: str, at: datetime, body: Mapping[str, Any]) -> Draft:
        """Somebody came in."""
        self.inside[person] = at
        return self._presence("presence.entered", person, at, body)

    def left(self, person: str, at: datetime, body: Mapping[str, Any]) -> Draft:
        """Somebody went out; one who was not known to be inside has left all the same."""
        self.inside.pop(person, None)
        return self._presence("presence.left", person, at, body)

    def doubt(self) -> None:
        """Somebody may have passed unseen."""
        if self.certain:
            self.certain = False
            self.version += 1

    def counted(self) -> None:
        """An officer counted, and the list is right."""
        self.certain = True
        self.version += 1

    def changed(self) -> list[StatePut]:
        """The state to be written with the event that changed it; nothing if none did."""
        if self._written == self.version:
            return []
        self._written = self.version
        inside = {person: moment(at) for person, at in sorted(self.inside.items())}
        value = {
            "version": self.version,
            "inside": inside,
            "certain": self.certain,
            "epoch": self.epoch,
        }
        return [StatePut(KIND, self.code, value)]

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
