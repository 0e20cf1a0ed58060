"""Every parser under bytes that atheris makes, for a bounded time each."""

import importlib.util
import random
import re

from tests.bench.table import Row, row
from tests.fuzz.__main__ import run
from tests.fuzz.names import NAMES

SECONDS, LONG_SECONDS = 15, 120
RUNS = re.compile(r"Done (\d+) runs")


def play(chance: random.Random, long: bool) -> list[Row]:
    """Fuzz each parser with a seed of its own; no input may break one."""
    if importlib.util.find_spec("atheris") is None:
        said = "atheris has no wheel for this platform"
        return [row("parsers under atheris", "hypothesis alone", said, "", ok=True)]
    seconds = LONG_SECONDS if long else SECONDS
    rows = []
    for name in NAMES:
        status, said = run(name, seconds, chance.randrange(1, 2**31))
        done = RUNS.search(said)
        borne = f"borne, {int(done[1]):,} runs" if done else "borne"
        rows.append(
            row(
                f"bad input: {name}, {seconds} s",
                "bears any bytes",
                said[-120:] if status else borne,
                "",
                ok=not status,
            )
        )
    return rows
