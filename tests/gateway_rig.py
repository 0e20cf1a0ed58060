"""A gateway in one thread with a virtual clock, devices in memory, and a small decider of its own.

The devices are doubles of things outside; everything of ours is the real code.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.decider import (
    Decider,
    Direction,
    DoorRead,
    DoorVerdict,
    Outcome,
    SnapshotView,
    ZoneConcern,
    ZoneView,
)
from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Traffic, Verb
from hardware.gateway.config import BusConfig
from hardware.gateway.edge_journal import EdgeEntry, EdgeJournal
from hardware.gateway.gateway import Gateway, GatewayConfig
from hardware.gateway.snapshot import Delta, Snapshot
from scif.kernel.canonical import canonical_json

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STORE_KEY = bytes(range(32))


class Time:
    """A wall clock and a monotonic one, moved by hand."""

    def __init__(self) -> None:
        self.wall = START
        self.monotonic_seconds = 1000.0

    def clock(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.monotonic_seconds

    def advance(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.monotonic_seconds += seconds


class ScriptedBus:
    """Devices that say what a test lets them say, and remember what they were told."""

    def __init__(self, config: BusConfig, time: Time) -> None:
        self.config = config
        self.time = time
        self.online = True
        self.answers = True
        self.closed = False
        self.told: list[DeviceCommand] = []
        self.counted: dict[str, Traffic] = {}
        self._said: list[DeviceEvent] = []

    def open(self) -> None:
        for device in self.config.devices:
            self.say(device.code, Signal.ONLINE, secure=True)

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        said, self._said = self._said, []
        return said

    def submit(self, command: DeviceCommand) -> bool:
        if not self.online:
            return False
        self.told.append(command)
        if self.answers:
            self.say(command.device, Signal.DELIVERED, command.command_id)
        return True

    def traffic(self) -> Mapping[str, Traffic]:
        return self.counted

    def close(self) -> None:
        self.closed = True

    def say(self, device: str, signal: Signal, command_id: str | None = None, **data: Any) -> None:
        event = DeviceEvent(device, signal, self.time.monotonic(), data, command_id)
        self._said.append(event)

    @property
    def pulses(self) -> list[DeviceCommand]:
        return [command for command in self.told if command.verb is Verb.PULSE]

    @property
    def shown(self) -> list[str]:
        return [str(c.args["outcome"]) for c in self.told if c.verb is Verb.FEEDBACK]


class SmallDecider:
    """Lets in whose credential is in the snapshot and valid, with PIN, and who is not inside."""

    def __init__(self) -> None:
        self.breaks = False

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> DoorVerdict:
        if self.breaks:
            raise RuntimeError("the decider is broken")
        record: Mapping[str, Any] = snapshot.get("credential", read.credential or "") or {}
        person = read.person_id or record.get("person_id")
        objections = []
        if person is None:
            objections.append("unknown_badge")
        elif read.person_id and not snapshot.get("person", read.person_id):
            objections.append("unknown_person")
        if record and now >= datetime.fromisoformat(record["until"]):
            objections.append("expired")
        if read.direction is Direction.IN and person in zone.inside:
            objections.append("already_inside")
        pin, awaits = record.get("pin"), None
        outcome = Outcome.REFUSED if objections else Outcome.GRANTED
        if pin and not objections and read.direction is Direction.IN:
            if read.pin is None:
                outcome, awaits = Outcome.PENDING, "pin"
            elif read.pin != pin:
                objections.append("pin_wrong")
                outcome = Outcome.REFUSED
        return DoorVerdict(
            outcome=outcome,
            policy_version="rig/1",
            person_id=person,
            basis="roster" if person else None,
            basis_id="r-1" if person else None,
            reader_text=outcome.value,
            objections=tuple({"code": code} for code in objections),
            awaits=awaits,
        )

    def local_from(self, portal: str, moment: datetime, snapshot: SnapshotView) -> str:
        return f"{moment:%H:%M:%S} here"

    def locked_down(self, portal: str, snapshot: SnapshotView) -> bool:
        return snapshot.get("lockdown", "current") is not None

    def watch(
        self, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> tuple[ZoneConcern, ...] | None:
        return ()


def number_of(name: str) -> bytes:
    """The number on somebody's card."""
    return hashlib.md5(name.encode(), usedforsecurity=False).digest()


def credential_of(name: str) -> str:
    """The SHA-256 that stands for that card."""
    return hashlib.sha256(number_of(name)).hexdigest()


INSTALLED: dict[tuple[str, str], dict[str, Any]] = {
    ("bus", "B1"): {"driver": "scripted", "port": "/dev/null", "baud": 9600},
    ("bus", "B2"): {"driver": "scripted", "port": "/dev/null", "baud": 9600},
    ("bus", "B3"): {"driver": "scripted", "port": "/dev/null", "baud": 9600},
    ("device", "R1"): {
        "bus": "B1",
        "kind": "reader",
        "address": 0,
        "portal": "D1",
        "direction": "in",
        "scbk": "00" * 16,
        "output": 0,
        "contact_input": 0,
        "rex_input": 1,
    },
    ("device", "R1X"): {
        "bus": "B1",
        "kind": "reader",
        "address": 1,
        "portal": "D1",
        "direction": "out",
        "scbk": "01" * 16,
    },
    ("device", "K1"): {"bus": "B2", "kind": "locker_board", "bank": "BANK"},
    ("device", "N1"): {"bus": "B3", "kind": "desk_reader"},
    ("portal", "D1"): {"zone": "Z1", "pulse_tenths": 30, "held_seconds": 20, "contact": True},
    ("zone", "Z1"): {"name": "Room"},
}


@dataclass
class Rig:
    """Start it, make things happen, and look at the journal."""

    directory: Path
    code: str = "g1"
    time: Time = field(default_factory=Time)
    signer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    decider: SmallDecider = field(default_factory=SmallDecider)
    policy: dict[str, int | bool] = field(default_factory=dict)
    records: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.buses: dict[str, ScriptedBus] = {}
        self.records = {**INSTALLED, **self.records}
        if self.policy:
            self.records["policy", "current"] = {"values": self.policy}

    def make_decider(self) -> Decider:
        return self.decider

    def make_driver(self, config: BusConfig) -> Driver:
        self.buses[config.code] = bus = ScriptedBus(config, self.time)
        return bus

    def start(self, *, told: bool = True, shut: bool = True) -> "Rig":
        """A gateway from the files in the directory.

        ``told``: the centre is there; ``shut``: the door's contact says so.
        """
        self.edge = EdgeJournal(self.directory / "edge.sqlite", self.code, self.time.clock)
        self.snapshot = Snapshot(self.code, self.signer.public_key())
        self.gateway = Gateway(
            GatewayConfig(
                self.code, self.directory / "snapshot.bin", self.signer.public_key(), STORE_KEY
            ),
            self.make_decider(),
            self.make_driver,
            self.edge,
            self.snapshot,
            self.time.clock,
            self.time.monotonic,
            threads=False,
        )
        self.gateway.start()
        if told:
            for (kind, key), payload in self.records.items():
                if self.snapshot.get(kind, key) != payload:
                    self.tell(kind, key, payload)
            self.snapshot.heard(self.time.clock())
        self.run()
        if shut:
            self.contact(opened=False)
        return self

    def crash(self) -> None:
        """The process ends without a word; only what is on the disk is left."""
        self.edge.close()

    def delta(
        self, kind: str, key: str, payload: Mapping[str, Any] | None, version: int | None = None
    ) -> Delta:
        version = version if version is not None else self.snapshot.version + 1
        body = {
            "gateway": self.code,
            "version": version,
            "kind": kind,
            "key": key,
            "payload": payload,
        }
        signature = self.signer.sign(canonical_json(body))
        return Delta(self.code, version, kind, key, payload, signature)

    def tell(self, kind: str, key: str, payload: Mapping[str, Any] | None) -> None:
        self.snapshot.apply([self.delta(kind, key, payload)])

    def admit(self, name: str, *, pin: str = "", hours: float = 8) -> str:
        """Give somebody a card; gives the person's identifier."""
        person = f"person-{name}"
        until = (self.time.wall + timedelta(hours=hours)).isoformat()
        record = {"person_id": person, "until": until, "pin": pin}
        self.tell("person", person, {"name": name})
        self.tell("credential", credential_of(name), record)
        return person

    def run(self, seconds: float = 0.0, step: float = 0.05) -> None:
        """Let time pass and everything happen that is due."""
        left = seconds
        while True:
            self.gateway.tick()
            while self.gateway.turn():
                pass
            if left <= 0:
                return
            self.time.advance(min(step, left))
            left -= step

    def say(self, device: str, signal: Signal, command_id: str | None = None, **data: Any) -> None:
        bus = next(b for b in self.buses.values() if device in {d.code for d in b.config.devices})
        bus.say(device, signal, command_id, **data)

    def badge(self, name: str, reader: str = "R1") -> None:
        self.say(reader, Signal.CARD, number=number_of(name), bits=128)
        self.run()

    def keys(self, digits: str, reader: str = "R1") -> None:
        self.say(reader, Signal.KEYPAD, digits=digits)
        self.run()

    def force(self) -> None:
        """Open the door with nothing to explain it, and wait until that is judged."""
        self.contact(opened=True)
        self.run(1)

    def contact(self, *, opened: bool) -> None:
        self.say("R1", Signal.INPUT, number=0, active=opened)
        self.run()

    def rex(self, *, active: bool) -> None:
        self.say("R1", Signal.INPUT, number=1, active=active)
        self.run()

    def walk_in(self, name: str, pin: str = "") -> None:
        self.badge(name)
        if pin:
            self.keys(f"{pin}#")
        self.contact(opened=True)
        self.contact(opened=False)
        self.run(6)

    def order(self, verb: str, target: str, args: Mapping[str, Any], /, **changed: Any) -> str:
        """Send a signed command; gives its id. ``changed`` replaces fields before signing."""
        envelope = {
            "id": str(uuid4()),
            "gateway": self.code,
            "target": target,
            "verb": verb,
            "args": args,
            "actor": "guard-1",
            "nonce": uuid4().hex,
            "issued_at": self.time.wall.isoformat(),
            "deadline": (self.time.wall + timedelta(seconds=10)).isoformat(),
            **changed,
        }
        self.send(canonical_json(envelope))
        return str(envelope["id"])

    def send(self, raw: bytes, signer: Ed25519PrivateKey | None = None) -> None:
        signature = (signer or self.signer).sign(raw)
        self.gateway.submit_command(raw.decode(), signature.hex())
        self.run()

    @property
    def bus(self) -> ScriptedBus:
        return self.buses["B1"]

    def entries(self) -> list[EdgeEntry]:
        return self.edge.after(0, 1_000_000)

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """The bodies of the journal's entries of these kinds, in order."""
        return [json.loads(e.body) for e in self.entries() if e.kind in kinds]

    def kinds(self, *families: str) -> list[str]:
        """The kinds of the journal's entries, in order, of these families if any are named."""
        kinds = [entry.kind for entry in self.entries()]
        return [kind for kind in kinds if not families or kind.split(".")[0] in families]
