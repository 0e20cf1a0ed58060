"""Every parser under bytes that atheris makes, for a bounded time each."""

import ctypes.util
import importlib.util
import random
import re

from tests.bench.table import Row, row
from tests.fuzz.__main__ import run
from tests.fuzz.names import NAMES

SECONDS, LONG_SECONDS = 15, 120
CARD, CARD_NEEDS = "desk-card", ("nfc", "freefare")
CARD_TIMES = 4  # a card takes a third of a second, so it is given longer
RUNS = re.compile(r"Done (\d+) runs")


def play(chance: random.Random, long: bool) -> list[Row]:
    """Fuzz each parser with a seed of its own; no input may break one."""
    if importlib.util.find_spec("atheris") is None:
        said = "atheris has no wheel for this platform"
        return [row("parsers under atheris", "hypothesis alone", said, "", ok=True)]
    rows = []
    for name in NAMES:
        seconds = (LONG_SECONDS if long else SECONDS) * (CARD_TIMES if name == CARD else 1)
        if name == CARD and not all(map(ctypes.util.find_library, CARD_NEEDS)):
            said = "libnfc or libfreefare is not installed"
            rows.append(row(f"bad input: {name}", "bears any bytes", said, "", ok=True))
            continue
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
