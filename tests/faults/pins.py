"""PINs tried by force, over two readers and many restarts: how many tries count in an hour?"""

import json
import random
import tempfile
from pathlib import Path
from typing import Any

from hardware.drivers.base import Verb
from hardware.gateway.edge_journal import EdgeEntry
from tests.bench.table import Row, row
from tests.faults.site import held
from tests.gateway_rig import Rig

FAILURES, LOCKED_SECONDS = 5, 300
READERS: dict[tuple[str, str], dict[str, Any]] = {
    ("portal", "D2"): {"zone": "Z2", "pulse_tenths": 30, "held_seconds": 20, "contact": False},
    ("zone", "Z2"): {"name": "Next room"},
    ("device", "R2"): {
        "bus": "B1",
        "kind": "reader",
        "address": 2,
        "portal": "D2",
        "direction": "in",
        "scbk": "02" * 16,
        "output": 0,
    },
}


def play(chance: random.Random, long: bool) -> list[Row]:
    """Wrong PINs without a pause, at the reader and with the restarts that the seed chooses."""
    hours = 4 if long else 1
    pin = f"{chance.randrange(10**4):04}"
    with tempfile.TemporaryDirectory() as name:
        policy = {"pin_max_failures": FAILURES, "pin_lockout_seconds": LOCKED_SECONDS}
        rig = Rig(Path(name), policy=policy, records=dict(READERS)).start()
        rig.admit("ann", pin=pin, hours=24)
        begun, locked_until = rig.time.monotonic(), 0.0
        tries = restarts = opened = counted = wrong = 0
        pulses, journal = 0, list[EdgeEntry]()
        shapes = set()
        while rig.time.monotonic() - begun < hours * 3600:
            if chance.random() < 0.02:
                pulses, journal = pulses + len(rig.bus.pulses), rig.entries()
                rig.crash()
                rig.start()
                restarts += 1
            # The centre is there all along: an old snapshot refuses before any PIN is asked for.
            rig.snapshot.heard(rig.time.clock())
            reader = chance.choice(["R1", "R2"])
            # The right one now and then, but only while the badge is surely locked out.
            locked = rig.time.monotonic() < locked_until - 10
            typed = pin if locked and chance.random() < 0.2 else _wrong(chance, pin)
            rig.badge("ann", reader)
            before = len(rig.bus.told)
            rig.keys(f"{typed}#", reader)
            tries += 1
            told = rig.bus.told[before:]
            opened += sum(command.verb is Verb.PULSE for command in told)
            shapes.add(tuple((c.verb.value, str(c.args.get("outcome"))) for c in told))
            codes = _codes(rig)
            counted += codes == {"pin_wrong"}
            wrong = wrong + 1 if codes == {"pin_wrong"} else 0
            if wrong == FAILURES:
                locked_until, wrong = rig.time.monotonic() + LOCKED_SECONDS, 0
            rig.run(5, step=5)
        rig.run(LOCKED_SECONDS + 1, step=60)
        before = len(rig.bus.pulses)
        rig.badge("ann")
        rig.keys(f"{pin}#")
        back = len(rig.bus.pulses) - before
        pulses += len(rig.bus.pulses)
        promises = held("PINs by force", rig.entries(), pulses, before=journal)
        rig.crash()
    most = FAILURES * (hours * 3600 // LOCKED_SECONDS + 1)
    return [
        row(
            f"{tries} PINs at two readers in {hours} h, {restarts} restarts: PINs that counted",
            most,
            counted,
            "PINs",
            ok=0 < counted <= most,
        ),
        row(
            "A2 doors opened, right PINs while locked out included",
            0,
            opened,
            "pulses",
            ok=not opened,
        ),
        row("answers of a different shape", 1, len(shapes), "shapes", ok=len(shapes) == 1),
        row("the holder gets in after the lock-out", "1", back, "pulses", ok=back == 1),
        *promises,
    ]


def _codes(rig: Rig) -> set[str]:
    """Why the last read was refused."""
    reads = [e for e in rig.edge.after(rig.edge.seq - 4, 4) if e.kind == "door.read"]
    return {str(each["code"]) for each in json.loads(reads[-1].body)["objections"]}


def _wrong(chance: random.Random, pin: str) -> str:
    """Any PIN but the right one."""
    return f"{(int(pin) + chance.randrange(1, 10**4)) % 10**4:04}"
