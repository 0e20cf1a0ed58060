"""A gateway's process with both its links, the product's decision, and virtual doors in memory."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.decider import AccessDecider
from hardware.drivers.base import DeviceCommand, DeviceEvent, Signal, Traffic, Verb
from hardware.gateway.config import BusConfig
from hardware.gateway.process import GatewayProcess
from scif.kernel.canonical import canonical_json
from scif.kernel.keys import KeyStore
from scif.runtime.keys import make_gateway_key, make_keys
from scif.runtime.postgres import DATABASE, OWNER
from tests.bench.server import Server
from tests.faults.records import records
from tests.hardware.osdp_rig import NUMBER

GATEWAY = "g1"
PATIENCE = 30.0


class Instant:
    """A bus whose devices answer at once; ``told`` are the strike's commands by time."""

    def __init__(self, config: BusConfig) -> None:
        self.config = config
        self.told: list[tuple[str, str, float]] = []
        self._said: list[DeviceEvent] = []

    def open(self) -> None:
        for device in self.config.devices:
            self.say(device.code, Signal.ONLINE, secure=True)
            self.say(device.code, Signal.INPUT, number=0, active=False)

    def turn(self, budget: float) -> list[DeviceEvent]:
        said, self._said = self._said, []
        return said

    def submit(self, command: DeviceCommand) -> bool:
        if command.verb is Verb.PULSE:
            self.told.append((command.device, command.command_id, time.monotonic()))
            self.say(command.device, Signal.DELIVERED, command.command_id)
        return True

    def traffic(self) -> Mapping[str, Traffic]:
        return {}

    def close(self) -> None:
        pass

    def say(self, device: str, signal: Signal, command_id: str | None = None, **data: Any) -> None:
        """Have a device report something at the next turn."""
        self._said.append(DeviceEvent(device, signal, time.monotonic(), data, command_id))


@dataclass
class Manned:
    """The running process; ``buses`` are its virtual wires, ``code`` its gateway's."""

    server: Server
    process: GatewayProcess
    signer: Ed25519PrivateKey
    buses: dict[str, Instant]
    code: str = GATEWAY
    version: int = 0
    _pause: threading.Event = field(default_factory=threading.Event)

    def tell(self, key: tuple[str, str], payload: dict[str, Any] | None) -> None:
        """Write a signed delta, as the centre's services do."""
        self.version += 1
        kind, name = key
        body = {
            "gateway": self.code,
            "version": self.version,
            "kind": kind,
            "key": name,
            "payload": payload,
        }
        signature = self.signer.sign(canonical_json(body))
        with self.server.postgres.connect(OWNER, DATABASE) as owner:
            owner.execute(
                "INSERT INTO hardware_snapshotdelta"
                " (gateway, version, kind, key, payload, signature)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (
                    self.code,
                    self.version,
                    kind,
                    name,
                    None if payload is None else json.dumps(payload),
                    signature,
                ),
            )
            owner.execute(f"NOTIFY snapshot_{self.code}")

    def badge(self, portal: str = "D1", reader: str = "R1") -> float:
        """Show the guard's badge; seconds until the decision is durable and handed to the bus.

        In the thread that calls, so that what is timed is the decision and not a thread's turn.
        """
        door = self.process.gateway.plant.portals[portal]
        begun = time.perf_counter()
        door.card(reader, NUMBER)
        return time.perf_counter() - begun

    def until(self, met: Callable[[], object], what: str) -> None:
        """Wait for something. Raises TimeoutError."""
        end = time.monotonic() + PATIENCE
        while not met():
            if time.monotonic() > end:
                raise TimeoutError(what)
            self._pause.wait(0.005)

    def inbox(self) -> list[tuple[int, str]]:
        """Sequence numbers and hashes that have arrived."""
        with self.server.postgres.connect(OWNER, DATABASE) as owner:
            rows = owner.execute("SELECT seq, hash FROM hardware_inboxevent ORDER BY seq")
            return [(int(str(seq)), str(digest)) for seq, digest in rows.fetchall()]

    def journal(self) -> list[tuple[int, str]]:
        """The same of the edge journal."""
        return [(entry.seq, entry.hash) for entry in self.process.gateway.edge.after(0, 10**7)]

    def waiting(self) -> int:
        """How many entries the centre does not have yet."""
        gateway = self.process.gateway
        return gateway.edge.seq - gateway.drained()

    def drained(self) -> bool:
        """Whether everything has arrived."""
        return self.waiting() == 0


@contextmanager
def manned(
    server: Server, more: dict[tuple[str, str], Any] | None = None, code: str = GATEWAY
) -> Iterator[Manned]:
    """A gateway that has been told of its door, online; it ends with the block."""
    places = server.places
    make_keys(places.keys)
    make_gateway_key(places.keys, code)
    keys = KeyStore(places.keys)
    buses: dict[str, Instant] = {}

    def make(config: BusConfig) -> Instant:
        buses[config.code] = made = Instant(config)
        return made

    process = GatewayProcess(
        code,
        directory=places.var / "gateways" / code,
        keys=places.keys,
        database=server.settings(server.postgres.gateway_role(code)),
        decider=AccessDecider(keys.secret("pin.hmac")),
        make_driver=make,
    )
    made = Manned(server, process, keys.signer("control.ed25519"), buses, code)
    told = {**records(), **(more or {})}
    for key, payload in told.items():
        made.tell(key, payload)
    wired = {name for kind, name in told if kind == "bus"}
    process.start()
    try:
        made.until(lambda: process.gateway.snapshot.version == made.version, "no news")
        made.until(lambda: process.gateway.plant.portals, "no door")
        made.until(lambda: wired <= buses.keys(), "no bus")
        made.until(lambda: process.gateway.snapshot.heard_at, "never heard")
        yield made
    finally:
        process.stop()


def forget(made: Manned, person: str, zone: str = "Z1") -> None:
    """Nobody is inside: the next read stands as the first did."""
    found = made.process.gateway.plant.zones[zone]
    with found.lock:
        if person in found.inside:
            found.left(person, datetime.now(UTC), {})
