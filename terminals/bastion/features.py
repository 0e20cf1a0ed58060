"""What a session looked like over one interval, for whoever looks for odd ones. Evidence only:
the budget and the rate cap are the control."""

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Any


class Way(StrEnum):
    """Which way bytes go: ``up`` to the harness, ``down`` to the laptop."""

    UP = "up"
    DOWN = "down"


class Features:
    """Counts of one interval. Nothing of what passes is kept, only its sizes and times.

    A *key* is a small packet on the way up, the size that a keystroke has; its rhythm tells a
    person from a script. Between two keys lies a *gap*, unless they are ``key_pause`` seconds
    apart: a pause is no rhythm, and whoever types in spurts would hide one behind his pauses. A
    *burst* is what comes down without a silence of ``burst_gap`` seconds.
    """

    def __init__(
        self, key_bytes: int, key_pause: float, burst_gap: float, clock: Callable[[], float]
    ) -> None:
        self._key_bytes = key_bytes
        self._key_pause = key_pause
        self._burst_gap = burst_gap
        self._clock = clock
        self._last_key: float | None = None
        self._last_down: float | None = None
        self._burst = 0
        self._begin()

    def _begin(self) -> None:
        self._since = self._clock()
        self._bytes = {Way.UP: 0, Way.DOWN: 0}
        self._packets = {Way.UP: 0, Way.DOWN: 0}
        self._channels = 0
        self._gaps: list[float] = []
        self._keys = 0
        self._bursts = 0
        self._longest_burst = self._burst

    def channel(self) -> None:
        """A channel was opened."""
        self._channels += 1

    def packet(self, way: Way, size: int) -> None:
        """Something passed."""
        now = self._clock()
        self._bytes[way] += size
        self._packets[way] += 1
        if way is Way.DOWN:
            if self._last_down is None or now - self._last_down > self._burst_gap:
                self._bursts += 1
                self._burst = 0
            self._burst += size
            self._longest_burst = max(self._longest_burst, self._burst)
            self._last_down = now
        elif size <= self._key_bytes:
            self._keys += 1
            if self._last_key is not None and now - self._last_key < self._key_pause:
                self._gaps.append(now - self._last_key)
            self._last_key = now

    def taken(self) -> dict[str, Any]:
        """The interval's counts; the next begins. Times in microseconds."""
        mean = sum(self._gaps) / len(self._gaps) if self._gaps else 0.0
        spread = (
            math.sqrt(sum((gap - mean) ** 2 for gap in self._gaps) / len(self._gaps))
            if self._gaps
            else 0.0
        )
        told = {
            "seconds_us": _us(self._clock() - self._since),
            "bytes_up": self._bytes[Way.UP],
            "bytes_down": self._bytes[Way.DOWN],
            "packets_up": self._packets[Way.UP],
            "packets_down": self._packets[Way.DOWN],
            "channels": self._channels,
            "keys": self._keys,
            "key_gaps": len(self._gaps),
            "key_gap_mean_us": _us(mean),
            "key_gap_spread_us": _us(spread),
            "key_gap_least_us": _us(min(self._gaps, default=0.0)),
            "bursts": self._bursts,
            "longest_burst": self._longest_burst,
        }
        self._begin()
        return told


def _us(seconds: float) -> int:
    return round(seconds * 1_000_000)
