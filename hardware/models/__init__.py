"""Models of hardware: gateways, buses, devices, and what passes between centre and gateways."""

from hardware.models.feedback import FeedbackPattern, Lamp, Shown
from hardware.models.gateway import (
    Bus,
    Device,
    DeviceKind,
    DeviceState,
    DoorState,
    DoorStatus,
    Gateway,
)
from hardware.models.rewiring import Rewiring, RewiringKind, RewiringStatus
from hardware.models.shared import PinFailures, ZoneTenure
from hardware.models.standing import StandingOrder, StandingStatus, StandingVerb
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
    "Command",
    "CommandState",
    "Device",
    "DeviceKind",
    "DeviceState",
    "DoorState",
    "DoorStatus",
    "FeedbackPattern",
    "Gateway",
    "GatewayStatus",
    "InboxEvent",
    "Lamp",
    "PinFailures",
    "Rewiring",
    "RewiringKind",
    "RewiringStatus",
    "Shown",
    "SnapshotDelta",
    "SnapshotFloor",
    "StandingOrder",
    "StandingStatus",
    "StandingVerb",
    "ZoneTenure",
]
