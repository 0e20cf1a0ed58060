"""The numbers that detection works by, read once from a published version of a policy profile."""

import math
from dataclasses import dataclass
from datetime import timedelta

from access.rules.facts.policy import PolicyFacts, PolicyIncomplete
from access.rules.words import Word


class Part(Word):
    """A part of the detector: what it looks for."""

    BURST = "burst"
    LEAK = "leak"
    HOURS = "hours"
    KEYS = "keys"
    SCRAPE = "scrape"


class Act(Word):
    """What becomes of the session, from the mildest to the gravest."""

    FLAG = "flag"
    SLOW = "slow"
    PAUSE = "pause"
    LOCK = "lock"


ACTS = tuple(Act)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What one part of the detector works by; the units are those of its score (parts.py)."""

    limit: float
    act: Act
    allowance: float = 0.0
    cap: float = math.inf
    payback: float = math.inf


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual: of a kind of engagement, or of a person.

    ``usual_bytes``, ``busy_bytes``: come down in a usual and in a busy window. ``even_keys``:
    standard deviation over mean of the times between keystrokes, where they are most even;
    ``quick_keys``: their mean where they are quickest, seconds. ``even_pages``: variance over mean
    of the pages in a beat, where they are most even. ``hours``: share of the time by hour of
    the local day.
    """

    usual_bytes: float
    busy_bytes: float
    even_keys: float
    quick_keys: float
    even_pages: float
    hours: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AnomalyPolicy:
    """All numbers; ``version`` is the profile's, so that a finding can name what it was judged by.

    ``window``, ``beat``: seconds. ``rare``: share of a person's time. ``factor``: how far a
    baseline may lie from the prior, either way. ``grave``: times a part's limit.
    """

    version: str
    window: float
    beat: float
    keys_least: int
    pages_least: int
    page_bytes: int
    figure_least: int
    prior_sessions: int
    sessions_kept: int
    factor: float
    busy_share: float
    even_share: float
    rare: float
    grave: float
    parts: dict[Part, Tuning]
    review: dict[Act, timedelta]

    @classmethod
    def of(cls, policy: PolicyFacts) -> "AnomalyPolicy":
        """Read them; raises ``PolicyIncomplete`` where the profile lacks one or it is no number."""
        number = policy.number
        return cls(
            version=policy.version,
            window=number("anomaly_window_seconds"),
            beat=number("anomaly_beat_seconds"),
            keys_least=number("anomaly_keys_least"),
            pages_least=number("anomaly_pages_least"),
            page_bytes=number("anomaly_page_bytes"),
            figure_least=number("anomaly_figure_least"),
            prior_sessions=number("anomaly_prior_sessions"),
            sessions_kept=number("anomaly_sessions_kept"),
            factor=max(_hundredths(policy, "anomaly_baseline_factor"), 1.0),
            busy_share=min(_hundredths(policy, "anomaly_busy_percent"), 1.0),
            even_share=min(_hundredths(policy, "anomaly_even_percent"), 1.0),
            rare=number("anomaly_hours_rare") / 1000,
            grave=max(_hundredths(policy, "anomaly_grave_percent"), 1.0),
            parts={each: _tuning(policy, each) for each in Part},
            review={act: policy.minutes(f"anomaly_review_{act}") for act in Act},
        )


def prior_of(policy: PolicyFacts, kind: str) -> Usual:
    """What is usual for a newcomer in an engagement of this access kind.

    Raises ``PolicyIncomplete`` for a kind that the profile does not know.
    """
    usual, busy = policy.number(f"anomaly_usual_{kind}"), policy.number(f"anomaly_busy_{kind}")
    first, last = policy.number("anomaly_first_hour"), policy.number("anomaly_last_hour")
    share = 1 / max(last - first, 1)
    return Usual(
        usual_bytes=usual,
        busy_bytes=max(busy, usual),
        even_keys=_hundredths(policy, "anomaly_even_keys"),
        quick_keys=policy.number("anomaly_quick_keys") / 1000,
        even_pages=_hundredths(policy, "anomaly_even_pages"),
        hours=tuple(share if first <= hour < last else 0.0 for hour in range(24)),
    )


def _tuning(policy: PolicyFacts, part: Part) -> Tuning:
    act = policy.word(f"anomaly_{part}_act")
    if act not in ACTS:
        raise PolicyIncomplete(f"anomaly_{part}_act")
    own = f"anomaly_{part}_"
    if part is Part.HOURS:
        return Tuning(limit=policy.number(own + "limit"), act=Act(act))
    return Tuning(
        limit=_hundredths(policy, own + "limit"),
        act=Act(act),
        allowance=_hundredths(policy, own + "allowance"),
        cap=_hundredths(policy, own + "cap") if part is not Part.BURST else math.inf,
        payback=_hundredths(policy, own + "payback") if part is Part.LEAK else math.inf,
    )


def _hundredths(policy: PolicyFacts, key: str) -> float:
    return policy.number(key) / 100
