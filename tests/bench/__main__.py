"""`python -m tests.bench [--long] [MODULE …]`: every `measure(long)` of this package, as one table.

Status 1 if a target was missed. docs/targets.md says what the targets are.
"""

import argparse
import sys
import time
from functools import partial

from rich.console import Console

import tests.bench as package
from tests.bench.probe import probe
from tests.bench.table import finish, modules, row, run

MOST_MINUTES = 30


def main() -> int:
    """Measure, print, write ``var/bench.json``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--long", action="store_true", help="full counts")
    parser.add_argument("only", nargs="*", metavar="MODULE", help="only these, such as decision")
    options = parser.parse_args()
    console, begun = Console(), time.monotonic()
    rows = run(console, "probe", probe)
    known = {module.__name__.rsplit(".", 1)[1]: module for module in modules(package, "measure")}
    if unknown := set(options.only) - set(known):
        parser.error(f"no such module: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name, module in known.items():
        if not options.only or name in options.only:
            rows += run(console, name, partial(module.measure, options.long))
    minutes = (time.monotonic() - begun) / 60
    rows.append(
        row(
            "the whole run",
            f"≤ {MOST_MINUTES}",
            round(minutes, 1),
            "min",
            ok=minutes <= MOST_MINUTES,
        )
    )
    return finish(console, "Speed against its targets", "bench.json", rows)


if __name__ == "__main__":
    sys.exit(main())
