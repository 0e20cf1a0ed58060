"""Hand-over of a zone: once its wires are moved, another gateway is the one that writes it.

Its buses go along, to a port of another machine: others may speak for its doors there. So one
officer asks for it and another confirms, as for a bus that goes to another port. Where the gateway
is dead at night one officer alone does it at once, and all desks learn of that by an alarm: a door
that nobody hears is worse, and whoever kills a gateway to be alone has raised two alarms.
"""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.models import Presence
from access.rules.case import MAY_BE_ESCORTED
from access.selectors.escort import escorts_now
from access.services.rewiring_request import request
from hardware.models import (
    Bus,
    Device,
    Gateway,
    GatewayStatus,
    InboxEvent,
    Rewiring,
    RewiringKind,
    ZoneTenure,
)
from hardware.rules.rewiring import RewiringState
from hardware.services.delivery import gateway_silent
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


class Move(NamedTuple):
    """A zone with the buses of its doors, the gateway that they are at, and the one to be."""

    zone: Zone
    buses: list[Bus]
    old: Gateway
    new: Gateway

    @property
    def before(self) -> dict[str, Any]:
        """Where the buses are, for the officer who confirms."""
        return {"gateway": self.old.code, "buses": [bus.code for bus in self.buses]}

    @property
    def after(self) -> dict[str, Any]:
        """Where they will be."""
        return {"gateway": self.new.code}


@transaction.atomic
def zone_hand_over_ask(
    *, zone_id: UUID, gateway: str, reason: str, actor: Actor
) -> ZoneTenure | Rewiring:
    """Hand a zone over, or ask another officer for it while its gateway is heard.

    Gives the tenure, or the request that waits. What could not be done is refused at once.
    """
    move = _move(zone_id, gateway, actor)
    require(bool(reason.strip()), "reason_missing", _("Say why."))
    if gateway_silent(move.old):
        return zone_hand_over(zone_id=zone_id, gateway=gateway, reason=reason, actor=actor)
    order = Rewiring(
        kind=RewiringKind.HAND_OVER,
        place_model=move.zone._meta.label_lower,
        place_id=move.zone.pk,
        place_name=str(move.zone),
        before=move.before,
        after=move.after,
    )
    return request(order, move.zone.area.facility, reason, actor)


@transaction.atomic
def zone_hand_over(
    *, zone_id: UUID, gateway: str, reason: str, actor: Actor, agreed: Rewiring | None = None
) -> ZoneTenure:
    """Give a zone, with the buses of its doors, to another gateway under a new epoch.

    INVARIANT: one gateway writes a zone. What the one before still reports of it goes into
    quarantine. Who is inside goes along; it counts as certain only if the gateway before is
    heard, had no doubt itself, and everything that it recorded has arrived.
    INVARIANT: it is done only as two officers ``agreed``, or while the gateway before is silent.
    """
    zone, buses, old, new = move = _move(zone_id, gateway, actor)
    facility = zone.area.facility
    require(bool(reason.strip()), "reason_missing", _("Say why."))
    alone = agreed is None
    require(
        gateway_silent(old) if agreed is None else _agrees(agreed, move),
        "two_needed",
        _("At another gateway others may speak for the doors of %(zone)s.") % {"zone": zone.code},
        _("One officer asks for it, and another one confirms."),
    )
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
            **({"requested_by": str(agreed.requested_by_id)} if agreed else {"alone": True}),
        },
    )
    if alone:
        alarm_raise(
            facility=facility,
            gravity=Gravity.ACT,
            kind="handed_over_alone",
            subject=zone.code,
            message=f"One officer alone handed {zone.name} over to {new.code}, for {old.code} is "
            "silent: another one looks at the wires",
            actor=actor,
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


def _move(zone_id: UUID, gateway: str, actor: Actor) -> Move:
    zones = visible(Zone.objects.select_related("area__facility__policy"), actor, CHANGE)
    zone = lock(zones, zone_id)
    new = Gateway.objects.filter(facility=zone.area.facility, code=gateway).first()
    if new is None:
        raise Refused(
            "gateway_missing", _("There is no gateway %(gateway)s here.") % {"gateway": gateway}
        )
    buses = _buses(zone)
    old = buses[0].gateway
    words = {"zone": zone.code, "gateway": gateway}
    require(old.pk != new.pk, "already_there", _("%(zone)s is at %(gateway)s already.") % words)
    return Move(zone, buses, old, new)


def _agrees(agreed: Rewiring, move: Move) -> bool:
    return (
        agreed.state == RewiringState.CONFIRMED
        and (agreed.kind, agreed.place_id) == (RewiringKind.HAND_OVER, move.zone.pk)
        and (agreed.before, agreed.after) == (move.before, move.after)
    )


def _buses(zone: Zone) -> list[Bus]:
    """The buses of the zone's doors: all at one gateway, and nothing else on them."""
    doors = set(Portal.objects.filter(zone=zone).values_list("code", flat=True))
    here = Device.objects.filter(
        bus__gateway__facility=zone.area.facility_id, retired_at=None
    ).order_by("code")
    devices = list(here.select_related("portal"))
    wired = {device.bus_id for device in devices if doors & doors_of(device)}
    buses = list(
        Bus.objects.filter(pk__in=wired)
        .select_related("gateway__facility__policy")
        .order_by("code")
    )
    require(
        bool(buses),
        "not_installed",
        _("No device is installed for %(zone)s.") % {"zone": zone.code},
    )
    require(
        len({bus.gateway_id for bus in buses}) == 1,
        "several_gateways",
        _("The doors of %(zone)s are at several gateways.") % {"zone": zone.code},
    )
    shared = [device for device in devices if device.bus_id in wired]
    others = [d.code for d in shared if not doors_of(d) or not doors_of(d) <= doors]
    require(
        not others,
        "bus_shared",
        _("On the same wires: %(devices)s.") % {"devices": ", ".join(others)},
        _("A bus goes to another gateway as a whole: put these on one of their own first."),
    )
    return buses


def _state(zone: Zone, old: Gateway) -> dict[str, Any]:
    """Who is inside as the centre knows it, and whether that is sure."""
    now_escorted = escorts_now(zone.area.facility)
    escorts = {person_id: str(escort.pk) for person_id, escort in now_escorted.items()}
    inside = {
        str(present.person_id): {
            "since": present.since.isoformat(),
            "basis": present.basis,
            "basis_id": str(present.visit_id or ""),
            "escort": escorts.get(present.person_id) if present.basis in MAY_BE_ESCORTED else None,
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
