"""A full gateway: 64 doors on 8 buses, with few badges and with many, and what memory they take.

Each size runs in a process of its own, so that memory is its own. A read goes the whole way: the
badge at the door, the decision, the intent durable, the pulse handed to the bus.
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
from typing import Any

from access.decider import AccessDecider
from access.rules import facts as f
from access.rules.snapshot import credential_payload, entry_payload
from access.rules.states import CredentialState
from hardware.gateway.edge_journal import EdgeJournal
from hardware.gateway.gateway import Gateway, GatewayConfig
from hardware.gateway.snapshot import Snapshot
from tests.bench.manned import Instant
from tests.bench.table import ROOT, Row, row
from tests.faults.records import AREA, DAY, GUARD, records
from tests.faults.virtual.acts import card, credential_of
from tests.faults.virtual.machine import CONTROL

BUSES, DOORS_PER_BUS = 8, 8
FEW, MANY, MANY_SHORT = 1_000, 1_000_000, 100_000
READS, READS_SHORT = 4_000, 1_000
SOAK_SECONDS = 600.0
MOST_RATIO, MOST_BYTES = 1.5, 6_000


def measure(long: bool) -> list[Row]:
    """Few and many badges; ``long`` also goes on for ten minutes and looks at the memory."""
    many, reads = (MANY, READS) if long else (MANY_SHORT, READS_SHORT)
    small, large = _run(FEW, reads, 0.0), _run(many, reads, SOAK_SECONDS if long else 0.0)
    ratio = large["p50"] / small["p50"]
    each = (large["memory"] - small["memory"]) / (many - FEW)
    rows = [
        row(
            f"64 doors on 8 buses, durable decision p50, {many:,} badges / {FEW:,}",
            MOST_RATIO,
            round(ratio, 2),
            "ratio",
            ok=ratio <= MOST_RATIO,
        ),
        row(f"  p50 with {many:,} badges", None, round(large["p50"] * 1000, 3), "ms", ok=True),
        row(f"  p99 with {many:,} badges", None, round(large["p99"] * 1000, 3), "ms", ok=True),
        row(
            "memory for each badge, person and basis",
            MOST_BYTES,
            round(each),
            "B",
            ok=each <= MOST_BYTES,
        ),
        row(f"  memory with {many:,} badges", None, round(large["memory"] / 1e6), "MB", ok=True),
    ]
    if long:
        grown = large["after"] / large["memory"]
        rows.append(
            row(
                "memory after ten minutes of reads / before",
                1.2,
                round(grown, 2),
                "ratio",
                ok=grown <= 1.2,
            )
        )
    return rows


def _run(badges: int, reads: int, soak: float) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.doors", str(badges), str(reads), str(soak)],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _main(badges: int, reads: int, soak: float) -> dict[str, float]:
    chance = random.Random(badges)
    with tempfile.TemporaryDirectory(dir=ROOT) as name:
        gateway = _gateway(Path(name), badges)
        doors = sorted(gateway.plant.portals)
        before = _memory()
        times: list[float] = []
        end = time.monotonic() + soak
        while len(times) < reads or time.monotonic() < end:
            code = chance.choice(doors)
            number = card(chance.randrange(badges))
            begun = time.perf_counter()
            gateway.plant.portals[code].card(f"R{code[1:]}", number)
            if len(times) < reads:
                times.append(time.perf_counter() - begun)
            gateway.turn()
            if chance.random() < 0.02:
                gateway.tick()
        after = _memory()
        gateway.stop()
    times.sort()
    return {
        "p50": times[len(times) // 2],
        "p99": times[int(len(times) * 0.99)],
        "memory": before,
        "after": after,
    }


def _gateway(directory: Path, badges: int) -> Gateway:
    def clock() -> datetime:
        return datetime.now(UTC)

    snapshot = Snapshot("g1", CONTROL.public_key())
    edge = EdgeJournal(directory / "edge.sqlite", "g1", clock)
    gateway = Gateway(
        GatewayConfig("g1", directory / "snapshot.bin", CONTROL.public_key(), bytes(32)),
        AccessDecider(bytes(range(1, 33))),
        Instant,
        edge,
        snapshot,
        clock,
        time.monotonic,
        threads=False,
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
    while gateway.turn():
        pass
    return gateway


def _records(badges: int) -> dict[tuple[str, str], Any]:
    """The first door 64 times over, and as many people on duty as there are badges."""
    first = records()
    kept = {("policy", "current"), ("area", AREA), ("zone", "Z1")}
    found: dict[tuple[str, str], Any] = {key: first[key] for key in kept}
    for number in range(BUSES * DOORS_PER_BUS):
        bus = f"B{number // DOORS_PER_BUS}"
        found["bus", bus] = first["bus", "B1"]
        found["portal", f"D{number}"] = first["portal", "D1"]
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
    sys.stdout.write(
        json.dumps(_main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))) + "\n"
    )
