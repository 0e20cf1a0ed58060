"""The state of gateways, devices and doors, as the centre last heard it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hardware.models import (
    Device,
    DoorState,
    Gateway,
    GatewayStatus,
    InboxEvent,
    SnapshotDelta,
)
from scif.console.clocks import clock_words
from scif.console.selectors.device_state import SILENT, DeviceRow, device_rows
from scif.console.selectors.hardware_plan import hardware_geometry, hardware_plan_state
from scif.console.selectors.standing import standing_doors
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import visible

VIEW = "hardware.view_device"


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """A gateway: its report, how far its snapshot lies behind, its devices, its quarantine."""

    gateway: Gateway
    status: GatewayStatus | None
    heard: timedelta | None
    behind: int
    quarantined: int
    devices: Sequence[DeviceRow]

    @property
    def shape(self) -> str:
        """In order, behind, or silent."""
        if self.heard is None or self.heard > SILENT:
            return "off"
        return "warn" if self.behind or self.quarantined else "ok"

    @property
    def clock(self) -> str:
        """How far its clock is ahead or behind; nothing where nobody compared it."""
        offset = None if self.status is None else self.status.clock_offset_ms
        return "" if offset is None else clock_words(offset)


def gateway_rows(actor: Actor) -> list[GatewayRow]:
    """Every gateway of the actor's facilities with its devices."""
    at = now()
    found = []
    for gateway in visible(Gateway.objects.select_related("facility"), actor, VIEW):
        status = GatewayStatus.objects.filter(gateway=gateway.code).first()
        newest = (
            SnapshotDelta.objects.filter(gateway=gateway.code)
            .order_by("-version")
            .values_list("version", flat=True)
            .first()
        )
        found.append(
            GatewayRow(
                gateway=gateway,
                status=status,
                heard=at - status.heard_at if status and status.heard_at else None,
                behind=(newest or 0) - (status.version if status else 0),
                quarantined=InboxEvent.objects.filter(gateway=gateway.code)
                .exclude(quarantine="")
                .count(),
                devices=_devices(gateway),
            )
        )
    return found


def door_rows(actor: Actor) -> list[tuple[Portal, DoorState | None, str]]:
    """Every door, what was last heard of it, and what stands for it in words."""
    portals = visible(Portal.objects.select_related("zone__area__facility"), actor, VIEW)
    states = {state.portal_id: state for state in DoorState.objects.filter(portal__in=portals)}
    facilities = {portal.zone.area.facility for portal in portals}
    stands = dict(pair for each in facilities for pair in standing_doors(each).items())
    return [
        (portal, states.get(portal.pk), stands.get(portal.code, {}).get("words", ""))
        for portal in portals
    ]


def plans(rows: Sequence[GatewayRow]) -> list[dict[str, Any]]:
    """The plans of the gateways' facilities, with every door and device."""
    found = []
    facilities = {row.gateway.facility_id: row.gateway.facility for row in rows}
    for facility in facilities.values():
        devices = [
            each for row in rows if row.gateway.facility_id == facility.pk for each in row.devices
        ]
        if facility.floor_plan:
            geometry = hardware_geometry(facility)
            state = hardware_plan_state(facility, devices)
            found.append({"facility": facility, "geometry": geometry, "state": state})
    return found


def _devices(gateway: Gateway) -> list[DeviceRow]:
    devices = Device.objects.filter(bus__gateway=gateway, retired_at=None)
    return device_rows(devices.select_related("bus__gateway", "portal", "bank"))
