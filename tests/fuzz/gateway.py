"""What reaches a gateway: orders, snapshot deltas, its own file, keys at a reader."""

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.decider import Direction, DoorRead, DoorVerdict, Outcome
from hardware.gateway.edge_journal import Draft, EdgeError, EdgeJournal, StatePut
from hardware.gateway.pins import PinEntry
from hardware.gateway.snapshot import Delta, Snapshot, SnapshotRefused
from scif.kernel.canonical import canonical_json
from tests.gateway_rig import START, Rig

Target = Callable[[bytes], None]
MOST_DIGITS = 12
GATEWAY = "g1"


def envelope_target() -> Target:
    """An order as a stranger and as the control plane would send it; neither may open a door.

    Signed bytes are obeyed only where they say all that an order says, which no mutation of noise
    does within its two minutes.
    """
    rig = Rig(Path(tempfile.mkdtemp(prefix="fuzz-"))).start()
    rig.admit("ann")

    def one(data: bytes) -> None:
        # A new minute: refusals are journaled again, so that their words are tried as well.
        rig.time.advance(61)
        text = data.decode("utf-8", "surrogateescape")
        rig.gateway.submit_command(text, data[:64].hex())
        rig.gateway.submit_command(text, text[:128])
        with suppress(UnicodeEncodeError):
            rig.gateway.submit_command(text, rig.signer.sign(text.encode()).hex())
        rig.run()
        assert rig.bus.pulses == []
        assert rig.gateway.recorder.waiting == 0, "every refusal could be journaled"

    return one


def delta_target() -> Target:
    """A change of the snapshot: unsigned it changes nothing, signed it is taken or refused."""
    signer = Ed25519PrivateKey.generate()
    snapshot = Snapshot(GATEWAY, signer.public_key())

    def one(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        before, version = snapshot.export(), snapshot.version + 1
        payload = {"said": text, "odd": [text, {text: len(data)}]}
        foreign = Delta(GATEWAY, version, "person", text, payload, data[:64])
        lone = Delta(GATEWAY, version, "person", "\ud800", {"x": 1.5}, data[:64])
        for delta in (foreign, lone):
            with suppress(SnapshotRefused):
                snapshot.apply([delta])
        assert snapshot.export() == before
        body = {
            "gateway": GATEWAY,
            "version": version,
            "kind": "person",
            "key": text[:80],
            "payload": payload if data[:1] > b"\x10" else None,
        }
        signed = Delta(**body, signature=signer.sign(canonical_json(body)))  # type: ignore[arg-type]  # its fields
        snapshot.apply([signed])
        assert snapshot.get("person", text[:80]) == body["payload"]

    return one


def edge_target() -> Target:
    """The gateway's file, altered or cut anywhere: it opens and goes on, or says that it is bad."""
    directory = Path(tempfile.mkdtemp(prefix="fuzz-"))
    whole = directory / "whole.sqlite"
    edge = EdgeJournal(whole, GATEWAY, lambda: START)
    for number in range(6):
        value = {"count": number, "until": None}
        edge.append([Draft("door.read", {"n": number})], [StatePut("pin_failures", "x", value)])
    edge.close()
    good = whole.read_bytes()
    path = directory / "altered.sqlite"

    def one(data: bytes) -> None:
        altered = bytearray(good)
        for at in range(0, len(data) - 2, 3):
            altered[int.from_bytes(data[at : at + 2], "big") % len(altered)] = data[at + 2]
        if data[:1] >= b"\xc0":
            del altered[int.from_bytes(data[1:3], "big") % len(altered) :]
        for leftover in directory.glob("altered.sqlite*"):
            leftover.unlink()
        path.write_bytes(altered)
        opened: EdgeJournal | None = None
        try:
            opened = EdgeJournal(path, GATEWAY, lambda: START)
            opened.states("pin_failures")
            entries = opened.after(0, 100)
            assert all(isinstance(entry.seq, int) for entry in entries)
            (written,) = opened.append([Draft("fault.after", {})])
            assert written.seq == opened.seq
        except (sqlite3.Error, EdgeError):
            pass  # it says so, and the gateway grants nothing
        finally:
            if opened is not None:
                opened.close()

    return one


def pin_target() -> Target:
    """Keys of any kind: what is kept is digits, one more than are allowed at most."""

    def one(data: bytes) -> None:
        read = DoorRead("r", "D1", Direction.IN, credential="c")
        asked = DoorVerdict(
            outcome=Outcome.PENDING,
            policy_version="p/1",
            person_id="ann",
            basis="visit",
            basis_id="v",
            reader_text="Enter PIN",
        )
        entry = PinEntry(read, asked, 0.0, MOST_DIGITS)
        keys = data.decode("latin-1")
        while keys:
            pin, keys = entry.type(keys)
            assert entry.digits == "" or entry.digits.isdecimal()
            assert len(entry.digits) <= MOST_DIGITS + 1
            if pin is None:
                break
            entry = PinEntry(read, asked, 0.0, MOST_DIGITS)

    return one
