"""Hand-over of a zone: once its wires are moved, another gateway is the one that writes it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from access.models import Presence
from hardware.models import Bus, Device, Gateway, GatewayStatus, InboxEvent, ZoneTenure
from hardware.services.installation import gateway_publish
from hardware.services.snapshot import snapshot_lock
from hardware.services.wiring import doors_of
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Portal, Zone
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.people.access import lock, visible

CHANGE = "facilities.change_facility"
HEARD_WITHIN = timedelta(seconds=5)


@transaction.atomic
def zone_hand_over(*, zone_id: UUID, gateway: str, reason: str, actor: Actor) -> ZoneTenure:
    """Give a zone, with the buses of its doors, to another gateway under a new epoch.

    INVARIANT: one gateway writes a zone. What the one before still reports of it goes into
    quarantine. Who is inside goes along; it counts as certain only if the gateway before is
    heard, had no doubt itself, and everything that it recorded has arrived.
    """
    zones = visible(Zone.objects.select_related("area__facility"), actor, CHANGE)
    zone = lock(zones, zone_id)
    facility = zone.area.facility
    new = Gateway.objects.filter(facility=facility, code=gateway).first()
    if new is None:
        raise Refused("gateway_missing", f"There is no gateway {gateway} here.")
    require(bool(reason.strip()), "reason_missing", "Say why.")
    buses = _buses(zone)
    old = buses[0].gateway
    require(old.pk != new.pk, "already_there", f"{zone.code} is at {gateway} already.")
    snapshot_lock([old.code, new.code])
    state = _state(zone, old)
    tenure, _made = ZoneTenure.objects.select_for_update(no_key=True).get_or_create(
        zone=zone, defaults={"gateway": old, "epoch": 0, "since": now()}
    )
    tenure.gateway, tenure.epoch, tenure.since = new, tenure.epoch + 1, now()
    tenure.state = state
    tenure.save()
    Bus.objects.filter(pk__in=[bus.pk for bus in buses]).update(gateway=new)
    for each in (old, new):
        gateway_publish(gateway=each, actor=actor)
    append(
        kind="zone.handed_over",
        actor=actor,
        subject=zone,
        facility=facility.pk,
        body={
            "from": old.code,
            "to": new.code,
            "epoch": tenure.epoch,
            "inside": len(state["inside"]),
            "certain": state["certain"],
            "buses": [bus.code for bus in buses],
            "reason": reason.strip()[:200],
        },
    )
    if not state["certain"]:
        alarm_raise(
            facility=facility,
            gravity=Gravity.ACT,
            kind="zone_uncertain",
            subject=zone.code,
            message=f"Count {zone.name}: who is inside is uncertain since it was handed over",
            actor=actor,
        )
    return tenure


def _buses(zone: Zone) -> list[Bus]:
    """The buses of the zone's doors: all at one gateway, and nothing else on them."""
    doors = set(Portal.objects.filter(zone=zone).values_list("code", flat=True))
    here = Device.objects.filter(bus__gateway__facility=zone.area.facility_id).order_by("code")
    devices = list(here.select_related("portal"))
    wired = {device.bus_id for device in devices if doors & doors_of(device)}
    buses = list(Bus.objects.filter(pk__in=wired).select_related("gateway").order_by("code"))
    require(bool(buses), "not_installed", f"No device is installed for {zone.code}.")
    require(
        len({bus.gateway_id for bus in buses}) == 1,
        "several_gateways",
        f"The doors of {zone.code} are at several gateways.",
    )
    shared = [device for device in devices if device.bus_id in wired]
    others = [d.code for d in shared if not doors_of(d) or not doors_of(d) <= doors]
    require(
        not others,
        "bus_shared",
        f"On the same wires: {', '.join(others)}.",
        "A bus goes to another gateway as a whole: put these on one of their own first.",
    )
    return buses


def _state(zone: Zone, old: Gateway) -> dict[str, Any]:
    """Who is inside as the centre knows it, and whether that is sure."""
    inside = {
        str(present.person_id): {
            "since": present.since.isoformat(),
            "basis": present.basis,
            "basis_id": str(present.visit_id or ""),
            # Whom he accompanies only the old gateway knew; the new one counts him for no pair.
            "escort": None,
            "portal": "",
        }
        for present in Presence.objects.filter(zone=zone).order_by("person_id")
    }
    status = GatewayStatus.objects.filter(pk=old.code).first()
    known = (status.state.get("zones") or {}).get(zone.code, {}) if status else {}
    certain = (
        status is not None
        and status.heard_at is not None
        and now() - status.heard_at < HEARD_WITHIN
        and known.get("certain") is True
        and known.get("inside") == len(inside)
        and _all_arrived(status)
    )
    return {"inside": inside, "certain": certain, "version": int(known.get("version", 0))}


def _all_arrived(status: GatewayStatus) -> bool:
    """Whether everything that the gateway had recorded when it last spoke has been applied."""
    events = InboxEvent.objects.filter(gateway=status.gateway, epoch=status.state.get("epoch"))
    if events.filter(applied_at=None).exists():
        return False
    return events.filter(seq__gte=status.edge_seq).exists() or not status.edge_seq
