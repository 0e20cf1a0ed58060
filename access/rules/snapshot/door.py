"""The facts of a read at a door, from a gateway's snapshot and its zone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from access.rules.facts import (
    AreaFacts,
    Basis,
    CredentialFacts,
    Factors,
    Facts,
    PersonFacts,
    PinOutcome,
    PolicyFacts,
    PortalFacts,
    ZoneFacts,
)
from access.rules.snapshot.entry import entry_from
from access.rules.snapshot.parts import Payload
from access.rules.snapshot.person import person_from
from access.rules.snapshot.place import area_from, credential_from, policy_from
from hardware.decider import DoorRead, SnapshotView, ZoneView

AreaReader = Callable[[str, Payload], AreaFacts]
PolicyReader = Callable[[Payload], PolicyFacts]


def person_of(read: DoorRead, snapshot: SnapshotView) -> tuple[CredentialFacts | None, str | None]:
    """The badge that was read, if it is known, and the person: the badge's, or the order's."""
    if read.credential is not None:
        payload = snapshot.get("credential", read.credential)
        if payload is None:
            return None, None
        credential = credential_from(payload)
        return credential, credential.person_id
    return None, read.person_id if read.commanded_by is not None else None


def facts_for_door(
    read: DoorRead,
    snapshot: SnapshotView,
    zone: ZoneView,
    now: datetime,
    pin: PinOutcome = PinOutcome.ABSENT,
    area_reader: AreaReader = area_from,
    policy_reader: PolicyReader = policy_from,
) -> tuple[Facts, ...]:
    """The facts of one read, once for each basis that the person has here; never empty.

    ``pin`` is what became of the PIN: its verifier's key is not the snapshot's. The readers allow
    the caller to keep what is the same from read to read.
    """
    credential, person_id = person_of(read, snapshot)
    person_payload = None if person_id is None else snapshot.get("person", person_id)
    person = (
        None
        if person_id is None or person_payload is None
        else person_from(person_id, person_payload)
    )
    portal = snapshot.get("portal", read.portal)
    policy = snapshot.get("policy", "current")
    ground = Facts(
        now,
        None if policy is None else policy_reader(policy),
        person,
        None,
        None if portal is None else _area(portal, snapshot, area_reader),
        PortalFacts(read.portal, read.direction, portal is None or portal["pin"] is not False),
        credential,
        Factors(pin, None if read.credential is not None else read.commanded_by),
        ZoneFacts(zone.zone, zone.inside, zone.certain),
        None,
        snapshot.heard_at,
    )
    if person_payload is None:
        return (ground,)
    found = []
    for key in person_payload["entries"]:
        payload = snapshot.get("entry", key)
        if payload is not None:
            basis = entry_from(key, payload)
            found.append(replace(ground, basis=basis, escort=_escort(basis, snapshot)))
    return tuple(found) or (ground,)


def _area(portal: Payload, snapshot: SnapshotView, reader: AreaReader) -> AreaFacts | None:
    key = portal["area"]
    payload = snapshot.get("area", key)
    return None if payload is None else reader(key, payload)


def _escort(basis: Basis, snapshot: SnapshotView) -> PersonFacts | None:
    if basis.escort is None:
        return None
    payload = snapshot.get("person", basis.escort)
    return None if payload is None else person_from(basis.escort, payload)
