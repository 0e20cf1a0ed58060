"""A facility with one reader, and what its gateway is told; for tests of the plant."""

from typing import Any

from hardware.models import Device, Gateway, InboxEvent, SnapshotDelta
from hardware.services.ingest import inbox_apply
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from tests.factories import Place, make_place


def plant_place() -> Place:
    """The facility; its policy states how long a key window is open."""
    place = make_place("own")
    policy = place.world.facility.policy
    policy.values["provision_window"] = {"value": 300}
    policy.save()
    return place


def officer_of(place: Place) -> Actor:
    """Its officer."""
    user = place.users["officer"]
    return Actor.user(user.pk, user.person_id)


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
    """The gateway's record as it stands in its snapshot."""
    deltas = SnapshotDelta.objects.filter(gateway=gateway(place).code, kind=kind, key=key)
    return dict(deltas.latest("version").payload or {})


def report(place: Place, seq: int, kind: str, **body: Any) -> None:
    """Its gateway reports an event, and the ingester takes it."""
    InboxEvent.objects.create(
        gateway=gateway(place).code,
        epoch=1,
        seq=seq,
        kind=kind,
        occurred_at=now(),
        prev_hash="",
        hash="",
        body=body,
    )
    inbox_apply()
