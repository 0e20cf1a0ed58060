"""The edge journal's disk is full: no grant without its entry, nobody is held, and it recovers."""

import random
import sys
import tempfile
from pathlib import Path

from scif.runtime.machines import longest_file
from tests.bench.table import Row, row
from tests.faults.site import Site, site
from tests.gateway_rig import Rig

SMALL, ROOMY = {"edge_capacity_mb": 1, "edge_reserve_mb": 0}, {"edge_capacity_mb": 512}
NAMES = ("ann", "bob", "cy")


def play(chance: random.Random, long: bool) -> list[Row]:
    """Fill one megabyte of SQLite to SQLITE_FULL, go on at the door, then give room again."""
    rounds = 5 if long else 2
    granted_full = held = lost = gaps = unrecorded = stuck = 0
    refused: set[str] = set()
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            rig = Rig(Path(name), policy=dict(SMALL)).start()
            for person in NAMES:
                rig.admit(person)
            _fill(rig)
            for _ in range(chance.randint(10, 30)):
                before = len(rig.bus.pulses)
                if chance.random() < 0.6:
                    rig.badge(chance.choice((*NAMES, "stranger")))
                    granted_full += len(rig.bus.pulses) - before
                else:
                    rig.badge(chance.choice(NAMES), "R1X")
                    held += len(rig.bus.pulses) - before != 1
                rig.run(8, step=2)
            waiting = rig.gateway.recorder.waiting
            unrecorded += not waiting
            rig.tell("policy", "current", {"values": ROOMY})
            rig.run(1)
            lost += rig.gateway.recorder.waiting + rig.gateway.recorder.lost
            refused |= {
                str(each["code"])
                for read in rig.events("door.read")[-60:]
                for each in read["objections"]
            }
            numbers = [entry.seq for entry in rig.entries()]
            gaps += sum(number != place for place, number in enumerate(numbers, 1))
            before = len(rig.bus.pulses)
            rig.badge("ann")
            stuck += len(rig.bus.pulses) - before != 1
            rig.crash()
    return [
        row(
            f"A2 {rounds} x disk full: doors opened", 0, granted_full, "pulses", ok=not granted_full
        ),
        row("A3 disk full: badges inside that opened nothing", 0, held, "badges", ok=not held),
        row(
            "disk full: said in the journal of reads as",
            "journal_unavailable",
            "journal_unavailable" if "journal_unavailable" in refused else "nothing",
            "",
            ok="journal_unavailable" in refused,
        ),
        row("A1 facts that waited in memory and were lost", 0, lost, "facts", ok=not lost),
        row("A1 gaps in the sequence afterwards", 0, gaps, "gaps", ok=not gaps),
        row(
            "room again, without a restart: doors still shut",
            0,
            stuck + unrecorded,
            "doors",
            ok=not (stuck or unrecorded),
        ),
        *_refused(chance),
    ]


def _refused(chance: random.Random) -> list[Row]:
    """A real gateway whose every write the kernel refuses, as the bench's machine room has it."""
    if sys.platform != "linux":
        return []
    with site() as gateway:
        assert gateway.worker is not None
        gateway.tap()
        gateway.until(lambda: gateway.pulses() == 1)
        gateway.settle()
        before = gateway.last()
        longest_file(gateway.worker.pid, 0)
        badges = chance.randint(2, 4)
        for _ in range(badges):
            _turned_away(gateway)
        opened, written = gateway.pulses() - 1, gateway.last() - before
        longest_file(gateway.worker.pid, None)
        gateway.until(lambda: len(gateway.bodies("door.read", after=before)) == badges)
        gateway.tap()
        gateway.until(lambda: gateway.pulses() > 1)
        numbers = [seq for seq, _, _ in gateway.entries()]
        gaps = sum(number != place for place, number in enumerate(numbers, 1))
    what = f"{badges} badges while the kernel refuses every write of the gateway"
    return [
        row(f"A2 {what}: doors opened", 0, opened, "pulses", ok=not opened),
        row("  entries written meanwhile", 0, written, "entries", ok=not written),
        row("A1 gaps in the sequence after it writes again", 0, gaps, "gaps", ok=not gaps),
    ]


def _turned_away(gateway: Site) -> None:
    """Hold the guard's badge to the reader until the reader has answered."""
    beeps = gateway.sim.reader("R1")["beeps"]
    gateway.tap()
    gateway.until(lambda: gateway.sim.reader("R1")["beeps"] > beeps)


def _fill(rig: Rig) -> None:
    """Unknown badges are written down too: they fill the journal to its last page."""
    while not rig.gateway.recorder.waiting:
        rig.badge("stranger")
