"""The whole gateway in its threads, real OSDP on a pty, a simulated reader and door."""

import json
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hardware.gateway.process import GatewayProcess
from hardware.gateway.snapshot import Delta
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import now
from scif.runtime.keys import make_gateway_key
from tests.gateway_rig import SmallDecider
from tests.hardware.osdp_rig import NUMBER, card_make, reader, scbk, world
from tests.hardware.rig import Sim, simulators

SIGNER = Ed25519PrivateKey.generate()
NOWHERE = {"HOST": "/nowhere", "PORT": "1", "NAME": "n", "USER": "u", "PASSWORD": "p"}


class Door:
    """The running gateway, its simulators, and what it wrote down."""

    def __init__(self, process: GatewayProcess, sim: Sim) -> None:
        self.process = process
        self.sim = sim

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        entries = self.process.gateway.edge.after(0, 10_000)
        return [json.loads(entry.body) for entry in entries if entry.kind == kind]

    def until(self, true: Callable[[], object], seconds: float = 30) -> None:
        end, pause = time.monotonic() + seconds, threading.Event()
        while not true():
            assert time.monotonic() < end, [
                (e.kind, e.body) for e in self.process.gateway.edge.after(0, 10_000)
            ]
            pause.wait(0.01)

    def heard(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Wait for so many of a kind; gives the last."""
        self.until(lambda: len(self.bodies(kind)) >= count)
        return self.bodies(kind)[count - 1]


def records(port: str) -> dict[tuple[str, str], dict[str, Any]]:
    import hashlib

    wires = {"output": 0, "contact_input": 0, "rex_input": 1}
    common = {"bus": "B", "kind": "reader", "portal": "D1"}
    credential = {"person_id": "p-1", "until": "2999-01-01T00:00:00+00:00", "pin": "4711"}
    return {
        ("bus", "B"): {"driver": "osdp", "port": port, "baud": 115200},
        ("device", "R1"): {**common, **wires, "address": 1, "direction": "in", "scbk": key(1)},
        ("device", "R2"): {**common, "address": 2, "direction": "out", "scbk": key(2)},
        ("portal", "D1"): {"zone": "Z1", "pulse_tenths": 10, "held_seconds": 20},
        ("credential", hashlib.sha256(NUMBER).hexdigest()): credential,
    }


def key(address: int) -> str:
    return scbk(address).hex()


@contextmanager
def running(
    directory: Path, sim: Sim, records: Mapping[tuple[str, str], dict[str, Any]]
) -> Generator[Door]:
    """A gateway in its threads that has been told these records."""
    keys = directory / "keys"
    keys.mkdir()
    public = SIGNER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    (keys / "control.pub").write_text(public.hex())
    make_gateway_key(keys, "g1")
    process = GatewayProcess(
        "g1",
        directory=directory / "gateway",
        keys=keys,
        database=NOWHERE,
        decider=SmallDecider(),
    )
    process.start()
    try:
        for version, ((kind, name), payload) in enumerate(records.items(), 1):
            body = {
                "gateway": "g1",
                "version": version,
                "kind": kind,
                "key": name,
                "payload": payload,
            }
            signature = SIGNER.sign(canonical_json(body))
            process.gateway.snapshot.apply([Delta("g1", version, kind, name, payload, signature)])
        # The centre was there once, long ago, and told the time.
        process.gateway.time_told(now(), time.monotonic())
        yield Door(process, sim)
    finally:
        process.stop()


@pytest.fixture
def door(tmp_path: Path) -> Generator[Door]:
    card_make(tmp_path)
    with (
        simulators(tmp_path, world(reader(1), reader(2))) as sim,
        running(tmp_path, sim, records(str(tmp_path / "ttyBUS"))) as door,
    ):
        door.heard("device.online", 2)
        door.until(lambda: door.process.gateway.state()["doors"] == {"D1": "shut"})
        yield door


def test_in_by_badge_and_pin_and_out_by_badge_with_the_database_away(door: Door) -> None:
    door.sim.do("tap", reader="R1", card="card-01")
    assert door.heard("door.read")["awaits"] == "pin"
    door.sim.do("type", reader="R1", digits="4711#")
    assert door.heard("door.read", 2)["outcome"] == "granted"
    door.heard("door.acknowledged")
    door.until(lambda: not door.sim.door("D1")["locked"])
    door.sim.do("push", door="D1")
    door.heard("presence.entered")
    door.sim.do("close", door="D1")
    door.heard("door.closed")
    assert door.heard("door.relocked")["confirmed"]
    assert door.sim.door("D1") == {"open": False, "locked": True}
    door.sim.do("tap", reader="R2", card="card-01")
    door.heard("door.acknowledged", 2)
    door.sim.do("leave", door="D1")
    assert door.heard("presence.left")["person_id"] == "p-1"
    door.sim.do("close", door="D1")
    door.heard("door.closed", 2)
    assert not door.bodies("door.forced")


def test_leaving_by_the_handle_alone_forces_nothing(door: Door) -> None:
    door.sim.do("leave", door="D1")
    assert door.heard("door.opened")["cause"] == "rex"
    door.sim.do("close", door="D1")
    door.heard("door.closed")
    assert not door.bodies("door.forced")


def test_a_cable_pulled_and_put_back_releases_nothing(door: Door) -> None:
    door.sim.do("unplug", bus="bus")
    door.heard("device.offline", 2)
    door.sim.do("replug", bus="bus")
    door.heard("device.online", 4)
    assert not door.bodies("door.command")
    assert door.sim.door("D1")["locked"]
    door.sim.do("force", door="D1")
    door.heard("door.forced")
