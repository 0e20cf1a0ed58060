"""The wall clock of a gateway that a demonstration sets wrong: a file beside the virtual devices.

The process of virtual devices writes it when it is asked to; the gateway's process reads it with
every look at its clock, and only where settings allow simulators (``scif/gateway.py``). Monotonic
time is no part of it: nobody can set that on a real machine either.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from hardware.simulators.control import Refused

FARTHEST = 86_400.0  # seconds either way


class Skew:
    """By how many seconds the clock of the gateway ``name`` is set ahead; it starts right."""

    def __init__(self, directory: Path, name: str) -> None:
        self._path = directory / f"{name}.skew"
        self.seconds = 0.0
        self.close()

    def set(self, seconds: float) -> None:
        """Set the clock ahead, or back; raises Refused beyond a day."""
        if not (math.isfinite(seconds) and abs(seconds) <= FARTHEST):
            raise Refused("a clock is set by a day at the most")
        fresh = self._path.with_suffix(".fresh")
        fresh.write_text(str(seconds), encoding="ascii")
        fresh.replace(self._path)  # a reader sees the old number or the new one
        self.seconds = seconds

    def close(self) -> None:
        """The clock goes right again."""
        self._path.unlink(missing_ok=True)


def skewed(directory: Path, name: str, clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """That clock, as wrong as the virtual devices of ``name`` were told to make it."""
    path = directory / f"{name}.skew"

    def look() -> datetime:
        try:
            ahead = float(path.read_text(encoding="ascii"))
        except (OSError, ValueError):  # nobody has set it
            ahead = 0.0
        return clock() + timedelta(seconds=ahead)

    return look
