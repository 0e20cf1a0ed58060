"""The centre as a gateway sees it: a protocol, and threads that try it again and again."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from hardware.gateway.seals import Sealed
from hardware.gateway.snapshot import Delta, Floor

logger = logging.getLogger(__name__)

FIRST_PAUSE = 0.25  # seconds after a failure; doubles up to the longest
LONGEST_PAUSE = 5.0


class CentreAway(Exception):
    """The centre cannot be reached, or did not do what it was asked; it will be asked again."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a gateway reports about itself."""

    gateway: str
    version: int
    edge_seq: int
    clock_offset_ms: int | None
    state: Mapping[str, Any]


class Centre(Protocol):
    """One conversation with the centre, for one thread. Every method may raise CentreAway."""

    def insert(self, entries: Sequence[Sealed]) -> None:
        """Put entries into the inbox; those that are there already change nothing."""

    def copy(self, entries: Sequence[Sealed]) -> None:
        """The same for many entries at once."""

    def deltas(self, gateway: str, version: int, limit: int) -> list[Delta]:
        """The snapshot's changes from this version on, itself included, in order."""

    def full(self, gateway: str) -> tuple[Floor, list[Delta]] | None:
        """The full state of the version up to which deltas were compacted; None: none were."""

    def report(self, status: Status) -> datetime:
        """Say how this gateway is; gives the centre's time."""

    def wait(self, seconds: float) -> None:
        """Wait for news of the snapshot, or for so long."""

    def close(self) -> None:
        """End the conversation; the next call begins another."""


class Link:
    """A thread that repeats a step; after a failure it waits, longer each time."""

    def __init__(self, name: str, step: Callable[[], object]) -> None:
        self._step = step
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """End after the step that is under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        pause, complained = FIRST_PAUSE, False
        while not self._stop.is_set():
            try:
                self._step()
            except Exception as error:
                if not complained:
                    trace = not isinstance(error, CentreAway)
                    logger.warning("%s: %s; trying again", self._thread.name, error, exc_info=trace)
                complained = True
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                if complained:
                    logger.info("%s: goes on", self._thread.name)
                pause, complained = FIRST_PAUSE, False
