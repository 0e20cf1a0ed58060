"""A gateway as a process runs it: files, keys, links to the centre, and the gateway itself.

INVARIANT: importing this module and starting a gateway need neither Django, Celery nor the
database's client: a door waits for what it needs, and for nothing else.
"""

import logging
import time
from pathlib import Path
from typing import Any

from hardware.decider import Decider
from hardware.gateway.ballast import Ballast
from hardware.gateway.centre import Link
from hardware.gateway.downlink import Downlink
from hardware.gateway.edge_journal import EdgeJournal
from hardware.gateway.factory import driver_factory
from hardware.gateway.gateway import Gateway, GatewayConfig
from hardware.gateway.heartbeat import boot_id
from hardware.gateway.plant import DriverFactory
from hardware.gateway.snapshot import Snapshot
from hardware.gateway.uplink import Uplink
from hardware.wrapping import Unwrapper
from scif.kernel.clock import Clock, now
from scif.kernel.keys import KeyStore
from scif.kernel.memory import settle

logger = logging.getLogger(__name__)


class GatewayProcess:
    """One gateway with its two links. Its doors start before the links and stop after them."""

    def __init__(
        self,
        code: str,
        *,
        directory: Path,
        keys: Path,
        database: dict[str, Any],
        decider: Decider,
        ports: Path = Path("/dev"),
        make_driver: DriverFactory | None = None,
        clock: Clock = now,
    ) -> None:
        """Open the files; raises KeyMissingError, OSError, sqlite3.Error: then do not start."""
        store = KeyStore(keys)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        control = store.verifier("control.pub")
        ballast = Ballast(directory / "edge.reserve")
        edge = EdgeJournal(directory / "edge.sqlite", code, clock, ballast=ballast)
        wrapping = store.secret(f"readers.{code}.siv")
        snapshot = Snapshot(code, control, Unwrapper(wrapping))
        self.gateway = Gateway(
            GatewayConfig(
                code,
                directory / "snapshot.bin",
                control,
                store.secret(f"store.{code}.aes"),
                boot_id(),
            ),
            decider,
            make_driver or driver_factory(store, ports),
            edge,
            snapshot,
            clock,
            time.monotonic,
        )
        self._clock = clock
        self._database = database
        self._signer = store.signer(f"edge.{code}.ed25519")
        self._links: tuple[Link, ...] = ()

    def start(self) -> None:
        """Take the doors, then look for the centre; it may be away."""
        self.gateway.start()
        settle()
        self._links = self._linked()
        for link in self._links:
            link.start()

    def stop(self) -> None:
        """Stop the links, then release the doors' buses."""
        for link in self._links:
            link.stop()
        self.gateway.stop()

    def _linked(self) -> tuple[Link, ...]:
        from hardware.gateway.database import PostgresCentre, connector

        gateway, code = self.gateway, self.gateway.config.code
        connect = connector(self._database, code)
        uplink = Uplink(gateway.edge, PostgresCentre(code, connect), self._signer)
        gateway.drained = lambda: uplink.cursor
        downlink = Downlink(
            gateway.snapshot,
            PostgresCentre(code, connect),
            gateway.edge,
            gateway.recorder,
            gateway.state,
            self._clock,
            time.monotonic,
        )
        downlink.on_time = gateway.time_told
        downlink.on_bulk = settle
        return Link("uplink", uplink.step), Link("downlink", downlink.step)


_running: list[GatewayProcess] = []


def begin(process: GatewayProcess) -> None:
    """Start the one gateway of this process."""
    process.start()
    _running.append(process)
    logger.info("gateway %s has taken its doors", process.gateway.config.code)


def running() -> GatewayProcess | None:
    """The gateway of this process, while it runs."""
    return _running[0] if _running else None


def end() -> None:
    """Stop it."""
    while _running:
        _running.pop().stop()
