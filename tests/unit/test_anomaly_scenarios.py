"""The evaluation: scenarios apart from the detector, each caught by its own part."""

import ast
import math
import random

import pytest

from terminals.anomaly.features import Features
from terminals.anomaly.parts import JUDGES
from terminals.anomaly.policy import Part
from terminals.bastion.features import Features as BastionFeatures
from terminals.bastion.features import Way
from tests.architecture.sources import ROOT, name_of
from tests.bench.anomaly_trial import Watched, caught, known, people, quantile, resampled, wilson
from tests.bench.scenarios.honest import honest
from tests.bench.scenarios.tap import DOWN, UP, Packet, Tap
from tests.bench.scenarios.wrong import SCENARIOS, leak, own_rate

OWN = dict(zip(SCENARIOS, (Part.BURST, Part.LEAK, Part.HOURS, Part.KEYS, Part.SCRAPE), strict=True))


@pytest.fixture(scope="module")
def watched() -> list[Watched]:
    return [known(who, sessions=5) for who in people("test", 3)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_caught_by_its_own_part_alone(name: str, watched: list[Watched]) -> None:
    part = OWN[name]
    for each in watched:
        each.judges = {part: JUDGES[part]}
        assert caught(each, SCENARIOS[name](each.who, 2000)).part is part
        each.judges = {}
        assert caught(each, SCENARIOS[name](each.who, 2000)).part is None


def test_the_scenarios_know_nothing_of_the_detector() -> None:
    known_to_them = set()
    for path in sorted((ROOT / "tests/bench/scenarios").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), name_of(path))):
            if isinstance(node, ast.ImportFrom):
                known_to_them.add(node.module or "")
            elif isinstance(node, ast.Import):
                known_to_them |= {each.name for each in node.names}
    ours = {each for each in known_to_them if each.split(".")[0] in {"terminals", "access", "scif"}}
    assert ours == {"terminals.anomaly.features"}


def test_a_seed_decides_everything() -> None:
    (who,) = people("test", 1)
    assert honest(who, 7) == honest(who, 7)
    assert honest(who, 7) != honest(who, 8)
    assert leak(who, 7).packets == leak(who, 7).packets


def test_a_leak_of_three_medians_adds_three_medians() -> None:
    (who,) = people("test", 1)
    session = leak(who, 7)
    plain = honest(who, 7, hours=4)
    added = _down(session.packets) - _down(plain.packets)
    windows = (session.seconds - (session.onset or 0)) / 300
    assert added / windows == pytest.approx(3 * own_rate(who), rel=0.1)


def _down(packets: list[Packet]) -> int:
    return sum(size for _, way, size in packets if way == DOWN)


def test_the_tap_counts_as_the_bastion_does() -> None:
    packets = [
        (0.0, UP, 1),
        (0.2, UP, 64),
        (0.5, DOWN, 700),
        (0.6, DOWN, 300),
        (2.0, DOWN, 100),
        (2.2, UP, 65),
        (5.4, UP, 1),
    ]
    first, second = (each.features for each in Tap().intervals(packets, begins=23.9999))
    assert first == Features(
        seconds_us=5_000_000,
        bytes_up=130,
        bytes_down=1100,
        packets_up=3,
        packets_down=3,
        channels=1,
        keys=2,
        key_gaps=1,
        key_gap_mean_us=200_000,
        key_gap_spread_us=0,
        key_gap_least_us=200_000,
        bursts=2,
        longest_burst=1000,
    )
    assert (second.keys, second.key_gaps, second.bursts) == (1, 0, 0)
    assert second.longest_burst == 100
    (_, whole) = list(Tap(pause=math.inf).intervals(packets, begins=9))
    assert (whole.features.key_gaps, whole.features.key_gap_mean_us) == (1, 5_200_000)


def test_every_byte_of_a_session_is_in_one_interval() -> None:
    (who,) = people("test", 1)
    session = honest(who, 3)
    intervals = list(Tap().intervals(session.packets, session.begins))
    assert sum(each.features.bytes_down for each in intervals) == _down(session.packets)
    assert sum(each.features.packets_up for each in intervals) == sum(
        way == UP for _, way, _ in session.packets
    )


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(8, 8, 0.676, 1.0), (0, 10, 0.0, 0.278), (50, 100, 0.404, 0.596), (0, 0, 0.0, 1.0)],
)
def test_the_interval_of_a_share(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.001)


def test_the_interval_of_a_rate_holds_the_rate_and_grows_narrower() -> None:
    chance = random.Random(5)
    many = [(float(chance.random() < 0.4), 1.0) for _ in range(400)]
    low, high = resampled(many)
    assert low < 0.4 < high
    wide = resampled(many[:40])
    assert wide[1] - wide[0] > high - low


def test_what_was_missed_is_infinitely_late() -> None:
    assert quantile([1.0, float("inf"), 2.0], 0.5) == 2.0
    assert quantile([1.0, float("inf"), 2.0], 0.95) == float("inf")
    assert quantile([], 0.5) == float("inf")


def test_the_bastion_itself_counts_the_same() -> None:
    """Packet by packet, a day's session: what was measured holds for the real messages."""
    (who,) = people("test", 1)
    session, now = honest(who, 3), [0.0]
    tap = Tap()
    bastion = BastionFeatures(tap.key_bytes, tap.pause, tap.burst_gap, lambda: now[0])
    bastion.channel()
    intervals = [each.features for each in tap.intervals(session.packets, session.begins)]
    packets = sorted(session.packets)
    for number, expected in enumerate(intervals, 1):
        ends = number * tap.seconds
        while packets and packets[0][0] < ends:
            now[0], way, size = packets.pop(0)
            bastion.packet(Way.UP if way == UP else Way.DOWN, size)
        now[0] = ends
        assert Features.of(bastion.taken()) == expected
