"""A facility with one reader, and what its gateway is told; for tests of the plant."""

from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.gateway.edge_journal import EdgeEntry, entry_hash, moment
from hardware.gateway.seals import sealed
from hardware.models import Device, Gateway, InboxEvent, SnapshotDelta
from hardware.rules.inbox import GENESIS
from hardware.services.installation import gateway_wrapping
from hardware.wrapping import Unwrapper
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import now
from scif.people.models import FacilityRole, Person, User
from tests.factories import Place, make_place
from tests.policies import policy_with
from tests.roles import ingest

SIGNER = Ed25519PrivateKey.generate()


def plant_place() -> Place:
    """The facility; its policy states how long a key window is open."""
    place = make_place("own")
    policy_with(place.world.facility, provision_window=300, rewiring_confirm_minutes=480)
    return place


def officer_of(place: Place) -> Actor:
    """Its officer."""
    user = place.users["officer"]
    return Actor.user(user.pk, user.person_id)


def second_officer(place: Place) -> Actor:
    """Another officer of it."""
    known = User.objects.filter(username="second.officer").first()
    if known is not None:
        return Actor.user(known.pk, known.person_id)
    person = Person.objects.create(
        name="A second officer", organisation=place.world.lead.organisation
    )
    user = User.objects.create_user("second.officer", password="a long password", person=person)
    FacilityRole.objects.create(
        user=user,
        facility=place.world.facility,
        role="officer",
        valid_from=now() - timedelta(days=1),
    )
    return Actor.user(user.pk, person.pk)


def gateway(place: Place) -> Gateway:
    """Its gateway."""
    found = place.records["hardware.gateway"]
    assert isinstance(found, Gateway)
    return found


def reader(place: Place) -> Device:
    """Its reader, as it stands now."""
    return Device.objects.get(pk=place.records["hardware.device"].pk)


def portal(place: Place) -> Portal:
    """Its door."""
    return Portal.objects.get(pk=place.records["facilities.portal"].pk)


def told(place: Place, kind: str, key: str) -> dict[str, Any]:
    """The record as its gateway keeps it, which alone can open what was wrapped for it."""
    code = gateway(place).code
    payload = SnapshotDelta.objects.filter(gateway=code, kind=kind, key=key).latest("version")
    opened = Unwrapper(gateway_wrapping(code))
    return dict(opened(kind, key, payload.payload or {}))


def report(place: Place, seq: int, kind: str, **body: Any) -> None:
    """Its gateway reports an event, and the ingester takes it."""
    code, at, text = gateway(place).code, now(), canonical_json(body)
    before = InboxEvent.objects.filter(gateway=code).order_by("-seq").first()
    last = before.hash if before else GENESIS
    digest = entry_hash(
        gateway=code,
        epoch=1,
        seq=seq,
        kind=kind,
        occurred_at=moment(at),
        clock_offset_ms=None,
        prev_hash=last,
        body=text,
    )
    entry = EdgeEntry(code, 1, seq, kind, moment(at), None, last, digest, text.decode())
    (each,) = sealed([entry], SIGNER)
    InboxEvent.objects.create(
        gateway=code,
        epoch=1,
        seq=seq,
        kind=kind,
        occurred_at=at,
        prev_hash=last,
        hash=digest,
        body=body,
        seal=each.seal,
    )
    ingest(key_of=lambda _code: SIGNER.public_key())
