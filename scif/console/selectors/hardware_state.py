"""The state of gateways, devices and doors, as the centre last heard it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hardware.models import (
    Device,
    DeviceState,
    DoorState,
    Gateway,
    GatewayStatus,
    InboxEvent,
    SnapshotDelta,
)
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import visible

VIEW = "hardware.view_device"
# A gateway reports itself every second (hardware/gateway); three missed reports are silence.
SILENT = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device and what was last heard of it; None where nothing ever was."""

    device: Device
    state: DeviceState | None

    @property
    def shape(self) -> str:
        """The shape of its status; silence is never shown as order."""
        if self.state is None or not self.state.online:
            return "off"
        if self.state.tamper:
            return "stop"
        encrypted = self.state.secure or self.device.kind != "reader"
        return "ok" if encrypted else "warn"


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


def door_rows(actor: Actor) -> list[tuple[Portal, DoorState | None]]:
    """Every door and what was last heard of it."""
    portals = visible(Portal.objects.select_related("zone__area__facility"), actor, VIEW)
    states = {state.portal_id: state for state in DoorState.objects.filter(portal__in=portals)}
    return [(portal, states.get(portal.pk)) for portal in portals]


def _devices(gateway: Gateway) -> list[DeviceRow]:
    devices = list(
        Device.objects.filter(bus__gateway=gateway).select_related("bus", "portal", "bank")
    )
    states = {state.device_id: state for state in DeviceState.objects.filter(device__in=devices)}
    return [DeviceRow(device, states.get(device.pk)) for device in devices]
