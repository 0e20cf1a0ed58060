"""Target 1: from the badge's frame to the output's frame on a paced wire, beside the wire's floor.

The product's gateway with its threads, decision and OSDP driver at a virtual reader behind a
pseudo-terminal that is paced at the line's speed. Times are those of the line's own log, from the
first byte of the frame that brings the badge to the last of the one that opens; the floor is what
these two need.
"""

import gc
import tempfile
from pathlib import Path
from threading import Event

from hardware.simulators.osdp_frames import Command, Reply
from scif.kernel.memory import settle
from tests.bench.table import Row, row
from tests.faults.impostor import gateway_at
from tests.faults.records import PULSE_TENTHS
from tests.hardware.osdp_ear import Ear
from tests.hardware.osdp_rig import card_make, reader, scbk, world
from tests.hardware.rig import Sim, simulators

TARGET, EXTRA_MS = 1.25, 10.0
BAUDS = (9600, 115200)


def measure(long: bool) -> list[Row]:
    """Each speed, a badge at a time on an idle bus."""
    rows: list[Row] = []
    for baud in BAUDS:
        # Of fewer than a hundred badges the p99 is the single worst.
        times, floor = _badges(baud, 400 if long else 120)
        times.sort()
        p99 = times[int(len(times) * 0.99)]
        most = TARGET * floor + EXTRA_MS
        rows += [
            row(
                f"badge frame to output frame at {baud} baud, p99 (target 1)",
                f"≤ {most:.1f}",
                round(p99, 1),
                "ms",
                ok=p99 <= most,
            ),
            row(f"  the wire's floor at {baud} baud", None, round(floor, 1), "ms", ok=True),
            row(f"  p50 at {baud} baud", None, round(times[len(times) // 2], 1), "ms", ok=True),
        ]
    return rows


def _badges(baud: int, count: int) -> tuple[list[float], float]:
    """Milliseconds for each badge, and the floor in milliseconds."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        card_make(directory)
        with simulators(directory, world(reader(1), baud=baud)) as sim:
            gateway, pause = gateway_at(directory, baud, threads=True), Event()
            settle()  # as the gateway's process does
            try:
                pause.wait(3)
                for _ in range(count):
                    sim.do("tap", reader="R1", card="card-01")
                    pause.wait(PULSE_TENTHS / 10 + 0.4)
            finally:
                gateway.stop()
                gc.unfreeze()
            return _heard(sim, baud)


def _heard(sim: Sim, baud: int) -> tuple[list[float], float]:
    times, floor, begun = list[float](), 0.0, None
    ear = Ear(1, scbk(1))
    for piece in sim.log("wire"):
        before, raw = len(ear.clear), bytes.fromhex(piece["data"])
        ear.hear(piece["way"], raw)
        for frame in ear.clear[before:]:
            if frame.reply and frame.code == Reply.RAW:
                begun = piece["at"], len(raw)
            elif not frame.reply and frame.code == Command.OUT and begun is not None:
                at, length = begun
                badge, order = (size * 10 / baud for size in (length, len(raw)))
                times.append((piece["at"] - at + badge) * 1000)
                floor, begun = (badge + order) * 1000, None
    return times, floor
