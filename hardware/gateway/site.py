"""What every part of a gateway shares: time, policy, memory, and the way to the wires."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from hardware.decider import Decider
from hardware.drivers.base import DeviceCommand
from hardware.gateway.panels import Panels
from hardware.gateway.pins import PinLockout
from hardware.gateway.policy import GatewayPolicy
from hardware.gateway.recorder import Recorder
from hardware.gateway.snapshot import Snapshot
from hardware.gateway.timekeeper import Timekeeper
from scif.kernel.clock import Clock

logger = logging.getLogger(__name__)

Send = Callable[[DeviceCommand, float], None]


def new_id() -> str:
    """An identifier for a read or a command."""
    return str(uuid4())


class Stands(Protocol):
    """The standing orders, as a doorway asks for them (:mod:`hardware.gateway.standing`)."""

    def held(self, portal: str) -> bool:
        """Whether somebody ordered this door to stand open now."""

    def shunted(self, portal: str) -> bool:
        """Whether an opening or a long stay of this door is no alarm now."""

    def heard(self, command_id: str, *, reason: str | None) -> None:
        """What became of a pulse; ``reason`` None: the strike has taken it."""


@dataclass(slots=True)
class Site:
    """Handed to portals, lockers and desk readers.

    ``send`` hands a command to the owner of the device's bus with the monotonic time after which
    it must not go onto the wire; its outcome comes back as DELIVERED or FAILED. ``boot`` names the
    start of the machine that ``monotonic`` counts from.
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
    time: Timekeeper
    boot: str = ""
    identify: Callable[[], str] = new_id
    standing: Stands = field(init=False)

    def centre_time(self) -> datetime:
        """The centre's time, as well as it is known here."""
        return self.time.now() or self.clock() + timedelta(
            milliseconds=self.recorder.clock_offset_ms or 0
        )

    def silent_for(self) -> float:
        """Seconds since the centre last said that nothing newer exists; endless if it never did."""
        heard = self.snapshot.heard_at
        return float("inf") if heard is None else (self.clock() - heard).total_seconds()

    def clock_off(self, *, stale: bool) -> bool:
        """Whether this machine's clock must not decide who comes in.

        It is off by more than the policy tolerates; or it would decide alone, from an old
        snapshot, and nobody can tell whether it is right.
        """
        off = self.time.off()
        return stale if off is None else off > self.policy.clock_tolerance

    def stale(self) -> bool:
        """Whether the snapshot is older than the policy's age, or of no known age."""
        return self.silent_for() > self.policy.snapshot_age

    def locked_down(self, portal: str) -> bool:
        """Whether nobody may be let in there at large; so too where it cannot be told."""
        try:
            with self.snapshot.held() as snapshot:
                return self.decider.locked_down(portal, snapshot)
        except Exception:
            logger.exception("whether %s is locked down cannot be told", portal)
            return True

    def local_from(self, portal: str, moment: datetime) -> str:
        """A moment from which something holds, as people at a portal read it."""
        try:
            with self.snapshot.held() as snapshot:
                return self.decider.local_from(portal, moment, snapshot)
        except Exception:
            logger.exception("the local time of %s cannot be told", portal)
            return f"{moment:%H:%M:%S} UTC"
