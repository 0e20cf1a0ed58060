"""Target 10: a log report of few rows and of many, as the report kit draws it.

Each size is drawn in a process of its own, into a file, from rows that are made as they are asked
for; its memory is what the process held at the most, over what it held before the first row. The
signature is not in it: it takes the finished document whole.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import ROOT, Row, row

FEW, MANY, MANY_SHORT = 10_000, 1_000_000, 50_000
MOST_TIMES, MOST_MB, MOST_PACE = 2.0, 32.0, 1.3


def measure(long: bool) -> list[Row]:
    """Memory and time of a row, few rows and many."""
    many = MANY if long else MANY_SHORT
    small, large = _draw(FEW), _draw(many)
    times, pace = large["mb"] / small["mb"], large["seconds"] / many / (small["seconds"] / FEW)
    return [
        row(
            f"report of {many:,} rows: memory over that of {FEW:,} (target 10)",
            MOST_TIMES,
            round(times, 2),
            "times",
            ok=times <= MOST_TIMES,
        ),
        row(
            f"report of {many:,} rows: memory over base (target 10)",
            MOST_MB,
            round(large["mb"], 1),
            "MB",
            ok=large["mb"] <= MOST_MB,
        ),
        row(
            f"time of a row, {many:,} rows / {FEW:,} (target 10)",
            MOST_PACE,
            round(pace, 2),
            "times",
            ok=pace <= MOST_PACE,
        ),
        row(
            f"  a report of {FEW:,} rows",
            None,
            round(small["seconds"], 1),
            "s",
            ok=True,
        ),
    ]


def _draw(rows: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.report", str(rows)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "scif.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _main(count: int) -> dict[str, float]:
    import django

    django.setup()
    from scif.reporting.kit import table
    from scif.reporting.kit.sheet import Foot, Marking, Sheet

    columns = [table.Column(head, share) for head, share in (("No.", 1), ("At", 2), ("What", 5))]

    def rows(most: int) -> Iterator[table.Row]:
        for number in range(most):
            at = f"2026-11-{number % 28 + 1:02} {number % 24:02}:{number % 60:02}"
            yield table.Row("(U)", (str(number), at, f"door.read D{number % 64}: granted"))

    def draw(most: int) -> None:
        with (Path(name) / "log.pdf").open("wb") as file:
            sheet = Sheet(file, Marking("UNCLASSIFIED"), Foot("bench", "bench"))
            table.draw_table(sheet, columns, rows(most), empty="Nothing.")
            sheet.finish()

    with tempfile.TemporaryDirectory() as name:
        draw(1)  # what is loaded once belongs to the base
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
        base, begun = _peak_kb(), time.process_time()
        draw(count)
        seconds = time.process_time() - begun
    return {"mb": (_peak_kb() - base) / 1024, "seconds": seconds}


def _peak_kb() -> int:
    """The most memory that this process has held since the peak was begun anew, in kB."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_main(int(sys.argv[1]))) + "\n")
