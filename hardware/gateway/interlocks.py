"""Interlocks: of several doors, of whatever zones, one at most lets people in at a time."""

import threading
from collections.abc import Mapping
from typing import Protocol


class Door(Protocol):
    """A door of the group, as the others see it."""

    @property
    def standing(self) -> str:
        """``shut``, ``open``, ``passage`` or ``unknown``; asked from threads of other zones."""


class Interlock:
    """The doors of one group. A portal holds ``lock`` from its decision until its passage counts.

    INVARIANT: the lock of a portal's zone is taken first and its interlock's second, and whoever
    holds an interlock's takes no zone's: there is no circle in which two could wait for each other.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._doors: dict[str, Door] = {}

    def join(self, code: str, door: Door) -> None:
        """The door belongs to the group from now on."""
        with self.lock:
            self._doors[code] = door

    def part(self, code: str) -> None:
        """The door belongs to the group no more."""
        with self.lock:
            self._doors.pop(code, None)

    def against(self, code: str) -> Mapping[str, str]:
        """The other doors that are not shut, each with why."""
        with self.lock:
            others = {other: door.standing for other, door in self._doors.items() if other != code}
        return {other: standing for other, standing in others.items() if standing != "shut"}
