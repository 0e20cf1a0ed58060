"""Dominance is a partial order; what cannot be compared denies."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from access.rules.labels import Caveat, Equivalence, Label, dominates, rank_reaches

LABELS = st.builds(
    Label,
    st.sampled_from(["us", "nato"]),
    st.integers(0, 3),
    st.frozensets(st.sampled_from(["A", "B", "C"])),
)
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 31))
EQUIVALENCES = st.builds(
    Equivalence,
    st.just("nato"),
    st.integers(0, 3),
    st.just("us"),
    st.integers(0, 3),
    DAYS,
    st.none() | DAYS,
)
COUNTRIES = st.frozensets(st.sampled_from(["US", "GB", "BR", "PT"]))


@given(LABELS)
def test_reflexive(one: Label) -> None:
    assert dominates(one, one)


@given(LABELS, LABELS)
def test_antisymmetric(one: Label, other: Label) -> None:
    if dominates(one, other) and dominates(other, one):
        assert one == other


@given(LABELS, LABELS, LABELS)
def test_transitive(low: Label, middle: Label, high: Label) -> None:
    if dominates(high, middle) and dominates(middle, low):
        assert dominates(high, low)


@given(LABELS, LABELS)
def test_incomparable_denies_both_ways(one: Label, other: Label) -> None:
    comparable = one.scheme == other.scheme and (
        one.compartments <= other.compartments or other.compartments <= one.compartments
    )
    if not comparable:
        assert not dominates(one, other)
        assert not dominates(other, one)


@given(LABELS, LABELS)
def test_the_join_is_the_least_label_above_both(one: Label, other: Label) -> None:
    if one.scheme == other.scheme:
        join = one.join(other)
        assert dominates(join, one)
        assert dominates(join, other)
        assert join.rank in {one.rank, other.rank}
        assert join.compartments == one.compartments | other.compartments


@given(st.integers(0, 3), LABELS, st.lists(EQUIVALENCES, max_size=3), DAYS, DAYS)
def test_a_level_of_another_scheme_reaches_only_by_an_agreement_in_force(
    rank: int, required: Label, agreed: list[Equivalence], first: date, last: date
) -> None:
    reached = rank_reaches("nato", rank, required, agreed, first, last)
    if required.scheme == "nato":
        assert reached == (rank >= required.rank)
    elif reached:
        assert any(
            each.accepted_rank <= rank and required.rank <= each.as_rank and each.holds(first, last)
            for each in agreed
        )
        assert not rank_reaches("nato", rank, required, [], first, last)


@given(st.lists(EQUIVALENCES, max_size=3), st.integers(0, 3), DAYS)
def test_an_agreement_is_directed(agreed: list[Equivalence], rank: int, day: date) -> None:
    assert not rank_reaches("us", 3, Label("nato", rank), agreed, day, day)


def test_agreements_are_never_chained() -> None:
    day = date(2026, 1, 1)
    chain = [Equivalence("eu", 3, "nato", 3, day), Equivalence("nato", 3, "us", 3, day)]
    assert not rank_reaches("eu", 3, Label("us", 1), chain, day, day)


@given(COUNTRIES, COUNTRIES, st.booleans())
def test_a_caveat_admits_nobody_without_a_citizenship(
    listed: frozenset[str], held: frozenset[str], every: bool
) -> None:
    caveat = Caveat("X", listed, every)
    assert not caveat.admits(frozenset())
    if caveat.admits(held):
        assert held & listed
        assert not every or held <= listed
