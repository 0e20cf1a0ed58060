"""The facts of a read at a door, from a gateway's snapshot and its zone."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from access.rules.facts import (
    AreaFacts,
    Basis,
    BasisKind,
    CredentialFacts,
    Factors,
    Facts,
    IdsFacts,
    IdsMode,
    PersonFacts,
    PinOutcome,
    PolicyFacts,
    PortalFacts,
    ZoneFacts,
)
from access.rules.snapshot.entry import entry_from
from access.rules.snapshot.parts import Payload
from access.rules.snapshot.person import person_from, pins_of
from access.rules.snapshot.place import (
    area_from,
    credential_from,
    policy_from,
    zone_order_from,
)
from hardware.decider import Direction, DoorRead, Occupant, SnapshotView, ZoneView

# Their record goes when the right is ended; that of a shift goes when it is over.
WITHDRAWN_WITH_RECORD = frozenset({BasisKind.VISIT.value, BasisKind.ROSTER.value})
AreaReader = Callable[[str, Payload], AreaFacts]
PolicyReader = Callable[[Payload], PolicyFacts]
# Whether a typed PIN is the person's: person, what was typed, the stored verifier or None.
PinCheck = Callable[[str, str, str | None], bool]


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
    pin_check: PinCheck,
    area_reader: AreaReader = area_from,
    policy_reader: PolicyReader = policy_from,
) -> tuple[Facts, ...]:
    """The facts of one read, once for each basis that the person has here; never empty.

    ``pin_check`` holds the key of the PINs, which no snapshot does. The readers allow the caller to
    keep what is the same from read to read.
    """
    credential, person_id = person_of(read, snapshot)
    payload = None if person_id is None else snapshot.get("person", person_id)
    person: PersonFacts | None = None
    entries: Iterable[str] = ()
    stored: tuple[str | None, str | None] = (None, None)
    if person_id is not None and payload is not None:
        person, entries = person_from(person_id, payload), payload["entries"]
        stored = pins_of(payload)
    pin, duress = PinOutcome.ABSENT, False
    if read.pin is not None:
        # INVARIANT: both are compared every time, so that no answer is slower than another.
        right, duress = (pin_check(person_id or "", read.pin, each) for each in stored)
        known = person_id is not None and (right or duress)
        pin = PinOutcome.RIGHT if known else PinOutcome.WRONG
    portal = snapshot.get("portal", read.portal)
    policy_record = snapshot.get("policy", "current")
    policy = None if policy_record is None else policy_reader(policy_record)
    area = None if portal is None else _area(portal, snapshot, area_reader)
    door = PortalFacts(read.portal, read.direction, portal is None or portal["pin"] is not False)
    # A signed order stands for both factors only where no badge was read.
    factors = Factors(
        pin, None if read.credential is not None else read.commanded_by, duress=duress
    )
    count = zone_facts(zone, snapshot)
    if count is not None and person is not None and person.walls:
        count = replace(count, parties=_parties(zone, person_id, snapshot))
    bases = [
        entry_from(key, record)
        for key in entries
        if (record := snapshot.get("entry", key)) is not None
    ]
    return tuple(
        Facts(
            now,
            policy,
            person,
            basis,
            area,
            door,
            credential,
            factors,
            count,
            None if basis is None else _escort(basis, snapshot),
            snapshot.heard_at,
            _ids(area, snapshot),
        )
        for basis in (bases or (None,))
    )


def zone_facts(zone: ZoneView, snapshot: SnapshotView) -> ZoneFacts | None:
    """The zone as its gateway counts it, with the order that it keeps; None where none is known."""
    order = snapshot.get("zone", zone.zone)
    if order is None:
        return None
    return ZoneFacts(
        zone.zone,
        {who: _beside(each, snapshot) for who, each in zone.inside.items()},
        zone.certain,
        zone_order_from(order),
        zone.coming,
        zone.going,
        zone.waiting,
        zone.interlocked,
        zone.thinned,
    )


def escorts_of(zone: ZoneFacts, snapshot: SnapshotView) -> dict[str, PersonFacts]:
    """Those who escort somebody inside, as far as the snapshot knows them."""
    names = {each.escort for each in zone.inside.values() if each.escort is not None}
    found = {name: _person(name, snapshot) for name in names}
    return {name: person for name, person in found.items() if person is not None}


def facts_inside(
    zone: ZoneFacts, area: AreaFacts, policy: PolicyFacts, snapshot: SnapshotView, now: datetime
) -> dict[str, Facts | None]:
    """The facts of each who is inside by a right of his own, as at a door, were he to come in now.

    None for one whose right is no longer on record. Left out are responders, who is under escort,
    and who has no right on record that somebody could take away: a shift that is over.
    """
    found: dict[str, Facts | None] = {}
    for who, each in zone.inside.items():
        if each.basis == BasisKind.EMERGENCY.value or each.escort is not None:
            continue
        person, entry = _person(who, snapshot), snapshot.get("entry", each.basis_id)
        if person is not None and entry is not None:
            found[who] = Facts(
                now,
                policy,
                person,
                entry_from(each.basis_id, entry),
                area,
                PortalFacts("", Direction.IN, two_factors=False),
                factors=Factors(commanded_by=zone.zone),
                zone=zone,
                heard_at=snapshot.heard_at,
            )
        elif each.basis in WITHDRAWN_WITH_RECORD:
            found[who] = None
    return found


def _beside(each: Occupant, snapshot: SnapshotView) -> Occupant:
    """Somebody inside with the escort whom his basis names now: another may have taken over."""
    record = None if each.escort is None else snapshot.get("entry", each.basis_id)
    if record is None or record["escort"] is None:
        return each
    return replace(each, escort=record["escort"])


def _parties(zone: ZoneView, besides: str | None, snapshot: SnapshotView) -> frozenset[str | None]:
    """The parties of the others inside, and on the way in; who is not known any more has none."""
    others = {*zone.inside, *zone.coming, *zone.waiting} - {besides}
    records = (snapshot.get("person", each) for each in others)
    return frozenset(None if record is None else record["party"] for record in records)


def _ids(area: AreaFacts | None, snapshot: SnapshotView) -> IdsFacts | None:
    """What this gateway itself hears of the area's panel; the centre is not asked."""
    payload = None if area is None else snapshot.get("panel", area.code)
    if payload is None:
        return None
    return IdsFacts(IdsMode(payload["mode"]), payload["alarm"])


def _area(portal: Payload, snapshot: SnapshotView, reader: AreaReader) -> AreaFacts | None:
    key = portal["area"]
    payload = snapshot.get("area", key)
    return None if payload is None else reader(key, payload)


def _escort(basis: Basis, snapshot: SnapshotView) -> PersonFacts | None:
    return None if basis.escort is None else _person(basis.escort, snapshot)


def _person(person_id: str, snapshot: SnapshotView) -> PersonFacts | None:
    payload = snapshot.get("person", person_id)
    return None if payload is None else person_from(person_id, payload)
