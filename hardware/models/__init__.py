"""Models of hardware: gateways, buses, devices, and what passes between centre and gateways."""

from hardware.models.gateway import (
    Bus,
    BusDriver,
    Device,
    DeviceKind,
    DeviceState,
    DoorState,
    DoorStatus,
    Gateway,
)
from hardware.models.wire import (
    Command,
    CommandState,
    GatewayStatus,
    InboxEvent,
    SnapshotDelta,
    SnapshotFloor,
)

__all__ = [
    "Bus",
    "BusDriver",
    "Command",
    "CommandState",
    "Device",
    "DeviceKind",
    "DeviceState",
    "DoorState",
    "DoorStatus",
    "Gateway",
    "GatewayStatus",
    "InboxEvent",
    "SnapshotDelta",
    "SnapshotFloor",
]
