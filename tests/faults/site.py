"""A real gateway for faults: the Celery worker of the product, a broker, virtual devices.

There is no database at all: the gateway starts from its stored snapshot and decides with it.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from celery import Celery
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.gateway.edge_journal import EdgeEntry, EdgeJournal, entry_hash
from hardware.gateway.snapshot import Delta, Snapshot
from hardware.gateway.snapshot_store import SnapshotStore
from hardware.rules.inbox import GENESIS
from scif.kernel.canonical import canonical_json
from scif.kernel.keys import KeyStore
from scif.runtime.child import Child, wait_ready
from scif.runtime.keys import make_gateway_key, make_keys
from scif.runtime.places import Places, make_places
from scif.runtime.valkey import Valkey
from tests.bench.table import ROOT, Row, row
from tests.faults.records import GUARD, PULSE_TENTHS, records
from tests.hardware.osdp_rig import card_make, reader, world
from tests.hardware.rig import Sim, simulators

GATEWAY = "g1"
PATIENCE = 60.0  # a loaded machine starts slowly; what is measured is measured, not this


@dataclass
class Site:
    """The gateway's process, its broker and its devices; every look is from outside."""

    places: Places
    sim: Sim
    valkey: Valkey
    broker: Child
    signer: Ed25519PrivateKey
    environment: Mapping[str, str] = field(default_factory=dict)
    worker: subprocess.Popen[bytes] | None = None
    _pause: threading.Event = field(default_factory=threading.Event)

    # The process

    def start(self) -> float:
        """Start the worker; seconds until its door's reader is online."""
        begun, before = time.monotonic(), self.last()
        with (self.places.log / "gateway.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [
                    *(sys.executable, "-m", "scif.gateway", GATEWAY),
                    *("-c", "2", "-n", f"{uuid4().hex}@faults"),
                ],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        self.until(lambda: self.bodies("device.online", after=before))
        return time.monotonic() - begun

    def kill(self) -> None:
        """`kill -9`."""
        assert self.worker is not None
        self.worker.send_signal(signal.SIGKILL)
        self.worker.wait()

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "scif.settings.demo",
            "SCIF_VAR": str(self.places.var),
            "SCIF_KEYS": str(self.places.keys),
            "SCIF_SIM_DIR": str(self.sim.directory),
            "VALKEY_URL": self.valkey.url,
            "DB_HOST": str(self.places.var / "no-database"),
            **self.environment,
        }

    # What can be seen

    def entries(self, after: int = 0) -> list[tuple[int, str, dict[str, Any]]]:
        """Sequence number, kind and body of the edge journal's entries."""
        path = self.places.var / "gateways" / GATEWAY / "edge.sqlite"
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            rows = connection.execute(
                "SELECT seq, kind, body FROM event WHERE seq > ? ORDER BY seq", (after,)
            ).fetchall()
        return [(seq, kind, json.loads(body)) for seq, kind, body in rows]

    def journal(self) -> list[EdgeEntry]:
        """The edge journal's entries, whole, as its file has them."""
        path = self.places.var / "gateways" / GATEWAY / "edge.sqlite"
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            (epoch,) = connection.execute(
                "SELECT value ->> 'epoch' FROM state WHERE kind = 'meta' AND key = 'epoch'"
            ).fetchone()
            rows = connection.execute(
                "SELECT seq, kind, occurred_at, clock_offset_ms, prev_hash, hash, body FROM event"
                " ORDER BY seq"
            ).fetchall()
        return [EdgeEntry(GATEWAY, int(epoch), *each) for each in rows]

    def held(self, what: str, before: Sequence[EdgeEntry]) -> list[Row]:
        """A1, A2 and A3 after a fault; ``before`` is the journal as it was ahead of it."""
        self.settle()
        locked = bool(self.sim.door("D1")["locked"])
        return held(what, self.journal(), self.pulses(), before=before, locked=locked)

    def last(self) -> int:
        """The journal's last sequence number."""
        return max((seq for seq, _, _ in self.entries()), default=0)

    def bodies(self, kind: str, after: int = 0) -> list[dict[str, Any]]:
        """The bodies of one kind of entry."""
        return [body for _, each, body in self.entries(after) if each == kind]

    def pulses(self) -> int:
        """How often the strike was energised, by the virtual reader's own account."""
        return sum(entry["active"] for entry in self.sim.log("output"))

    def tap(self, card: str = "card-01") -> None:
        """Hold a badge to the reader; the guard's unless told else."""
        self.sim.do("tap", reader="R1", card=card)

    def until(
        self, met: Callable[[], object], seconds: float = PATIENCE, step: float = 0.02
    ) -> None:
        """Wait for something to be seen. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not met():
            if time.monotonic() > end:
                log = (self.places.log / "gateway.log").read_text()[-2000:]
                raise TimeoutError(f"not seen in {seconds} s; the gateway's log ends:\n{log}")
            self._pause.wait(step)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._pause.wait(seconds)

    def settle(self) -> None:
        """Wait until a pulse that was given is over."""
        self.wait(PULSE_TENTHS / 10 + 0.5)
        self.until(lambda: self.sim.door("D1")["locked"])

    # Orders

    def envelope(self, **changed: Any) -> bytes:
        """An order to let the guard in; ``changed`` replaces fields."""
        now = datetime.now(UTC)
        return canonical_json(
            {
                "id": str(uuid4()),
                "gateway": GATEWAY,
                "target": "D1",
                "verb": "unlock",
                "args": {"person_id": GUARD},
                "actor": "officer",
                "nonce": uuid4().hex,
                "issued_at": now.isoformat(),
                "deadline": (now + timedelta(seconds=60)).isoformat(),
                **changed,
            }
        )

    def send(self, raw: bytes, signature: bytes | None = None) -> None:
        """Put an order on the gateway's queue; signed as the centre signs unless told else."""
        signed = self.signer.sign(raw) if signature is None else signature
        broker = self.valkey.url.replace("unix://", "redis+socket://", 1)
        with Celery(broker=broker) as app:
            app.send_task(
                "hardware.command",
                args=[raw.decode(), signed.hex()],
                queue=f"gateway.{GATEWAY}",
                ignore_result=True,
            )


@contextmanager
def site(
    more: Mapping[tuple[str, str], dict[str, Any]] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """A gateway with its door, online; everything ends with the block.

    ``more`` are records that it knows besides the guard's, ``environment`` what its process has
    besides the usual.
    """
    var = Path(tempfile.mkdtemp(prefix="scif-faults-"))
    var.chmod(0o755)
    places = make_places(var)
    try:
        make_keys(places.keys)
        make_gateway_key(places.keys, GATEWAY)
        signer = KeyStore(places.keys).signer("control.ed25519")
        _tell(places, signer, {**records(), **(more or {})})
        valkey = Valkey(places)
        broker = valkey.start()
        try:
            wait_ready("Valkey", broker, valkey.ready)
            devices = var / "sim"
            card_make(devices)
            with simulators(devices, world(reader(1))) as sim:
                made = Site(places, sim, valkey, broker, signer, environment or {})
                try:
                    made.start()
                    yield made
                finally:
                    with suppress(AssertionError):
                        made.kill()
        finally:
            broker.stop()
    finally:
        places.remove_sockets()
        shutil.rmtree(var, ignore_errors=True)


def _tell(
    places: Places, signer: Ed25519PrivateKey, told: Mapping[tuple[str, str], dict[str, Any]]
) -> None:
    """Store a snapshot of signed deltas, as the gateway itself would have."""
    snapshot = Snapshot(GATEWAY, signer.public_key())
    for version, ((kind, key), payload) in enumerate(told.items(), 1):
        body = {
            "gateway": GATEWAY,
            "version": version,
            "kind": kind,
            "key": key,
            "payload": payload,
        }
        signature = signer.sign(canonical_json(body))
        snapshot.apply([Delta(GATEWAY, version, kind, key, payload, signature)])
    snapshot.heard(datetime.now(UTC))
    directory = places.var / "gateways" / GATEWAY
    directory.mkdir(mode=0o700, parents=True)
    edge = EdgeJournal(directory / "edge.sqlite", GATEWAY, lambda: datetime.now(UTC))
    store_key = KeyStore(places.keys).secret(f"store.{GATEWAY}.aes")
    SnapshotStore(directory / "snapshot.bin", store_key, snapshot, edge, time.monotonic).save()
    edge.close()


def held(
    what: str,
    entries: Sequence[EdgeEntry],
    pulses: int,
    *,
    before: Sequence[EdgeEntry] = (),
    locked: bool | None = None,
) -> list[Row]:
    """A1, A2 and A3 after the fault ``what``, by the whole edge journal and the devices.

    ``pulses`` is how often strikes were energised in all; ``before`` are entries that were seen to
    be durable ahead of the fault. ``locked``: how the doors stand, None where no device tells.
    """
    broken, now = breaks(entries), {(each.seq, each.hash) for each in entries}
    lost = sum((each.seq, each.hash) not in now for each in before)
    ownerless = _ownerless(entries, pulses)
    rows = [
        row(f"A1 {what}: breaks in the chain", 0, broken, "entries", ok=not broken),
        row(f"A2 {what}: strikes of no read, no order", 0, ownerless, "pulses", ok=not ownerless),
    ]
    if before:
        rows.insert(1, row(f"A1 {what}: entries lost", 0, lost, "entries", ok=not lost))
    if locked is not None:
        said = "locked" if locked else "open"
        rows.append(row(f"A3 {what}: the door afterwards", "locked", said, "", ok=locked))
    return rows


def breaks(entries: Sequence[EdgeEntry]) -> int:
    """How many entries do not follow on the one before, counted from the very first."""
    found, last = 0, GENESIS
    for number, each in enumerate(entries, 1):
        digest = entry_hash(
            gateway=each.gateway,
            epoch=each.epoch,
            seq=number,
            kind=each.kind,
            occurred_at=each.occurred_at,
            clock_offset_ms=each.clock_offset_ms,
            prev_hash=last,
            body=each.body.encode(),
        )
        found += (each.seq, each.prev_hash, each.hash) != (number, last, digest)
        last = each.hash
    return found


def _ownerless(entries: Sequence[EdgeEntry], pulses: int) -> int:
    """Pulses beyond the intents, and intents without a granted read of their own, made before.

    A read that an order made counts only where that order was received.
    """
    reads: dict[str, dict[str, Any]] = {}
    orders: set[str] = set()
    commands = ownerless = 0
    for entry in entries:
        body = json.loads(entry.body)
        if entry.kind == "door.read":
            reads[body["read_id"]] = body
        elif entry.kind == "command.received":
            orders.add(body["command_id"])
        elif entry.kind == "door.command":
            commands += 1
            read = reads.pop(body["read_id"], {})  # it opens once
            ordered = "commanded_by" not in read or body["command_id"] in orders
            orders.discard(body["command_id"])
            ownerless += not (read.get("outcome") == "granted" and ordered)
    return ownerless + max(0, pulses - commands)
