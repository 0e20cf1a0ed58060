"""`python -m tests.faults [--seed N] [--long] [MODULE …]`: every `play(chance, long)` in here.

Prints its seed; status 1 if an assertion was broken. docs/targets.md says what is asserted.
"""

import argparse
import random
import secrets
import sys
import time
from functools import partial

from rich.console import Console

import tests.faults as package
from tests.bench.probe import probe
from tests.bench.table import finish, modules, row, run

MOST_MINUTES = 60


def main() -> int:
    """Play, print, write ``var/faults.json``."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--long", action="store_true", help="full counts")
    parser.add_argument("only", nargs="*", metavar="MODULE", help="only these, such as edge")
    options = parser.parse_args()
    seed = secrets.randbelow(10**9) if options.seed is None else options.seed
    console, begun = Console(), time.monotonic()
    console.print(f"seed {seed}", highlight=False)
    rows = run(console, "probe", probe)
    known = {module.__name__.rsplit(".", 1)[1]: module for module in modules(package, "play")}
    if unknown := set(options.only) - set(known):
        parser.error(f"no such module: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name, module in known.items():
        if not options.only or name in options.only:
            # A generator of its own: a module played alone meets the same chances.
            chance = random.Random(f"{seed} {name}")
            rows += run(console, name, partial(module.play, chance, options.long))
    minutes = (time.monotonic() - begun) / 60
    rows.append(
        row("the whole run", MOST_MINUTES, round(minutes, 1), "min", ok=minutes <= MOST_MINUTES)
    )
    return finish(console, f"Faults, seed {seed}", "faults.json", rows)


if __name__ == "__main__":
    sys.exit(main())
