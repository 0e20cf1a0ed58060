"""Every parser under bytes that atheris makes, for a bounded time each."""

import importlib.util
import random

from tests.bench.table import Row, row
from tests.fuzz.__main__ import run
from tests.fuzz.names import NAMES

SECONDS, LONG_SECONDS = 5, 120


def play(chance: random.Random, long: bool) -> list[Row]:
    """Fuzz each parser with a seed of its own; no input may break one."""
    if importlib.util.find_spec("atheris") is None:
        said = "atheris has no wheel for this platform"
        return [row("parsers under atheris", "hypothesis alone", said, "", ok=True)]
    seconds = LONG_SECONDS if long else SECONDS
    rows = []
    for name in NAMES:
        status, said = run(name, seconds, chance.randrange(1, 2**31))
        words = said if status else ""
        rows.append(
            row(
                f"bad input: {name}, {seconds} s",
                "bears any bytes",
                words[-120:] or "borne",
                "",
                ok=not status,
            )
        )
    return rows
