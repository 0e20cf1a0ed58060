"""Plays the visit step by step and shows how far it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console

from scif.runtime.visit.scene import Scene


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: the link of the chain it belongs to, what is seen, who does it."""

    link: str
    title: str
    act: Callable[[Scene], None]


def play_steps(console: Console, scene: Scene, steps: list[Step]) -> bool:
    """Play all steps in order; the first that goes otherwise ends the visit."""
    begun = time.monotonic()
    for number, step in enumerate(steps, start=1):
        head = f"[{number:2d}/{len(steps)}] {step.link:<9} {step.title}"
        started = time.monotonic()
        try:
            step.act(scene)
        except Exception as error:
            console.print(f"{head}", highlight=False, markup=False)
            console.print(f"     NOT as expected: {error}", highlight=False, markup=False)
            raise
        console.print(f"{head}  {time.monotonic() - started:.1f} s", highlight=False, markup=False)
    console.print(f"The visit took {time.monotonic() - begun:.0f} s.", highlight=False)
    return True
