"""A gateway as a process runs it: files, keys, links to the centre, and the gateway itself."""

import time
from pathlib import Path
from typing import Any

from hardware.decider import Decider
from hardware.gateway.centre import Link
from hardware.gateway.database import PostgresCentre, connector
from hardware.gateway.downlink import Downlink
from hardware.gateway.edge_journal import EdgeJournal
from hardware.gateway.factory import driver_factory
from hardware.gateway.gateway import Gateway, GatewayConfig
from hardware.gateway.plant import DriverFactory
from hardware.gateway.snapshot import Snapshot
from hardware.gateway.uplink import Uplink
from scif.kernel.clock import now
from scif.kernel.keys import KeyStore


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
    ) -> None:
        """Open the files; raises KeyMissingError, OSError, sqlite3.Error: then do not start."""
        store = KeyStore(keys)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        control = store.verifier("control.pub")
        edge = EdgeJournal(directory / "edge.sqlite", code, now)
        snapshot = Snapshot(code, control)
        self.gateway = Gateway(
            GatewayConfig(
                code, directory / "snapshot.bin", control, store.secret(f"store.{code}.aes")
            ),
            decider,
            make_driver or driver_factory(store, ports),
            edge,
            snapshot,
            now,
            time.monotonic,
        )
        connect = connector(database, code)
        self.uplink = Uplink(edge, PostgresCentre(code, connect))
        self.gateway.drained = self._drained
        downlink = Downlink(
            snapshot,
            PostgresCentre(code, connect),
            edge,
            self.gateway.recorder,
            self.gateway.state,
            now,
            time.monotonic,
        )
        self._links = (Link("uplink", self.uplink.step), Link("downlink", downlink.step))

    def start(self) -> None:
        """Take the doors first; the centre may be away."""
        self.gateway.start()
        for link in self._links:
            link.start()

    def stop(self) -> None:
        """Stop the links, then release the doors' buses."""
        for link in self._links:
            link.stop()
        self.gateway.stop()

    def _drained(self) -> int:
        return self.uplink.cursor
