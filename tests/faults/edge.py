"""Power loss in the middle of the edge journal: what survives is a prefix with all that counted.

A child process appends and tells, after each durable entry, how long the write-ahead log is. What
was flushed by then a power loss leaves alone; what came after it may be missing, whole or torn. So
the copies are cut at any byte after the flushed length, or get noise there, and are opened again.
"""

import random
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hardware.gateway.edge_journal import Draft, EdgeJournal
from tests.bench.table import ROOT, Row, row
from tests.faults.site import breaks

ENTRIES = 200  # few enough that SQLite starts its log anew only afterwards
NAME = "edge.sqlite"


def play(chance: random.Random, long: bool) -> list[Row]:
    """Cut the journal again and again, at moments and bytes that the seed chooses."""
    with tempfile.TemporaryDirectory() as directory:
        told = _written(Path(directory), chance)
        cuts = 300 if long else 60
        lost = broken = unusable = 0
        for number in range(cuts):
            copy = Path(directory) / f"cut-{number}"
            acknowledged, flushed = chance.choice(told)
            _power_loss(Path(directory) / "written", copy, flushed, chance)
            edge = EdgeJournal(copy / NAME, "g1", lambda: datetime.now(UTC))
            try:
                lost += max(0, acknowledged - edge.seq)
                broken += breaks(edge.after(0, ENTRIES * 2)) > 0
                before = edge.seq
                edge.append([Draft("fault.after", {})])
                unusable += edge.seq != before + 1
            finally:
                edge.close()
            shutil.rmtree(copy)
    return [
        row(f"A1 edge journal, {cuts} power losses: entries lost", 0, lost, "entries", ok=not lost),
        row("A1 edge journal: what is left is no prefix", 0, broken, "times", ok=not broken),
        row("edge journal takes no entry afterwards", 0, unusable, "times", ok=not unusable),
    ]


def _written(directory: Path, chance: random.Random) -> list[tuple[int, int]]:
    """A journal left as by `kill -9`, and (entry, length of the log) as each was acknowledged."""
    place = directory / "written"
    place.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.edge", str(place), str(chance.randrange(2**32))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    told = []
    for line in child.stdout:
        entry, length = line.split()
        told.append((int(entry), int(length)))
        if len(told) == ENTRIES:
            child.kill()
            break
    child.stdout.close()
    child.wait()
    assert len(told) == ENTRIES, "the writer ended by itself"
    return told


def _power_loss(written: Path, copy: Path, flushed: int, chance: random.Random) -> None:
    copy.mkdir()
    shutil.copy(written / NAME, copy / NAME)
    log = (written / f"{NAME}-wal").read_bytes()
    rest = bytearray(log[flushed : chance.randint(flushed, len(log))])
    if rest and chance.random() < 0.5:
        start = chance.randrange(len(rest))
        end = min(len(rest), start + chance.randint(1, 4096))
        rest[start:end] = chance.randbytes(end - start)
    (copy / f"{NAME}-wal").write_bytes(log[:flushed] + rest)


def _write(place: Path, seed: int) -> None:
    chance = random.Random(seed)
    edge = EdgeJournal(place / NAME, "g1", lambda: datetime.now(UTC))
    log = place / f"{NAME}-wal"
    while True:
        edge.append([Draft("fault.written", {"text": "x" * chance.randint(1, 600)})])
        sys.stdout.write(f"{edge.seq} {log.stat().st_size}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _write(Path(sys.argv[1]), int(sys.argv[2]))
