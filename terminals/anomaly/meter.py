"""From intervals to what can be judged: windows of bytes and pages, readings of keystrokes.

A window runs by the session's time. *Attended* is the time in which the person did something within
the last window: usual amounts are expected of it only, so that silence proves nothing.
"""

import math
from dataclasses import dataclass

from terminals.anomaly.features import Features, Interval
from terminals.anomaly.policy import AnomalyPolicy


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds, attended seconds and bytes down; pages by beats, which are some seconds each.

    ``squares``: sum of the squares of a beat's pages. ``open_*``: of the beat that is not over.
    """

    seconds: float = 0.0
    attended: float = 0.0
    bytes_down: float = 0.0
    beats: int = 0
    pages: float = 0.0
    squares: float = 0.0
    open_seconds: float = 0.0
    open_pages: float = 0.0

    @property
    def unevenness(self) -> float:
        """Variance over mean of the pages in a beat: 1 as by chance, 0 as by a clock."""
        if not self.pages:
            return 0.0
        mean = self.pages / self.beats
        return max(self.squares / self.beats - mean * mean, 0.0) / mean

    def paced(self, policy: AnomalyPolicy) -> bool:
        """Whether there were pages and beats enough to speak of a pace."""
        beats = self.beats * policy.beat * 2 >= policy.window
        return beats and self.pages >= policy.pages_least


@dataclass(frozen=True, slots=True)
class Reading:
    """Keystrokes that are judged together: how many, seconds between them, sum of the squares.

    One after a pause counts no more than the pause does: a rhythm that is broken off for a while
    goes on as the same rhythm.
    """

    keys: int = 0
    seconds: float = 0.0
    squares: float = 0.0

    @property
    def gap(self) -> float:
        """Mean time between two, in seconds."""
        return self.seconds / self.keys

    @property
    def unevenness(self) -> float:
        """Standard deviation of the times between them, over their mean."""
        mean = self.gap
        if mean <= 0:
            return 0.0
        return math.sqrt(max(self.squares / self.keys - mean * mean, 0.0)) / mean


@dataclass(frozen=True, slots=True)
class Meter:
    """What has been measured and not yet judged. ``idle``: seconds since the last act."""

    idle: float = math.inf
    window: Window = Window()
    reading: Reading = Reading()


@dataclass(frozen=True, slots=True)
class Measured:
    """What an interval brought: its own counts, and the window and reading that it completed."""

    seconds: float
    attended: bool
    bytes_down: float
    hour: int
    window: Window | None
    reading: Reading | None


def measure(meter: Meter, interval: Interval, policy: AnomalyPolicy) -> tuple[Meter, Measured]:
    """The meter after this interval, and what can be judged now."""
    features = interval.features
    seconds = features.seconds_us / 1e6
    # An act is what goes up. Bytes that come down are none, or they would pay for themselves.
    idle = 0.0 if features.packets_up else meter.idle + seconds
    attended = idle <= policy.window
    window = _counted(meter.window, features, seconds, policy, attended=attended)
    reading = _typed(meter.reading, features)
    whole = window if window.seconds >= policy.window else None
    read = reading if reading.keys >= max(policy.keys_least, 2) else None
    after = Meter(
        idle, window if whole is None else Window(), reading if read is None else Reading()
    )
    hour = interval.local_hour % 24
    return after, Measured(seconds, attended, float(features.bytes_down), hour, whole, read)


def _counted(
    window: Window, features: Features, seconds: float, policy: AnomalyPolicy, *, attended: bool
) -> Window:
    """A burst that is too small on the average to be a page is an echo or a log's line."""
    bursts = float(features.bursts)
    pages = bursts if features.bytes_down >= policy.page_bytes * features.bursts else 0.0
    open_seconds, open_pages = window.open_seconds + seconds, window.open_pages + pages
    whole = open_seconds >= policy.beat
    return Window(
        window.seconds + seconds,
        window.attended + (seconds if attended else 0.0),
        window.bytes_down + features.bytes_down,
        window.beats + whole,
        window.pages + (open_pages if whole else 0.0),
        window.squares + (open_pages * open_pages if whole else 0.0),
        0.0 if whole else open_seconds,
        0.0 if whole else open_pages,
    )


def _typed(reading: Reading, features: Features) -> Reading:
    keys = features.key_gaps
    if not keys:
        return reading
    mean, spread = features.key_gap_mean_us / 1e6, features.key_gap_spread_us / 1e6
    return Reading(
        reading.keys + keys,
        reading.seconds + keys * mean,
        reading.squares + keys * (mean * mean + spread * spread),
    )
