"""A gateway's snapshot in memory, told by the records of valid facts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from access.rules import facts as f
from access.rules.pin import pin_verifier
from access.rules.snapshot import (
    area_payload,
    credential_payload,
    entry_payload,
    person_payload,
    policy_payload,
)
from access.rules.states import CredentialState
from hardware.decider import Direction, DoorRead, ZoneView
from scif.kernel.canonical import canonical_json
from tests.unit import decision_facts as v
from tests.zone_record import zone_record

KEY = b"a key for PINs that no test reuses"
PIN = "4711"
CARD = "c" * 64
PORTAL = "D3"
ZONE = zone_record(v.AREA)


class Records:
    """Records by kind and key: a ``SnapshotView``."""

    def __init__(self, heard_at: datetime | None = v.NOW) -> None:
        self.records: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.version = 1
        self.heard_at = heard_at

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """One record, or None."""
        return self.records.get((kind, key))

    def put(self, kind: str, key: str, payload: Mapping[str, Any] | None) -> None:
        """What the centre would tell; only what canonical JSON can carry."""
        canonical_json(payload)
        if payload is None:
            self.records.pop((kind, key), None)
        else:
            self.records[kind, key] = payload


def told(*bases: f.Basis, visit: str | None = v.VISIT, escort: bool = False) -> Records:
    """A snapshot of one person with these bases, his badge, the room and its door."""
    records = Records()
    person = v.UNCLEARED if escort else v.PERSON
    pin = pin_verifier(KEY, v.ME, PIN)
    entries = [basis.basis_id for basis in bases]
    records.put("person", v.ME, person_payload(person, entries=entries, pin=pin))
    records.put("person", v.OTHER, person_payload(v.ESCORT, entries=[], pin=None))
    for basis in bases:
        records.put("entry", basis.basis_id, entry_payload(basis))
    badge = f.CredentialFacts("V-21", CredentialState.ISSUED, v.ME, visit)
    records.put("credential", CARD, credential_payload(badge))
    area = replace(v.AREA_FACTS, sanitised_until=v.NOW + v.DAY) if escort else v.AREA_FACTS
    records.put("area", v.AREA, area_payload(area))
    records.put("policy", "current", policy_payload(v.POLICY))
    records.put("zone", "z-a", ZONE)
    records.put("portal", PORTAL, {"zone": "z-a", "area": v.AREA, "pin": True})
    return records


def read(
    *,
    card: str | None = CARD,
    pin: str | None = PIN,
    direction: Direction = Direction.IN,
    **more: Any,
) -> DoorRead:
    """A read at the room's door."""
    return DoorRead("read-1", PORTAL, direction, credential=card, pin=pin, **more)


def zone(*inside: str, certain: bool = True) -> ZoneView:
    """The zone behind the door."""
    return ZoneView("z-a", 7, v.people(*inside), certain)
