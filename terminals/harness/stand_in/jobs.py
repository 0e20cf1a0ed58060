"""Jobs: a list of named probes over the toy, run one after the other whoever is connected.

A job is a description and never a program. It belongs to the engagement that submitted it, and
runs to its end when the session that submitted it is cut.
"""

import asyncio
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from scif.kernel.ids import reference
from terminals.harness.stand_in.model import ToyModel

_ODD = re.compile(r"[^A-Za-z0-9]+")
MOST_JOBS = 200  # kept for each engagement
MOST_STEPS = 32
MOST_NAME, MOST_PROMPT = 80, 4000  # bytes

Probe = Callable[[ToyModel, str], float]
PROBES: dict[str, Probe] = {
    "surprise": lambda model, prompt: model.surprise(prompt),
    "hidden_norm": lambda model, prompt: math.hypot(*model.activations(prompt, "hidden")),
    "entropy": lambda model, prompt: (
        -math.fsum(math.exp(logprob) * logprob for _, logprob in model.ranked(prompt))
    ),
    "gradient": lambda model, prompt: model.gradients(prompt)["hidden"],
}


class JobRefused(Exception):
    """The job is not taken, or is not there, or has no result yet."""


def described(document: Any) -> tuple[str, list[tuple[str, str]]]:
    """Name and steps of a job that was written into a file. Raises JobRefused for anything else.

    What comes by a request the adapter has held against its policy; this nobody has.
    """
    match document:
        case {"name": str(name), "steps": [*steps], **rest} if not rest:
            found = [_step(step) for step in steps]
            if len(name.encode()) <= MOST_NAME and 0 < len(found) <= MOST_STEPS:
                return name, found
    raise JobRefused


def _step(document: Any) -> tuple[str, str]:
    match document:
        case {"probe": str(probe), "prompt": str(prompt), **rest} if not rest:
            if probe in PROBES and len(prompt.encode()) <= MOST_PROMPT:
                return probe, prompt
    raise JobRefused


@dataclass(slots=True)
class Job:
    """One job: what was asked, how far it is, what was found."""

    reference: str
    name: str
    steps: Sequence[tuple[str, str]]  # probe, prompt
    found: list[float] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether every step has its result."""
        return len(self.found) == len(self.steps)

    @property
    def file(self) -> str:
        """What that file is called: as the job is, in letters that a file name may have."""
        plain = _ODD.sub("-", self.name).strip("-")[:30]
        return f"{plain or self.reference}.txt"

    def report(self) -> bytes:
        """What was found, as a file for the outbox."""
        pairs = zip(self.steps, self.found, strict=True)
        lines = (f"{probe}: {value:.3f}" for (probe, _), value in pairs)
        return "\n".join((self.name, *lines, "")).encode()

    def told(self) -> dict[str, Any]:
        """How far it is."""
        return {
            "job": self.reference,
            "name": self.name,
            "state": "finished" if self.finished else "running",
            "done": len(self.found),
            "steps": len(self.steps),
        }


class Jobs:
    """All jobs of this process. They are gone when it ends."""

    def __init__(self, model: ToyModel, step_seconds: float) -> None:
        self._model = model
        self._step_seconds = step_seconds
        self._jobs: dict[str, dict[str, Job]] = {}
        self._running: set[asyncio.Task[None]] = set()

    def submit(self, engagement: str, name: str, steps: Sequence[tuple[str, str]]) -> Job:
        """Begin a job. Raises JobRefused."""
        mine = self._jobs.setdefault(engagement, {})
        if not steps or len(mine) >= MOST_JOBS:
            raise JobRefused
        job = Job(reference("J"), name, steps)
        mine[job.reference] = job
        # No session holds this task: it runs on when the one that asked for it is cut.
        task = asyncio.create_task(self._run(job))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return job

    def of(self, engagement: str) -> list[Job]:
        """The jobs of an engagement, the oldest first."""
        return list(self._jobs.get(engagement, {}).values())

    def one(self, engagement: str, job: str) -> Job:
        """A job of this engagement. Raises JobRefused."""
        found = self._jobs.get(engagement, {}).get(job)
        if found is None:
            raise JobRefused
        return found

    async def _run(self, job: Job) -> None:
        for probe, prompt in job.steps:
            await asyncio.sleep(self._step_seconds)
            job.found.append(PROBES[probe](self._model, prompt))
