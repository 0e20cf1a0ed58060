"""A reader that is not who it should be: in the clear, with the default key, with another key."""

import random
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.decider import AccessDecider
from hardware.drivers.osdp import OsdpBus
from hardware.gateway.config import BusConfig
from hardware.gateway.edge_journal import EdgeJournal
from hardware.gateway.gateway import Gateway, GatewayConfig
from hardware.gateway.snapshot import Delta, Snapshot
from scif.kernel.canonical import canonical_json
from tests.bench.table import Row, row
from tests.faults.records import PULSE_TENTHS, records
from tests.faults.site import held
from tests.hardware.osdp_rig import card_make, config, reader, world
from tests.hardware.rig import Sim, simulators

DEFAULT_KEY = bytes(range(0x30, 0x40)).hex()  # SCBK-D of the standard
NOTICE_SECONDS = 8.0
IMPOSTORS: dict[str, dict[str, Any]] = {
    "in the clear": {"secure": False},
    "with the default key": {"scbk": DEFAULT_KEY},
    "with another key": {"scbk": "ab" * 16},
}


def play(chance: random.Random, long: bool) -> list[Row]:
    """Each impostor shows a good badge at moments that the seed chooses; then the true reader."""
    rows = []
    for name, what in {**IMPOSTORS, "the true one": {}}.items():
        with tempfile.TemporaryDirectory() as directory:
            pulses, alarms, promises = _play(Path(directory), name, chance)
        if what:
            rows += [
                row(f"A2 reader {name}: doors opened", 0, pulses, "pulses", ok=not pulses),
                row(
                    f"reader {name}: device.insecure in the journal",
                    "yes",
                    "yes" if alarms else "no",
                    "",
                    ok=bool(alarms),
                ),
            ]
        else:
            rows.append(row("the true reader opens", "≥ 1", pulses, "pulses", ok=pulses >= 1))
        rows += promises
    return rows


def _play(directory: Path, name: str, chance: random.Random) -> tuple[int, int, list[Row]]:
    card_make(directory)
    with simulators(directory, world(reader(1, **IMPOSTORS.get(name, {})))) as sim:
        gateway = gateway_at(directory)
        try:
            pulses, alarms = _taps(gateway, sim, chance)
            return pulses, alarms, _promises(gateway, sim, name)
        finally:
            gateway.stop()


def _taps(gateway: Gateway, sim: Sim, chance: random.Random) -> tuple[int, int]:
    end, tap_at = time.monotonic() + NOTICE_SECONDS, time.monotonic() + 2
    while time.monotonic() < end:
        gateway.turn(0.01)
        gateway.tick()
        if time.monotonic() > tap_at:
            sim.do("tap", reader="R1", card="card-01")
            tap_at = time.monotonic() + chance.uniform(0.6, 1.5)
    insecure = [e for e in gateway.edge.after(0, 10_000) if e.kind == "device.insecure"]
    return sum(entry["active"] for entry in sim.log("output")), len(insecure)


def _promises(gateway: Gateway, sim: Sim, name: str) -> list[Row]:
    """A1 to A3, once a pulse that was given is over."""
    threading.Event().wait(PULSE_TENTHS / 10 + 0.5)
    pulses = sum(entry["active"] for entry in sim.log("output"))
    locked = bool(sim.door("D1")["locked"])
    return held(f"reader {name}", gateway.edge.after(0, 10_000), pulses, locked=locked)


def gateway_at(directory: Path, baud: int = 115200, *, threads: bool = False) -> Gateway:
    """The product's gateway, decision and OSDP driver, in this thread or in its own."""

    def clock() -> datetime:
        return datetime.now(UTC)

    signer = Ed25519PrivateKey.generate()
    snapshot = Snapshot("g1", signer.public_key())
    edge = EdgeJournal(directory / "edge.sqlite", "g1", clock)

    def make(bus: BusConfig) -> OsdpBus:
        addresses = (device.address for device in bus.devices)
        return OsdpBus(config(directory, *addresses, baud=baud))

    gateway = Gateway(
        GatewayConfig("g1", directory / "snapshot.bin", signer.public_key(), bytes(32)),
        AccessDecider(bytes(range(1, 33))),
        make,
        edge,
        snapshot,
        clock,
        time.monotonic,
        threads=threads,
    )
    gateway.start()
    for version, ((kind, key), payload) in enumerate(records().items(), 1):
        said = {"gateway": "g1", "version": version, "kind": kind, "key": key, "payload": payload}
        signature = signer.sign(canonical_json(said))
        snapshot.apply([Delta("g1", version, kind, key, payload, signature)])
    snapshot.heard(clock())
    gateway.tick()
    return gateway
