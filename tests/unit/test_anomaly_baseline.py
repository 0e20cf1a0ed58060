"""What is usual for a person: from the kind's prior to his own, and how far anybody can bend it."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminals.anomaly.baseline import FIGURES, HOURS, Baseline, BaselineInvalid, Session
from terminals.anomaly.detector import State
from terminals.anomaly.diary import Diary, DiaryInvalid
from terminals.anomaly.meter import measure
from terminals.anomaly.sample import Sample
from tests.unit.anomaly_world import FEW, POLICY, USUAL, work

FIGURE = st.none() | st.floats(0, 1e15, allow_nan=False)
DAY = st.lists(st.floats(0, 86_400), min_size=HOURS, max_size=HOURS).map(tuple)
SESSIONS = st.builds(Session, *[FIGURE] * len(FIGURES), DAY)
MORNING = tuple(3600.0 if 8 <= hour < 12 else 0.0 for hour in range(HOURS))
NIGHT = tuple(3600.0 if hour < 4 else 0.0 for hour in range(HOURS))


def figures(times: float = 1.0, hours: tuple[float, ...] = MORNING) -> Session:
    """A session whose figures are so many times the prior's."""
    return Session(**{name: getattr(USUAL, name) * times for name in FIGURES}, hours=hours)


def taught(*sessions: Session) -> Baseline:
    baseline = Baseline()
    for session in sessions:
        baseline = baseline.learned(session, POLICY)
    return baseline


def test_a_newcomer_is_judged_by_the_kind() -> None:
    usual = Baseline().usual(USUAL, POLICY)
    assert [getattr(usual, name) for name in FIGURES] == [getattr(USUAL, name) for name in FIGURES]


def test_the_more_sessions_the_more_the_person_s_own() -> None:
    found = [
        taught(*[figures(3.0)] * count).usual(USUAL, POLICY).usual_bytes for count in range(30)
    ]
    assert found == sorted(found)
    assert found[29] == pytest.approx(USUAL.usual_bytes * 3, rel=0.15)
    assert found[4] == pytest.approx(USUAL.usual_bytes * math.sqrt(3))


@FEW
@given(st.lists(SESSIONS, max_size=12))
def test_nobody_can_bend_a_figure_further_than_the_factor(sessions: list[Session]) -> None:
    """However bad all of his sessions are, and no faster than the prior gives way."""
    usual = taught(*sessions).usual(USUAL, POLICY)
    count = min(len(sessions), POLICY.sessions_kept)
    far = POLICY.factor ** (count / (count + POLICY.prior_sessions)) * 1.000001
    for name in FIGURES:
        prior = getattr(USUAL, name)
        most = max(prior, USUAL.busy_bytes) if name == "busy_bytes" else prior
        assert prior / far <= getattr(usual, name) <= most * far


@FEW
@given(st.lists(st.floats(0.3, 3.0), min_size=2, max_size=29), SESSIONS, st.data())
def test_one_bad_session_moves_nothing_out_of_the_range_of_the_others(
    honest: list[float], bad: Session, data: st.DataObject
) -> None:
    sessions = [figures(times) for times in honest]
    sessions.insert(data.draw(st.integers(0, len(sessions))), bad)
    usual = taught(*sessions).usual(USUAL, POLICY)
    least, most = min(*honest, 1.0) * 0.999999, max(*honest, 1.0) * 1.000001
    for name in ("usual_bytes", "even_keys", "quick_keys", "even_pages"):
        assert least <= getattr(usual, name) / getattr(USUAL, name) <= most


def test_one_night_makes_no_hour_usual_but_two_do() -> None:
    days = [figures()] * 10
    once = taught(*days, figures(hours=NIGHT)).usual(USUAL, POLICY)
    twice = taught(*days, figures(hours=NIGHT), figures(hours=NIGHT)).usual(USUAL, POLICY)
    assert once.hours[2] < POLICY.rare
    assert twice.hours[2] > POLICY.rare
    assert once.hours[10] > POLICY.rare


@FEW
@given(st.lists(SESSIONS, max_size=10))
def test_the_hours_are_shares_of_one_day(sessions: list[Session]) -> None:
    usual = taught(*sessions).usual(USUAL, POLICY)
    assert all(share >= 0 for share in usual.hours)
    assert sum(usual.hours) <= 1.000001
    assert usual.busy_bytes >= usual.usual_bytes


@FEW
@given(st.lists(SESSIONS, max_size=5))
def test_a_baseline_that_was_stored_is_the_same(sessions: list[Session]) -> None:
    baseline = taught(*sessions)
    assert Baseline.of(json.loads(json.dumps(baseline.record(), allow_nan=False))) == baseline


def test_old_sessions_are_forgotten() -> None:
    baseline = taught(*[figures(2.0)] * 5, *[figures()] * POLICY.sessions_kept)
    assert len(baseline.sessions) == POLICY.sessions_kept
    assert baseline.usual(USUAL, POLICY).usual_bytes == pytest.approx(USUAL.usual_bytes)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"version": 2, "sessions": []},
        {"version": 1, "sessions": [{}]},
        {"version": 1, "sessions": [dict.fromkeys(FIGURES) | {"hours": [1]}]},
        {"version": 1, "sessions": [dict.fromkeys(FIGURES) | {"hours": [float("nan")] * 24}]},
        {"version": 1, "sessions": [dict.fromkeys(FIGURES, "9") | {"hours": [0] * 24}]},
        {"version": 1, "sessions": 7},
    ],
)
def test_a_record_that_is_no_baseline_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(BaselineInvalid):
        Baseline.of(record)


def test_a_diary_tells_what_the_session_was_like() -> None:
    diary, meter = Diary(POLICY), State.new().meter
    for number in range(360):
        hour = 10 if number < 180 else 11
        meter, measured = measure(meter, work(number, down=1000, hour=hour), POLICY)
        diary.note(measured)
    session = diary.session()
    assert session.usual_bytes == pytest.approx(30_000, rel=0.03)
    assert session.even_keys == pytest.approx(17 / 15, rel=0.03)
    assert session.quick_keys == pytest.approx(1.5, rel=0.03)
    assert session.even_pages is None
    assert session.hours[10] == session.hours[11] == 1800


def test_a_diary_that_was_stored_tells_the_same() -> None:
    diary, meter = Diary(POLICY), State.new().meter
    for number in range(360):
        meter, measured = measure(meter, work(number, down=number * 10, bursts=1), POLICY)
        diary.note(measured)
        diary = Diary.of(json.loads(json.dumps(diary.record(), allow_nan=False)), POLICY)
    whole, again = Diary(POLICY), State.new().meter
    for number in range(360):
        again, measured = measure(again, work(number, down=number * 10, bursts=1), POLICY)
        whole.note(measured)
    assert diary.session() == whole.session()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"hours": [0] * 23},
        {"hours": [-1] * 24},
        {"bytes": 7},
        {"keys": {"x": 1}},
        {"gaps": {"1": "many"}},
        {"pages": {"99999": 1}},
    ],
)
def test_a_record_that_is_no_diary_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(DiaryInvalid):
        Diary.of(Diary(POLICY).record() | change, POLICY)
    with pytest.raises(DiaryInvalid):
        Diary.of({}, POLICY)


def test_a_short_session_tells_nothing_but_its_hours() -> None:
    diary, meter = Diary(POLICY), State.new().meter
    for number in range(60):
        meter, measured = measure(meter, work(number), POLICY)
        diary.note(measured)
    session = diary.session()
    assert session.usual_bytes is session.even_keys is None
    assert session.hours[10] == 600


@FEW
@given(st.lists(st.floats(1e-6, 1e12), min_size=1, max_size=200), st.floats(0, 1))
def test_a_quantile_is_that_of_the_sorted_values_to_a_few_per_cent(
    values: list[float], share: float
) -> None:
    sample = Sample()
    for value in values:
        sample.add(value)
    exact = sorted(values)[min(int(share * len(values)), len(values) - 1)]
    assert sample.quantile(share) == pytest.approx(exact, rel=0.025)
    assert len(sample) == len(values)


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="empty"):
        Sample().quantile(0.5)
