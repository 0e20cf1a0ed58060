"""The tape of one process of virtual devices: what it remembers, from a number on."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hardware.simulators.client import SimulatorClient
from hardware.simulators.world import LOG_ENTRIES

# Entries before the new ones: a read and the answer to it may lie on two sides of the cut.
CONTEXT = 400


@dataclass(frozen=True, slots=True)
class Tape:
    """Entries in order; those after ``since`` are new, those before it tell what led there.

    ``read_at`` is the monotonic second at which the process was asked for the last of them: what
    the page takes after that to draw itself is no silence of a device.
    """

    entries: list[dict[str, Any]]
    since: int
    last: int
    read_at: float

    def is_new(self, entry: dict[str, Any]) -> bool:
        """Whether nobody has seen the entry yet."""
        return int(entry["n"]) > self.since


def tape_of(devices: SimulatorClient, since: int) -> Tape:
    """Read on from entry ``since``; raises SimulatorError.

    The numbers begin anew when the process does, so a tape without ``since`` is read from its
    start.
    """
    entries, read_at = _entries(devices, max(since - CONTEXT, 0))
    if since and (not entries or entries[-1]["n"] < since):
        since = 0
        entries, read_at = _entries(devices, 0)
    return Tape(entries, since, int(entries[-1]["n"]) if entries else 0, read_at)


def _entries(devices: SimulatorClient, cursor: int) -> tuple[list[dict[str, Any]], float]:
    entries: list[dict[str, Any]] = []
    while True:
        asked_at = time.monotonic()
        answer = devices.ask("log", since=cursor)
        entries += answer["log"]
        cursor = int(answer["last"])
        if len(answer["log"]) < LOG_ENTRIES:
            return entries, asked_at


def wall_clock(at: float) -> datetime:
    """When something happened that a process of this machine noted by the monotonic clock."""
    return datetime.fromtimestamp(time.time() - (time.monotonic() - at), UTC)
