"""The five parts of the detector: how odd is what was just measured?

A part gives *evidence*: a score that a running sum adds up (detector.py). Nought or less is as
usual. None is neither: nothing was measured that this part can judge, and its sum stays.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from terminals.anomaly.meter import Measured
from terminals.anomaly.policy import AnomalyPolicy, Part, Usual

_LEAST = 1e-9  # no ratio divides by less


@dataclass(frozen=True, slots=True)
class Evidence:
    """A score; over how many seconds; and how much was counted: bytes, seconds, keys or pages."""

    score: float
    seconds: float
    counted: float


Judge = Callable[[Measured, Usual, AnomalyPolicy], Evidence | None]


def burst(measured: Measured, usual: Usual, policy: AnomalyPolicy) -> Evidence:
    """Much at once, in busy windows of this person.

    INVARIANT: without an alarm no more than limit + allowance * attended windows comes down,
    however it is spread: the sum is a leaky bucket.
    """
    tuning = policy.parts[Part.BURST]
    score = measured.bytes_down / max(usual.busy_bytes, _LEAST)
    if measured.attended:
        score -= tuning.allowance * measured.seconds / policy.window
    return Evidence(score, measured.seconds, measured.bytes_down)


def leak(measured: Measured, usual: Usual, policy: AnomalyPolicy) -> Evidence | None:
    """No quiet window any more: each brings more than usual, for long. Natural logarithms.

    People read, think and wait, so that a good half of their windows lie below what is usual, some
    far below; those pay back. What trickles out beside the work fills them. One window counts no
    more than the cap: a large answer is no leak, it belongs to burst.
    """
    window, tuning = measured.window, policy.parts[Part.LEAK]
    if window is None:
        return None
    windows = max(window.seconds / policy.window, 1.0)
    share = min(window.attended / window.seconds, 1.0)
    over = math.log(max(window.bytes_down / windows, 1.0) / max(usual.usual_bytes, 1.0))
    score = min(max(over, -tuning.payback * share), tuning.cap) - tuning.allowance * share
    return Evidence(score * windows, window.seconds, window.bytes_down)


def hours(measured: Measured, usual: Usual, policy: AnomalyPolicy) -> Evidence | None:
    """At work in an hour in which this person hardly ever is. Minutes; usual hours pay back."""
    if not measured.attended:
        return None
    share = max(usual.hours[measured.hour], _LEAST)
    weight = min(max(math.log(max(policy.rare, _LEAST) / share), -1.0), 1.0)
    return Evidence(weight * measured.seconds / 60, measured.seconds, measured.seconds)


def keys(measured: Measured, usual: Usual, policy: AnomalyPolicy) -> Evidence | None:
    """Keystrokes more even, or quicker, than this person's fingers: a script or an injector."""
    reading, tuning = measured.reading, policy.parts[Part.KEYS]
    if reading is None:
        return None
    even = _beyond(usual.even_keys, reading.unevenness)
    quick = _beyond(usual.quick_keys, reading.gap)
    score = _capped(max(even, quick) - tuning.allowance, tuning.cap)
    return Evidence(score, reading.seconds, reading.keys)


def scrape(measured: Measured, usual: Usual, policy: AnomalyPolicy) -> Evidence | None:
    """Page after page by a clock, however small they are."""
    window, tuning = measured.window, policy.parts[Part.SCRAPE]
    if window is None or not window.paced(policy):
        return None
    score = _capped(_beyond(usual.even_pages, window.unevenness) - tuning.allowance, tuning.cap)
    return Evidence(score, window.seconds, window.pages)


JUDGES: dict[Part, Judge] = {
    Part.BURST: burst,
    Part.LEAK: leak,
    Part.HOURS: hours,
    Part.KEYS: keys,
    Part.SCRAPE: scrape,
}


def _beyond(usual: float, found: float) -> float:
    """How far below what is usual, as a natural logarithm."""
    return math.log(max(usual, _LEAST) / max(found, _LEAST))


def _capped(score: float, cap: float) -> float:
    return min(max(score, -cap), cap)
