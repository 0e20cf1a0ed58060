"""A gateway put together for the simulation, its accidents, and the seams where a mutant enters."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.decider import AccessDecider
from hardware.decider import (
    Decider,
    DoorRead,
    DoorVerdict,
    SnapshotView,
    ZoneConcern,
    ZoneView,
)
from hardware.drivers.base import Driver
from hardware.gateway.centre import Centre, CentreAway
from hardware.gateway.downlink import Downlink
from hardware.gateway.edge_journal import Draft, EdgeEntry, EdgeFull, EdgeJournal, StatePut
from hardware.gateway.gateway import Gateway, GatewayConfig
from hardware.gateway.snapshot import Snapshot
from hardware.gateway.uplink import Uplink
from scif.kernel.clock import Clock
from tests.faults.virtual.centre import GATEWAY
from tests.faults.virtual.place import PIN_KEY

STORE_KEY = bytes(range(32))
CONTROL = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
SEALER = Ed25519PrivateKey.from_private_bytes(bytes(range(96, 128)))
FORGER = Ed25519PrivateKey.from_private_bytes(bytes(range(64, 96)))


class Killed(BaseException):
    """The process is gone, here and now; nothing of it may catch this."""


@dataclass
class Accidents:
    """What happens to the process and its disk. ``fuse`` counts down to a death, -1: none."""

    fuse: int = -1
    where: str = "before"
    disk_full: bool = False
    acknowledged: list[EdgeEntry] = field(default_factory=list)

    def burn(self, where: str) -> None:
        """One more chance to die at this place."""
        if self.fuse >= 0 and where == self.where:
            self.fuse -= 1
            if self.fuse < 0:
                raise Killed


class FragileJournal(EdgeJournal):
    """The edge journal, with a disk that can be full and a process that can die around it."""

    def __init__(self, path: Path, clock: Clock, accidents: Accidents) -> None:
        self.accidents = accidents
        super().__init__(path, GATEWAY, clock)

    def append(
        self, drafts: Sequence[Draft], puts: Sequence[StatePut] = (), *, needs_reserve: bool = False
    ) -> tuple[EdgeEntry, ...]:
        self.accidents.burn("before")
        if self.accidents.disk_full:
            raise EdgeFull("no space left on the virtual device")
        entries = super().append(drafts, puts, needs_reserve=needs_reserve)
        self.accidents.burn("after")
        self.accidents.acknowledged += entries
        return entries


@dataclass(frozen=True, slots=True)
class Seen:
    """One question to the decision with all that it was given, and its answer."""

    read: DoorRead
    version: int
    heard_at: datetime | None
    zone: ZoneView
    now: datetime
    verdict: DoorVerdict


class Around:
    """A decider around a decider, which it asks."""

    def __init__(self, decider: Decider) -> None:
        self._decider = decider

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> DoorVerdict:
        return self._decider.door(read, snapshot, zone, now)

    def locked_down(self, portal: str, snapshot: SnapshotView) -> bool:
        return self._decider.locked_down(portal, snapshot)

    def local_from(self, portal: str, moment: datetime, snapshot: SnapshotView) -> str:
        return self._decider.local_from(portal, moment, snapshot)

    def watch(
        self, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> tuple[ZoneConcern, ...] | None:
        return self._decider.watch(snapshot, zone, now)


class WatchedDecider(Around):
    """Asks the decider and keeps what was asked, for the second opinion."""

    def __init__(self, decider: Decider, seen: Callable[[Seen], None]) -> None:
        super().__init__(decider)
        self._seen = seen

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> DoorVerdict:
        verdict = super().door(read, snapshot, zone, now)
        self._seen(Seen(read, snapshot.version, snapshot.heard_at, zone, now, verdict))
        return verdict


@dataclass(frozen=True)
class Seams:
    """How a gateway is put together; a mutant differs in one of these."""

    decider: Callable[[Decider], Decider] = lambda decider: decider
    journal: type[FragileJournal] = FragileJournal
    driver: Callable[[Any], Driver] = lambda driver: driver
    centre: Callable[[Any], Centre] = lambda centre: centre
    control: Ed25519PrivateKey = CONTROL
    sealer: Ed25519PrivateKey = SEALER


class Machine:
    """One life of the gateway's process, from its start to its death."""

    def __init__(
        self,
        directory: Path,
        seams: Seams,
        accidents: Accidents,
        make_driver: Callable[[Any], Any],
        centre: Centre,
        seen: Callable[[Seen], None],
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self.edge = seams.journal(directory / "edge.sqlite", clock, accidents)
        self.snapshot = Snapshot(GATEWAY, CONTROL.public_key())
        self.gateway = Gateway(
            GatewayConfig(
                GATEWAY, directory / "snapshot.bin", seams.control.public_key(), STORE_KEY
            ),
            WatchedDecider(seams.decider(AccessDecider(PIN_KEY)), seen),
            lambda config: seams.driver(make_driver(config)),
            self.edge,
            self.snapshot,
            clock,
            monotonic,
            threads=False,
        )
        centre = seams.centre(centre)
        self.uplink = Uplink(self.edge, centre, seams.sealer)
        self.gateway.drained = lambda: self.uplink.cursor
        self._downlink = Downlink(
            self.snapshot,
            centre,
            self.edge,
            self.gateway.recorder,
            self.gateway.state,
            clock,
            monotonic,
        )
        self._downlink.on_time = self.gateway.time_told

    def turn(self) -> None:
        """Let everything happen that is due now."""
        while self.gateway.turn():
            pass
        self.gateway.tick()
        self.gateway.turn()

    def talk(self) -> None:
        """Talk to the centre, both ways, if it can be reached."""
        with suppress(CentreAway, EdgeFull):
            self._downlink.report()
            while self._downlink.pull():
                pass
            while self.uplink.drain():
                pass

    def die(self) -> None:
        """The process ends without a word: only its files are let go."""
        self.edge.close()
