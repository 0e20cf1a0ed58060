"""A full gateway: 64 doors on 8 buses, with few badges and with many, and what memory they take.

Each size runs in a process of its own, so that memory is its own; the two read by turns, so that
both see the same machine and the same disk. A read goes the whole way and is granted: the badge at
the door, the decision, the intent durable, the pulse handed to the bus.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from access.decider import AccessDecider
from access.rules import facts as f
from access.rules.snapshot import credential_payload, entry_payload
from access.rules.states import CredentialState
from hardware.gateway.config import BusConfig
from hardware.gateway.edge_journal import EdgeJournal
from hardware.gateway.gateway import Gateway, GatewayConfig
from hardware.gateway.plant import DriverFactory
from hardware.gateway.snapshot import Snapshot
from scif.kernel.memory import settle
from tests.bench.manned import Instant
from tests.bench.table import ROOT, Row, on_disk, row
from tests.faults.records import AREA, DAY, GUARD, records
from tests.faults.virtual.acts import card, credential_of
from tests.faults.virtual.machine import CONTROL

BUSES, DOORS_PER_BUS = 8, 8
FEW, MANY, MANY_SHORT = 1_000, 1_000_000, 100_000
READS, READS_SHORT = 4_000, 1_000
ROUND = 50
SOAK_SECONDS = 600.0
MOST_RATIO, MOST_BYTES = 1.5, 6_000


def measure(long: bool) -> list[Row]:
    """Few and many badges by turns; ``long`` also goes on for ten minutes and weighs them."""
    many, reads = (MANY, READS) if long else (MANY_SHORT, READS_SHORT)
    with _Half(FEW) as small, _Half(many) as large:
        few, lots = list[float](), list[float]()
        for _ in range(reads // ROUND):
            few += small.ask("read", ROUND)["times"]
            lots += large.ask("read", ROUND)["times"]
        memory, after = large.memory, large.ask("soak", SOAK_SECONDS)["memory"] if long else 0.0
    few.sort()
    lots.sort()
    ratio = lots[reads // 2] / few[reads // 2]
    each = (memory - small.memory) / (many - FEW)
    rows = [
        row(
            f"64 doors on 8 buses, durable decision p50, {many:,} badges / {FEW:,}",
            MOST_RATIO,
            round(ratio, 2),
            "ratio",
            ok=ratio <= MOST_RATIO,
        ),
        row(f"  p50 with {many:,} badges", None, round(lots[reads // 2] * 1000, 3), "ms", ok=True),
        row(
            f"  p99 with {many:,} badges",
            None,
            round(lots[int(reads * 0.99)] * 1000, 3),
            "ms",
            ok=True,
        ),
        row(
            "memory for each badge, person and basis",
            MOST_BYTES,
            round(each),
            "B",
            ok=each <= MOST_BYTES,
        ),
        row(f"  memory with {many:,} badges", None, round(memory / 1e6), "MB", ok=True),
    ]
    if long:
        rows.append(
            row(
                "memory after ten minutes of reads / before",
                1.2,
                round(after / memory, 2),
                "ratio",
                ok=after / memory <= 1.2,
            )
        )
    return rows


class _Half:
    """One size, in a process that does what it is asked, line by line."""

    def __init__(self, badges: int) -> None:
        self._badges = badges
        self.memory = 0.0

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.doors", str(self._badges)],
            cwd=ROOT,
            env=dict(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.memory = self.ask("soak", 0)["memory"]
        return self

    def __exit__(self, *_: object) -> None:
        self._child.communicate()

    def ask(self, what: str, much: float) -> dict[str, Any]:
        """What it says to a request; raises where it ended instead."""
        if self._child.stdin is None or self._child.stdout is None:
            raise RuntimeError("no pipes")
        self._child.stdin.write(f"{what} {much}\n")
        self._child.stdin.flush()
        answer = self._child.stdout.readline()
        if not answer:
            raise RuntimeError(f"the gateway with {self._badges} badges ended")
        found: dict[str, Any] = json.loads(answer)
        return found


def _main(badges: int) -> None:
    chance = random.Random(badges)
    buses = list[Instant]()
    with tempfile.TemporaryDirectory(dir=on_disk()) as name:

        def bus(config: BusConfig) -> Instant:
            buses.append(Instant(config))
            return buses[-1]

        gateway = gateway_of(Path(name), badges, bus, threads=False)
        while gateway.turn():
            pass
        settle()  # as the gateway's process does
        doors = sorted(gateway.plant.portals)

        def read() -> float:
            code = chance.choice(doors)
            number = card(chance.randrange(badges))
            begun = time.perf_counter()
            gateway.plant.portals[code].card(f"R{code[1:]}", number)
            took = time.perf_counter() - begun
            gateway.turn()
            if chance.random() < 0.02:
                gateway.tick()
            return took

        for line in sys.stdin:
            what, much = line.split()
            if what == "read":
                before = sum(len(bus.told) for bus in buses)
                times = [read() for _ in range(int(much))]
                if sum(len(bus.told) for bus in buses) - before != len(times):
                    raise AssertionError("a read was not granted")
                answer: dict[str, Any] = {"times": times}
            else:
                end = time.monotonic() + float(much)
                while time.monotonic() < end:
                    read()
                answer = {"memory": _memory()}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        gateway.stop()


def gateway_of(directory: Path, badges: int, make: DriverFactory, *, threads: bool) -> Gateway:
    """A gateway that has been told of 64 doors on 8 buses and of so many people on duty."""

    def clock() -> datetime:
        return datetime.now(UTC)

    snapshot = Snapshot("g1", CONTROL.public_key())
    edge = EdgeJournal(directory / "edge.sqlite", "g1", clock)
    gateway = Gateway(
        GatewayConfig("g1", directory / "snapshot.bin", CONTROL.public_key(), bytes(32)),
        AccessDecider(bytes(range(1, 33))),
        make,
        edge,
        snapshot,
        clock,
        time.monotonic,
        threads=threads,
    )
    gateway.start()
    stored = {
        "gateway": "g1",
        "version": 0,  # told in one piece, so that nothing is stored while it is measured
        "heard_at": (clock() + timedelta(seconds=1)).isoformat(),
        "records": [[kind, key, record] for (kind, key), record in _records(badges).items()],
    }
    snapshot.restore(stored)
    del stored
    gateway.tick()
    return gateway


def _records(badges: int) -> dict[tuple[str, str], Any]:
    """The first door 64 times over, each with a zone and room for all who come; as many people on
    duty as there are badges.
    """
    first = records()
    found: dict[tuple[str, str], Any] = {("policy", "current"): first["policy", "current"]}
    found["area", AREA] = {**first["area", AREA], "capacity": badges}
    for number in range(BUSES * DOORS_PER_BUS):
        bus = f"B{number // DOORS_PER_BUS}"
        found["bus", bus] = {**first["bus", "B1"], "port": f"tty{bus}"}
        found["zone", f"Z{number}"] = first["zone", "Z1"]
        found["portal", f"D{number}"] = {**first["portal", "D1"], "zone": f"Z{number}"}
        found["device", f"R{number}"] = {
            **first["device", "R1"],
            "bus": bus,
            "portal": f"D{number}",
            "address": number % DOORS_PER_BUS,
        }
    now = datetime.now(UTC)
    window = f.Window(now - DAY, now + DAY)
    for number in range(badges):
        who, basis = f"p{number}", f"e{number}"
        duty = f.DutyBasis(basis, who, frozenset({AREA}), window, post=f.DutyPost.GUARD)
        badge = f.CredentialFacts(f"S-{number}", CredentialState.ISSUED, who, None)
        found["person", who] = {**first["person", GUARD], "entries": [basis]}
        found["entry", basis] = entry_payload(duty)
        found["credential", credential_of(number)] = credential_payload(badge)
    return found


def _memory() -> float:
    """Bytes that the process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
