"""Thousands of hours of visits in a virtual building, under every accident; then its mutants.

What is real and where the wire is cut is said in ``tests/faults/virtual``. A world that breaks an
oracle is cut down to a short script, which is printed with its seed.
"""

import os
import pprint
import random
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import NamedTuple

from tests.bench.table import Row, row
from tests.faults.virtual.mutants import MUTANTS
from tests.faults.virtual.oracles import NAMES
from tests.faults.virtual.place import START
from tests.faults.virtual.play import Run, invent, replay, shrunk
from tests.faults.virtual.scripts import SCRIPTS

WORLD_HOURS = 500  # of visits, in one world
HOURS, HOURS_LONG = 10_000, 50_000


class Result(NamedTuple):
    """What a world leaves; ``broken`` names the oracle that objects, None: none does."""

    hours: float  # of visits
    days: float
    steps: int
    deaths: int
    checked: Counter[str]
    kinds: Counter[str]  # of entries
    excuses: Counter[str]
    broken: str | None


def play(chance: random.Random, long: bool) -> list[Row]:
    """Worlds until the visits have lasted long enough, then every mutant in its script."""
    worlds = (HOURS_LONG if long else HOURS) // WORLD_HOURS
    seeds = [f"{chance.randrange(10**9)}" for _ in range(worlds)]
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        results = list(pool.map(_world, seeds))
        caught = list(pool.map(_caught_by, MUTANTS))
    return [*_worlds(results), *_caught(dict(zip(MUTANTS, caught, strict=True)))]


def _world(seed: str) -> Result:
    run = invent(seed, WORLD_HOURS)
    if run.broken is not None:
        _tell(seed, run)
    return Result(
        run.world.visit_seconds / 3600,
        (run.world.true - START) / timedelta(days=1),
        len(run.steps),
        run.world.deaths,
        run.oracles.checked,
        run.oracles.kinds,
        run.world.excuses,
        run.broken.oracle if run.broken else None,
    )


def _tell(seed: str, run: Run) -> None:
    steps = shrunk(run)
    sys.stdout.write(
        f"\nworld {seed}: {run.broken}\n"
        f"{len(run.steps)} steps, cut down to {len(steps)}:\n{pprint.pformat(steps)}\n"
    )
    sys.stdout.flush()


def _caught_by(name: str) -> str:
    """Who objects to the mutant in its script; nobody may object to the true code in it."""
    broken, honest = replay(SCRIPTS[name], MUTANTS[name][0]), replay(SCRIPTS[name])
    if honest is not None:
        return f"the true code breaks {honest}"
    return broken.oracle if broken else ""


def _worlds(results: Sequence[Result]) -> list[Row]:
    hours = sum(each.hours for each in results)
    checked, kinds, excuses = Counter[str](), Counter[str](), Counter[str]()
    for each in results:
        checked += each.checked
        kinds += each.kinds
        excuses += each.excuses
    broken = Counter(each.broken for each in results if each.broken)
    wanted = len(results) * WORLD_HOURS
    return [
        row("simulated hours of visits", f"≥ {wanted:,}", round(hours), "h", ok=hours >= wanted),
        *(
            row(f"  {what}", None, figure, unit, ok=True)
            for what, figure, unit in (
                ("days in the building", round(sum(each.days for each in results)), "days"),
                ("steps", sum(each.steps for each in results), "steps"),
                (
                    "kill -9 of the gateway, at a write or a pulse",
                    sum(each.deaths for each in results),
                    "",
                ),
                ("reads decided", kinds["door.read"], "reads"),
                ("pulses told to strikes", kinds["door.command"], "pulses"),
                ("persons through a door", _through(kinds), "passages"),
                ("passages that no sensor could tell", sum(excuses.values()), "passages"),
            )
        ),
        *(
            row(
                f"{name}, {checked[name]:,} checks: broken",
                0,
                broken[name],
                "worlds",
                ok=not broken[name] and bool(checked[name]),
            )
            for name in NAMES
        ),
    ]


def _through(kinds: Counter[str]) -> int:
    return kinds["presence.entered"] + kinds["presence.left"]


def _caught(caught: dict[str, str]) -> list[Row]:
    alive = {name: by for name, by in caught.items() if by not in MUTANTS[name][1]}
    return [
        *(
            row(f"mutant: {name}", " or ".join(sorted(MUTANTS[name][1])), by, "", ok=False)
            for name, by in alive.items()
        ),
        row(
            f"{len(caught)} mutants, each with one rule broken: not caught by their oracle",
            0,
            len(alive),
            "mutants",
            ok=not alive,
        ),
    ]
