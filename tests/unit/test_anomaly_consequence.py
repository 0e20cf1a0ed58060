"""What follows from findings: act, deadline of the review, words."""

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.rules.facts import PolicyFacts, PolicyIncomplete
from access.rules.policy_keys import ANOMALY_KEYS
from terminals.anomaly.consequence import Standing, case_consequence, consequence
from terminals.anomaly.detector import Finding
from terminals.anomaly.policy import ACTS, Act, AnomalyPolicy, Part, prior_of
from terminals.anomaly.wording import WORDINGS, amount, params_of
from tests.unit.anomaly_world import FEW, POLICY, SHIPPED, USUAL, play, work

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
FINDINGS = st.builds(
    Finding,
    st.sampled_from(list(Part)),
    st.integers(1, 2),
    st.floats(0, 1e9),
    st.floats(0, 1e18),
    st.builds(work, st.integers(0, 10_000), hour=st.integers(0, 23)),
    st.just("test/1"),
)


def finding(part: Part, grade: int = 1, seconds: float = 840, counted: float = 1e5) -> Finding:
    return Finding(part, grade, seconds, counted, work(hour=22), "test/1")


def read(policy: PolicyFacts) -> None:
    AnomalyPolicy.of(policy)
    for kind in ("black_box", "grey_box", "white_box", "outside_the_box", "documents"):
        prior_of(policy, kind)


def test_nothing_follows_from_nothing() -> None:
    assert consequence([], NOON, NOON, POLICY) is None


@pytest.mark.parametrize(
    ("found", "act"),
    [
        ([finding(Part.HOURS)], Act.FLAG),
        ([finding(Part.HOURS, 2)], Act.SLOW),
        ([finding(Part.LEAK)], Act.SLOW),
        ([finding(Part.KEYS)], Act.PAUSE),
        ([finding(Part.HOURS), finding(Part.LEAK)], Act.PAUSE),
        ([finding(Part.LEAK), finding(Part.LEAK)], Act.SLOW),
        ([finding(part, 2) for part in Part], Act.LOCK),
    ],
)
def test_the_gravest_counts_and_agreement_makes_it_graver(found: list[Finding], act: Act) -> None:
    result = consequence(found, NOON, NOON, POLICY)
    assert result is not None
    assert result.act is act
    assert result.review_by == NOON + POLICY.review[act]
    assert not result.overdue


def test_a_missed_review_makes_it_graver_until_nothing_is_left() -> None:
    found, acts, at = [finding(Part.LEAK)], [], NOON
    while True:
        result = consequence(found, NOON, at, POLICY)
        assert result is not None
        acts.append(result.act)
        assert result.overdue is (len(acts) > 1)
        if result.review_by is None:
            break
        just_before = result.review_by - timedelta(microseconds=1)
        assert consequence(found, NOON, just_before, POLICY) == result
        at = result.review_by
    assert acts == [Act.SLOW, Act.PAUSE, Act.LOCK, Act.LOCK]


@FEW
@given(st.lists(FINDINGS, min_size=1, max_size=6), FINDINGS, st.integers(0, 10**6))
def test_a_finding_more_or_a_later_hour_is_never_milder(
    found: list[Finding], more: Finding, seconds: int
) -> None:
    first = consequence(found, NOON, NOON, POLICY)
    later = consequence(found, NOON, NOON + timedelta(seconds=seconds), POLICY)
    other = consequence([*found, more], NOON, NOON, POLICY)
    assert first is not None
    assert later is not None
    assert other is not None
    assert ACTS.index(later.act) >= ACTS.index(first.act)
    assert ACTS.index(other.act) >= ACTS.index(first.act)
    assert set(first.because) <= set(other.because)


def standing(part: Part, minutes: float = 0.0, grade: int = 1) -> Standing:
    return Standing(part, grade, NOON + timedelta(minutes=minutes))


def test_one_that_joins_an_old_flag_begins_no_clock_in_the_past() -> None:
    """An hour flagged in the morning, scripted keys in the evening: fifteen minutes from then."""
    found = [standing(Part.HOURS), standing(Part.KEYS, 600)]
    at = NOON + timedelta(minutes=600)
    result = case_consequence(found, at, POLICY)
    assert result is not None
    assert (result.act, result.overdue) == (Act.LOCK, False)
    assert result.review_by == at + POLICY.review[Act.LOCK]
    assert result.because == (Part.HOURS, Part.KEYS)


def test_one_that_gets_grave_begins_its_clock_then() -> None:
    found = [standing(Part.BURST), standing(Part.BURST, 50, grade=2)]
    at = NOON + timedelta(minutes=50)
    result = case_consequence(found, at, POLICY)
    assert result is not None
    assert (result.act, result.overdue) == (Act.PAUSE, False)
    # The clock of the first one runs on beside it.
    assert result.review_by == NOON + POLICY.review[Act.SLOW]


def test_nothing_that_waits_has_no_consequence() -> None:
    assert case_consequence([], NOON, POLICY) is None


STANDINGS = st.builds(
    standing, st.sampled_from(list(Part)), st.integers(-3_000, 0), st.integers(1, 2)
)


@FEW
@given(st.lists(STANDINGS, min_size=1, max_size=6), STANDINGS, st.integers(0, 10**6))
def test_a_case_is_never_milder_for_one_more_or_a_later_hour(
    found: list[Standing], more: Standing, seconds: int
) -> None:
    first = case_consequence(found, NOON, POLICY)
    later = case_consequence(found, NOON + timedelta(seconds=seconds), POLICY)
    other = case_consequence([*found, more], NOON, POLICY)
    assert first is not None
    assert later is not None
    assert other is not None
    assert ACTS.index(later.act) >= ACTS.index(first.act)
    assert ACTS.index(other.act) >= ACTS.index(first.act)
    assert later.overdue >= first.overdue
    assert other.overdue >= first.overdue


@FEW
@given(FINDINGS)
def test_every_finding_has_its_words(found: Finding) -> None:
    params = params_of(found, USUAL, POLICY)
    wording = WORDINGS[found.part]
    text = wording.message.format_map(params)
    assert "{" not in text
    names = {name for _, name, _, _ in string.Formatter().parse(wording.message) if name}
    assert names <= set(params)
    assert "{" not in wording.look


def test_the_words_say_how_much_more_than_usual_and_for_how_long() -> None:
    _, found = play(work(down=2_500) for _ in range(600))
    (first, *_) = [each for each in found if each.part is Part.LEAK]
    text = WORDINGS[Part.LEAK].message.format_map(params_of(first, USUAL, POLICY))
    assert text == (
        "Sent down 7.5 times what this person usually takes in 5 min, for 70 min: 1.1 MB; "
        "0 % of the budget is used."
    )


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (250_000, "250 kB"), (3.2e15, "3200 TB")],
)
def test_an_amount_is_written_in_the_unit_that_suits_it(count: float, text: str) -> None:
    assert amount(count) == text


@pytest.mark.parametrize("key", sorted(ANOMALY_KEYS))
def test_a_profile_that_lacks_a_number_judges_nothing(key: str) -> None:
    """Nothing is made up: the caller learns of it."""
    values = {name: entry for name, entry in SHIPPED.values.items() if name != key}
    lacking = PolicyFacts("test/2", values)
    with pytest.raises(PolicyIncomplete, match=key):
        read(lacking)


def test_a_word_that_is_no_act_is_refused() -> None:
    values = dict(SHIPPED.values) | {"anomaly_leak_act": {"value": "shoot"}}
    with pytest.raises(PolicyIncomplete, match="anomaly_leak_act"):
        AnomalyPolicy.of(PolicyFacts("test/2", values))


def test_another_policy_follows_its_own_numbers() -> None:
    strict = replace(POLICY, review=POLICY.review | {Act.FLAG: timedelta(minutes=5)})
    result = consequence([finding(Part.HOURS)], NOON, NOON, strict)
    assert result is not None
    assert result.review_by == NOON + timedelta(minutes=5)
