"""A full gateway at its wires: 64 readers on 8 paced lines, each with the thread of its bus.

The gateway is a process of its own with the product's OSDP driver, decision and edge journal; the
readers are virtual and share a process of theirs, so that on two cores each has one. Badges come
one after the other, each at another door. Times are the readers' own: from the card at the antenna
to the strike energised, the waiting for the next poll among eight readers and the wire included.
"""

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

from hardware.gateway.factory import driver_factory
from scif.kernel.keys import KeyStore
from scif.kernel.memory import settle
from tests.bench.doors import BUSES, DOORS_PER_BUS, FEW, gateway_of
from tests.bench.table import ROOT, Row, on_disk, row
from tests.faults.virtual.acts import card
from tests.hardware.osdp_rig import card_make, reader
from tests.hardware.rig import Sim, simulators

BAUD = 115200
DOORS = BUSES * DOORS_PER_BUS
BADGES, BADGES_LONG = 320, 3_200
EVERY = 0.1  # seconds from one badge to the next: a door's turn comes after its pulse
IDLE_SECONDS = 5.0
MOST_MS = 500.0  # the trade press: 200 to 500 ms from the badge to the strike
START_SECONDS = 60.0
STRIDE = 37


def measure(long: bool) -> list[Row]:
    """Idle first, then badges."""
    count, pause = BADGES_LONG if long else BADGES, Event()
    with tempfile.TemporaryDirectory(dir=on_disk()) as name:
        directory = Path(name)
        for number in range(DOORS):
            card_make(directory, f"card-{number:02d}", card(number))
        with simulators(directory, _world()) as sim, closing(_Child(directory)) as gateway:
            _until_secure(sim, pause)
            tape = _Tape(sim)
            idle = gateway.share(lambda: pause.wait(IDLE_SECONDS))
            busy = gateway.share(lambda: _show(sim, tape, count, pause))
        times = tape.times()
    p50, p99 = (round(times[int(len(times) * share)] * 1000, 1) for share in (0.5, 0.99))
    lost, core = count - len(times), "% of a core"
    what = f"{DOORS} doors on {BUSES} paced lines with their threads"
    return [
        row(f"{what}: badges of {count} that opened nothing", 0, lost, "badges", ok=not lost),
        row("  badge at the antenna → strike, p99", MOST_MS, p99, "ms", ok=p99 <= MOST_MS),
        row("  p50", None, p50, "ms", ok=True),
        row("  the gateway's processor, idle", None, round(idle * 100), core, ok=True),
        row(f"  with {1 / EVERY:.0f} badges a second", None, round(busy * 100), core, ok=True),
    ]


class _Tape:
    """What readers noted; they remember for some seconds only."""

    def __init__(self, sim: Sim) -> None:
        self._sim = sim
        self._since = {"offered": 0, "output": 0}
        self._shown: dict[str, list[float]] = defaultdict(list)
        self._opened: list[tuple[str, float]] = []

    def read(self) -> None:
        """Take up what is new."""
        for each in self._new("offered"):
            self._shown[each["reader"]].append(each["at"])
        self._opened += [(e["reader"], e["at"]) for e in self._new("output") if e["active"]]

    def times(self) -> list[float]:
        """Seconds from each badge to its strike, the shortest first."""
        return sorted(at - max(s for s in self._shown[code] if s < at) for code, at in self._opened)

    def _new(self, what: str) -> Iterator[dict[str, Any]]:
        while True:
            answer = self._sim.do("log", since=self._since[what], what=what)
            yield from answer["log"]
            if answer["last"] == self._since[what]:
                return
            self._since[what] = answer["last"]


class _Child:
    """The gateway's process."""

    def __init__(self, directory: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.buses", str(directory)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._seconds()  # it has its doors

    def share(self, work: Callable[[], object]) -> float:
        """How much of a core it takes meanwhile, 1.0 being one."""
        seconds, begun = self._seconds(), time.monotonic()
        work()
        return (self._seconds() - seconds) / (time.monotonic() - begun)

    def close(self) -> None:
        """Let it stop; returns when it has."""
        self._process.communicate(timeout=START_SECONDS)

    def _seconds(self) -> float:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipes")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


def _until_secure(sim: Sim, pause: Event) -> None:
    end = time.monotonic() + START_SECONDS
    while not all(
        each["secure"]
        for bus in sim.do("state")["state"].values()
        for each in bus["readers"].values()
    ):
        if time.monotonic() > end:
            raise TimeoutError("not every reader has its Secure Channel")
        pause.wait(0.5)


def _show(sim: Sim, tape: _Tape, count: int, pause: Event) -> None:
    for number in range(count):
        # A stride, so that neighbours in time are no neighbours on a line.
        door = number * STRIDE % DOORS
        sim.do("tap", reader=f"R{door}", card=f"card-{door:02d}")
        pause.wait(EVERY)
        if number % 10 == 0:
            tape.read()
    pause.wait(2)
    tape.read()


def _world() -> dict[str, Any]:
    buses = []
    for bus in range(BUSES):
        numbers = range(bus * DOORS_PER_BUS, (bus + 1) * DOORS_PER_BUS)
        names = {f"D{n}": f"R{n}" for n in numbers}
        readers = [{**reader(1), "name": f"R{n}", "address": n % DOORS_PER_BUS} for n in numbers]
        doors = [
            {"name": door, "strike": [name, 0], "contact": [name, 0], "rex": [name, 1]}
            for door, name in names.items()
        ]
        line = {"kind": "osdp", "name": f"B{bus}", "port": f"ttyB{bus}", "baud": BAUD, "seed": bus}
        buses.append({**line, "readers": readers, "doors": doors})
    return {"name": "sim", "buses": buses}


def _main(directory: Path) -> None:
    make = driver_factory(KeyStore(directory), directory)
    gateway = gateway_of(directory, FEW, make, threads=True)
    settle()  # as the gateway's process does
    for _ in sys.stdin:
        sys.stdout.write(f"{time.process_time()}\n")
        sys.stdout.flush()
    gateway.stop()


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
