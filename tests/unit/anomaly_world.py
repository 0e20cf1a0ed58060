"""Small sessions for tests of the detector, interval by interval, without chance."""

from collections.abc import Iterable

from hypothesis import settings

from access.rules.facts import PolicyFacts
from access.rules.policy_keys import KEYS
from terminals.anomaly.detector import Finding, State, observe
from terminals.anomaly.features import Features, Interval
from terminals.anomaly.policy import AnomalyPolicy, Usual, prior_of

SHIPPED = PolicyFacts("test/1", {key: each.entry() for key, each in KEYS.items()})
POLICY = AnomalyPolicy.of(SHIPPED)
USUAL = prior_of(SHIPPED, "grey_box")
TEN = 10_000_000  # µs
# Sessions are long: few examples, and no clock over them on a busy machine.
FEW = settings(deadline=None, max_examples=40)


def work(number: int = 0, down: int = 400, hour: int = 10, **changes: int) -> Interval:
    """Ten quiet seconds: a key or two, a little that comes down, pages by chance."""
    told = {
        "bytes_up": 40,
        "bytes_down": down,
        "packets_up": 2,
        "packets_down": 2,
        "keys": 2,
        "key_gaps": 2,
        "key_gap_mean_us": 1_500_000,
        "key_gap_spread_us": 1_700_000,
        "key_gap_least_us": 300_000,
    }
    return Interval(Features(TEN, **(told | changes)), local_hour=hour, entry_minutes=number // 6)


SILENCE = Interval(Features(TEN), local_hour=10)


def play(
    intervals: Iterable[Interval],
    state: State | None = None,
    usual: Usual = USUAL,
    policy: AnomalyPolicy = POLICY,
) -> tuple[State, list[Finding]]:
    """The state after these intervals, and every finding on the way."""
    state = state or State.new()
    found: list[Finding] = []
    for interval in intervals:
        state, _, new = observe(state, interval, usual, policy)
        found += new
    return state, found
