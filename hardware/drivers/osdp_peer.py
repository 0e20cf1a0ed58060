"""What the OSDP driver knows of one device while its bus is open."""

from collections import deque

from osdp import LibFlag

from hardware.drivers.osdp_channel import Fall
from hardware.drivers.osdp_config import OsdpDevice
from hardware.drivers.osdp_keying import Keying
from hardware.drivers.osdp_orders import Job
from hardware.drivers.osdp_reports import Reports


class Peer:
    """Its standing, its commands, and what it has said so far."""

    def __init__(self, index: int, device: OsdpDevice, now: float) -> None:
        self.index = index
        self.device = device
        self.keying = Keying(device, now)
        self.flags: list[LibFlag] = []  # with which libosdp was made
        self.alive = False
        self.online = False
        self.fall: Fall | None = None
        # Why libosdp gave it up, judged at that moment: what follows is the next attempt's.
        self.fallen: Fall | None = None
        self.disabling = False
        self.kick_at = 0.0
        self.ask_outputs_at: float | None = None
        self.reports = Reports()
        self.urgent: deque[Job] = deque()
        self.waiting: deque[Job] = deque()
        self.flight: Job | None = None
        self.frames_before = 0  # frames sent to it when the job in flight was handed to libosdp
        self.unanswerable: set[int] = set()
        self.has: dict[int, int] = {}
