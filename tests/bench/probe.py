"""What the machine itself does: beside these rows an absolute time of the table can be read."""

import os
import statistics
import tempfile
import time
import tty
from collections.abc import Callable
from pathlib import Path

from tests.bench.table import ROOT, Row, row

LOOP = 1_000_000
RECORD = bytes(64)


def probe() -> list[Row]:
    """A fixed loop of the processor, a flush to disk, and a round trip over a serial line."""
    rows = []
    for name, times in (
        (f"probe: loop of {LOOP:,} additions", _times(_loop, 20)),
        ("probe: 64 B appended and flushed to disk", _flushes(300)),
        ("probe: 8 B over a serial line and back", _echoes(2000)),
    ):
        p50, p99 = statistics.median(times), sorted(times)[int(len(times) * 0.99)]
        rows += [
            row(f"{name}, p50", None, round(p50 * 1000, 4), "ms", ok=True),
            row(f"{name}, p99", None, round(p99 * 1000, 4), "ms", ok=True),
        ]
    return rows


def _times(work: Callable[[], object], count: int) -> list[float]:
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return times


def _loop() -> int:
    total = 0
    for number in range(LOOP):
        total += number
    return total


def _flushes(count: int) -> list[float]:
    """On the disk of the project: a temporary directory may lie in memory."""
    with tempfile.TemporaryDirectory(dir=ROOT) as directory:
        file = os.open(Path(directory) / "probe", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:

            def append() -> None:
                os.write(file, RECORD)
                os.fdatasync(file)

            return _times(append, count)
        finally:
            os.close(file)


def _echoes(count: int) -> list[float]:
    ours, theirs = os.openpty()
    try:
        tty.setraw(ours)
        tty.setraw(theirs)

        def round_trip() -> None:
            os.write(ours, RECORD[:8])
            os.write(theirs, os.read(theirs, 8))
            os.read(ours, 8)

        return _times(round_trip, count)
    finally:
        os.close(ours)
        os.close(theirs)
