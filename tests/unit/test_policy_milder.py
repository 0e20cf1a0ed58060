"""Which change of a policy value is called milder: never one and its way back alike."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.rules.policy_keys import KEYS
from access.rules.policy_milder import (
    LESS_IS_MILDER,
    LONGER_IS_MILDER,
    MORE_IS_MILDER,
    NO_IS_MILDER,
    WORDS_STRICTER,
    YES_IS_MILDER,
    Bearing,
    bearing_of,
)
from access.rules.policy_values import WORDS, Kind, kind_of

JUDGED = {
    Kind.NUMBER: MORE_IS_MILDER | LESS_IS_MILDER,
    Kind.FLAG: YES_IS_MILDER | NO_IS_MILDER,
    Kind.WORD: frozenset(WORDS_STRICTER),
    Kind.WORDS: LONGER_IS_MILDER,
}


@pytest.mark.parametrize("kind", JUDGED)
def test_what_is_judged_is_a_key_of_its_kind(kind: Kind) -> None:
    assert {kind_of(key) for key in JUDGED[kind]} == {kind}
    assert JUDGED[kind] <= KEYS.keys()


def test_each_yes_or_no_word_and_list_is_judged() -> None:
    for kind in (Kind.FLAG, Kind.WORD, Kind.WORDS):
        assert {key for key in KEYS if kind_of(key) is kind} == JUDGED[kind]
    assert not MORE_IS_MILDER & LESS_IS_MILDER
    for key, words in WORDS_STRICTER.items():
        assert set(words) == set(WORDS[key])


def _values(key: str) -> st.SearchStrategy[Any]:
    kind = kind_of(key)
    if kind is Kind.FLAG:
        return st.booleans()
    if kind is Kind.NUMBER:
        return st.integers(1, 9)
    words = st.sampled_from(WORDS[key])
    return words if kind is Kind.WORD else st.lists(words, unique=True)


@given(data=st.data())
def test_a_milder_change_is_stricter_on_its_way_back(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(frozenset().union(*JUDGED.values()))))
    old, new = data.draw(_values(key)), data.draw(_values(key))
    there, back = bearing_of(key, old, new), bearing_of(key, new, old)
    if there is Bearing.STRICTER:
        assert back is Bearing.MILDER
    if kind_of(key) is not Kind.WORDS:
        assert (there is Bearing.NEITHER) == (old == new)
        assert there is Bearing.NEITHER or there is not back


@pytest.mark.parametrize(
    ("key", "old", "new", "bearing"),
    [
        ("escort_ratio", 4, 6, "milder"),
        ("tswa_hours_month", 40, 39, "stricter"),
        ("pin_digits", 6, 4, "milder"),
        ("pin_digits", 6, 8, "stricter"),
        ("rex_late_tenths", 5, 20, "milder"),
        ("uid_only_cards", False, True, "milder"),
        ("anti_passback", "hard", "soft", "milder"),
        ("first_person_bases", ["duty"], ["duty", "visit"], "milder"),
        # One goes and another comes: it admits somebody more.
        ("first_person_bases", ["duty"], ["visit"], "milder"),
        ("first_person_bases", ["duty", "visit"], ["duty"], "stricter"),
        ("egress_compression", 100, 10, "milder"),
        ("edge_capacity_mb", 1536, 256, ""),
        ("escort_ratio", None, 6, ""),
    ],
)
def test_what_lets_more_in_is_called_milder(key: str, old: Any, new: Any, bearing: str) -> None:
    assert bearing_of(key, old, new) == bearing
