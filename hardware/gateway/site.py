"""What every part of a gateway shares: time, policy, memory, and the way to the wires."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from hardware.decider import Decider
from hardware.drivers.base import DeviceCommand
from hardware.gateway.panels import Panels
from hardware.gateway.pins import PinLockout
from hardware.gateway.policy import GatewayPolicy
from hardware.gateway.recorder import Recorder
from hardware.gateway.snapshot import Snapshot
from scif.kernel.clock import Clock

logger = logging.getLogger(__name__)

Send = Callable[[DeviceCommand, float], None]


def new_id() -> str:
    """An identifier for a read or a command."""
    return str(uuid4())


@dataclass(slots=True)
class Site:
    """Handed to portals, lockers and desk readers.

    ``send`` hands a command to the owner of the device's bus with the monotonic time after which
    it must not go onto the wire; its outcome comes back as DELIVERED or FAILED.
    """

    gateway: str
    decider: Decider
    snapshot: Snapshot
    recorder: Recorder
    clock: Clock
    monotonic: Callable[[], float]
    lockout: PinLockout
    send: Send
    policy: GatewayPolicy
    panels: Panels
    identify: Callable[[], str] = new_id
