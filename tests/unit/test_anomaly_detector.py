"""The detector: what it never does, what it always keeps, and which part catches what."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminals.anomaly.detector import (
    State,
    StateInvalid,
    observe,
    record_of,
    reviewed,
    standing,
    state_of,
)
from terminals.anomaly.features import Features, FeaturesInvalid, Interval
from terminals.anomaly.meter import measure
from terminals.anomaly.parts import JUDGES
from terminals.anomaly.policy import Part
from tests.unit.anomaly_world import FEW, POLICY, SILENCE, TEN, USUAL, play, work

WHOLE = st.integers(0, 2**63 - 1)
SOME = st.integers(0, 300_000)
ANYTHING = st.builds(
    Interval,
    st.builds(Features, *[WHOLE] * 12),
    st.integers(0, 23),
    st.integers(0, 10_000),
    st.integers(0, 100),
)
PLAUSIBLE = st.builds(
    work,
    st.just(0),
    down=SOME,
    hour=st.integers(0, 23),
    packets_up=st.integers(0, 2),
    keys=st.integers(0, 60),
    key_gaps=st.integers(0, 60),
    key_gap_mean_us=st.integers(10_000, 3_000_000),
    key_gap_spread_us=st.integers(0, 3_000_000),
    bursts=st.integers(0, 20),
)
# What each part is there for, as little as shows it: nothing else is out of the ordinary.
ODD: dict[Part, list[Interval]] = {
    Part.BURST: [work(down=700_000)],
    Part.LEAK: [work(down=2_500) for _ in range(600)],
    Part.HOURS: [work(hour=2) for _ in range(120)],
    Part.KEYS: [
        work(key_gaps=50, key_gap_mean_us=200_000, key_gap_spread_us=9_000) for _ in range(60)
    ],
    Part.SCRAPE: [work(bursts=1, down=600) for _ in range(400)],
}


@FEW
@given(st.lists(ANYTHING, max_size=30))
def test_no_features_however_wild_raise(intervals: list[Interval]) -> None:
    state, _ = play(intervals)
    assert state_of(json.loads(json.dumps(record_of(state), allow_nan=False))) == state


@FEW
@given(st.lists(PLAUSIBLE, max_size=80), st.lists(PLAUSIBLE, max_size=40))
def test_a_state_that_was_stored_goes_on_as_if_it_had_not_been(
    before: list[Interval], after: list[Interval]
) -> None:
    state, _ = play(before)
    stored = state_of(json.loads(json.dumps(record_of(state))))
    assert stored == state
    assert play(after, stored) == play(after, state)


@FEW
@given(st.lists(PLAUSIBLE, min_size=1, max_size=80), st.data())
def test_more_bytes_never_look_better(intervals: list[Interval], data: st.DataObject) -> None:
    """The sums of both parts that count bytes, after every later interval."""
    at = data.draw(st.integers(0, len(intervals) - 1))
    features = intervals[at].features
    more = replace(features, bytes_down=features.bytes_down + data.draw(st.integers(0, 10**9)))
    less_state = more_state = State.new()
    for number, interval in enumerate(intervals):
        other = replace(interval, features=more) if number == at else interval
        less_state, *_ = observe(less_state, interval, USUAL, POLICY)
        more_state, *_ = observe(more_state, other, USUAL, POLICY)
        for part in (Part.BURST, Part.LEAK):
            assert more_state.levels[part].height >= less_state.levels[part].height
            assert more_state.levels[part].grade >= less_state.levels[part].grade


@FEW
@given(st.lists(st.builds(work, down=SOME, packets_up=st.integers(0, 1)), max_size=120))
def test_without_an_alarm_no_more_has_come_down_than_the_bucket_holds(
    intervals: list[Interval],
) -> None:
    state, down, attended = State.new(), 0.0, 0.0
    tuning = POLICY.parts[Part.BURST]
    for interval in intervals:
        state, measured, _ = observe(state, interval, USUAL, POLICY)
        down += interval.features.bytes_down
        attended += measured.seconds if measured.attended else 0.0
        if state.levels[Part.BURST].grade:
            return
        most = tuning.limit + tuning.allowance * attended / POLICY.window
        assert down <= most * USUAL.busy_bytes + 1


@FEW
@given(st.lists(PLAUSIBLE, max_size=60), st.integers(1, 400))
def test_silence_pays_nothing_back(intervals: list[Interval], silent: int) -> None:
    """But for the window in which the last act lies, which still counts as attended."""
    state, _ = play(intervals)
    state, _ = play([SILENCE] * 90, state)  # until that window is over
    after, found = play([SILENCE] * silent, state)
    assert {part: level.height for part, level in after.levels.items()} == {
        part: level.height for part, level in state.levels.items()
    }
    assert not found


@FEW
@given(st.sampled_from(list(Part)), st.lists(PLAUSIBLE | st.just(SILENCE), max_size=40))
def test_an_alarm_stands_until_somebody_has_reviewed_it(part: Part, later: list[Interval]) -> None:
    state, found = play(ODD[part])
    assert part in {each.part for each in found}
    after, _ = play(later, state)
    assert part in {each.part for each in standing(after, SILENCE, POLICY)}
    assert part not in {each.part for each in standing(reviewed(after, part), SILENCE, POLICY)}


@pytest.mark.parametrize("part", list(Part))
def test_each_part_catches_what_it_is_there_for_and_no_other_does(part: Part) -> None:
    """A detector without that part misses it: none of them is there for show."""
    _, found = play(ODD[part])
    assert {each.part for each in found} == {part}
    mutant = {each: judge for each, judge in JUDGES.items() if each is not part}
    state = State.new()
    for interval in ODD[part]:
        state, _, new = observe(state, interval, USUAL, POLICY, mutant)
        assert not new


def test_ordinary_work_is_not_odd() -> None:
    assert play(work(number) for number in range(1440))[1] == []


def test_it_grows_graver_and_says_so_once() -> None:
    _, found = play([work(down=400_000)] * 5)
    assert [each.grade for each in found if each.part is Part.BURST] == [1, 2]


@FEW
@given(st.lists(PLAUSIBLE, max_size=60))
def test_the_same_intervals_give_the_same_findings(intervals: list[Interval]) -> None:
    assert play(intervals) == play(intervals)


def test_what_arrives_late_as_one_long_interval_is_judged_by_its_length() -> None:
    """An hour in one message, with what is usual in an hour."""
    long = replace(work().features, seconds_us=3600 * 1_000_000, bytes_down=12 * 20_000)
    assert play([Interval(long, 10)])[1] == []
    paged = replace(long, bursts=60)
    assert play([Interval(paged, 10)] * 9)[0].levels[Part.SCRAPE].height == 0


def test_bytes_that_come_while_nobody_acts_count_in_full() -> None:
    """Who starts a stream and leaves has no allowance for it."""
    stream = Interval(Features(TEN, bytes_down=2_500, packets_down=3), local_hour=10)
    attended = [replace(stream, features=replace(stream.features, packets_up=1))] * 400
    left = play([stream] * 400)[0].levels[Part.LEAK].height
    assert left > play(attended)[0].levels[Part.LEAK].height


@FEW
@given(st.dictionaries(st.sampled_from(Features.__slots__), st.just(3)))
def test_features_with_a_gap_are_refused(message: dict[str, int]) -> None:
    if len(message) < len(Features.__slots__):
        with pytest.raises(FeaturesInvalid):
            Features.of(message)
    else:
        assert Features.of(message | {"kind": "features"}).bytes_down == 3


@pytest.mark.parametrize("value", [-1, 2**63, 1.5, True, None, "7", float("nan")])
def test_a_feature_that_is_no_count_is_refused(value: object) -> None:
    message = dict.fromkeys(Features.__slots__, 1) | {"bytes_down": value}
    with pytest.raises(FeaturesInvalid, match="bytes_down"):
        Features.of(message)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"levels": {}},
        {"window": [1]},
        {"idle": float("inf")},
        {"reading": [1, -1, 0]},
        {"levels": {str(part): ["1", 0, 0, 0] for part in Part}},
    ],
)
def test_a_state_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(StateInvalid):
        state_of(record_of(State.new()) | change)


def test_a_window_is_measured_by_the_session_s_time() -> None:
    state, closed = State.new(), 0
    meter = state.meter
    for number in range(90):
        meter, measured = measure(meter, work(number), POLICY)
        closed += measured.window is not None
    assert closed == 3
