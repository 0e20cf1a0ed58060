"""Play a script to its end or to the first objection, and cut a failing one short."""

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.virtual.acts import Step, play
from tests.faults.virtual.machine import Seams
from tests.faults.virtual.oracles import Broken, Oracles
from tests.faults.virtual.story import Story
from tests.faults.virtual.world import World

HONEST = Seams()
MEMORY = Path("/dev/shm")
HOUR = 3600.0


@dataclass
class Run:
    """A world that was played: its steps, and the objection that ended it, if one did."""

    world: World
    oracles: Oracles
    steps: list[Step]
    broken: Broken | None = None


def invent(seed: str, visit_hours: float, seams: Seams = HONEST, most_steps: int = 10**9) -> Run:
    """Make up a script as it is played, until the visits have lasted for so many hours."""
    story = Story(random.Random(seed))
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        run = _begin(Path(name), seams)
        try:
            while run.world.visit_seconds < visit_hours * HOUR and len(run.steps) < most_steps:
                for step in story.next(run.world):
                    run.steps.append(step)
                    _step(run, step)
            _end(run)
        except Broken as broken:
            run.broken = broken
        run.world.machine.die()
    return run


def replay(steps: Sequence[Step], seams: Seams = HONEST) -> Broken | None:
    """The objection to a given script, if there is one."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        run = _begin(Path(name), seams)
        try:
            for step in steps:
                _step(run, step)
            _end(run)
        except Broken as broken:
            return broken
        finally:
            run.world.machine.die()
    return None


def shrink(
    steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool], most_tries: int = 400
) -> list[Step]:
    """Delta debugging: leave out ever smaller parts as long as the rest still fails."""
    kept, size, tries = list(steps), max(1, len(steps) // 2), 0
    while tries < most_tries:
        start = len(kept)
        shorter = False
        # From the end: what led to the failure stands last, and the rest is most of it.
        while start > 0 and tries < most_tries:
            start = max(0, start - size)
            candidate = kept[:start] + kept[start + size :]
            tries += 1
            if candidate and fails(candidate):
                kept, shorter = candidate, True
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return kept


def shrunk(run: Run, seams: Seams = HONEST, most_tries: int = 400) -> list[Step]:
    """The shortest script found that the same oracle objects to."""
    assert run.broken is not None
    oracle = run.broken.oracle

    def fails(steps: Sequence[Step]) -> bool:
        broken = replay(steps, seams)
        return broken is not None and broken.oracle == oracle

    return shrink(run.steps, fails, most_tries)


def _begin(directory: Path, seams: Seams) -> Run:
    world = World(directory, seams)
    return Run(world, Oracles(world), [])


def _step(run: Run, step: Step) -> None:
    play(run.world, step)
    run.oracles.after()


def _end(run: Run) -> None:
    """Mend everything, let it settle, and look at what arrived."""
    for step in (
        ("disk", False),
        ("clock", 0),
        ("wire", "ack", False),
        ("link", True),
        ("wait", 30.0),
        ("wait", 1.0),
    ):
        _step(run, step)
    run.oracles.last()
