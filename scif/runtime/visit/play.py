"""Plays the visit step by step and shows how far it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from scif.runtime.visit.scene import Scene


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: the link of the chain it belongs to, what is seen, who does it."""

    link: str
    title: str
    act: Callable[[Scene], None]


def play_steps(
    console: Console, scene: Scene, steps: list[Step], stopping: Callable[[], bool]
) -> bool:
    """Play all steps in order; the first that goes otherwise ends the visit.

    The servers that a wish to stop has taken away fail no step: that ends the visit too, unsaid.
    """
    begun = time.monotonic()
    for number, step in enumerate(steps, start=1):
        head = f"[{number:2d}/{len(steps)}] {step.link:<9} {step.title}"
        started = time.monotonic()
        try:
            with console.status(escape(head)):
                step.act(scene)
        except Exception as error:
            if stopping():
                return False
            _line(console, head)
            _line(console, f"     NOT as expected: {error}")
            raise
        _line(console, f"{head}  {time.monotonic() - started:.1f} s")
    console.print(f"The visit took {time.monotonic() - begun:.0f} s.", highlight=False)
    return True


def _line(console: Console, words: str) -> None:
    console.print(words, highlight=False, markup=False, soft_wrap=True)
