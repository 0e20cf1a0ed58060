"""Values of the policy profile: what a key takes, what it refuses, and why."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.rules.facts import PolicyFacts, PolicyIncomplete
from access.rules.policy_keys import GATEWAY_KEYS, KEYS
from access.rules.policy_values import Kind, bounds_of, fault_of, kind_of, order_fault
from access.rules.threat import demands_at, threat_levels
from hardware.gateway.policy import GatewayPolicy

NUMBERS = sorted(key for key in KEYS if kind_of(key) is Kind.NUMBER)


def levels(**changes: Any) -> list[dict[str, Any]]:
    """One level that nothing is wrong with, but for these."""
    return [{"code": "high", "name": "High", "demands": [{"final_only": True}]} | changes]


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_shipped_default_fits_its_key(key: str) -> None:
    assert fault_of(key, KEYS[key].default) is None


def test_the_shipped_defaults_contradict_nothing() -> None:
    values = {key: each.default for key, each in KEYS.items()}
    assert order_fault(values, frozenset(KEYS)) is None


@pytest.mark.parametrize("key", NUMBERS)
def test_a_number_keeps_to_its_bounds(key: str) -> None:
    least, most = bounds_of(key)
    assert least >= 0
    for fits in (least, most):
        assert fault_of(key, fits) is None
    for bad in (least - 1, most + 1, -1, 10**40):
        fault = fault_of(key, bad)
        assert fault
        assert fault.code == "out_of_bounds"


@pytest.mark.parametrize("bad", [None, True, 1.5, "5", [], {}])
def test_a_number_is_a_whole_number(bad: object) -> None:
    fault = fault_of("entry_early", bad)
    assert fault
    assert fault.code == "not_a_number"


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("uid_only_cards", 1, "not_a_flag"),
        ("uid_only_cards", "yes", "not_a_flag"),
        ("anti_passback", "harsh", "word_unknown"),
        ("anti_passback", "", "word_unknown"),
        ("pair_bases", "visit", "word_unknown"),
        ("pair_bases", ["visit", "guest"], "word_unknown"),
        ("pair_bases", ["visit", 1], "word_unknown"),
        # Nobody has cleared a responder: he never is one of two.
        ("pair_bases", ["emergency"], "word_unknown"),
        ("pair_bases", ["visit", "visit"], "word_twice"),
        ("laa_rank", 2, "ranks_malformed"),
        ("laa_rank", {"us": "2"}, "ranks_malformed"),
        ("laa_rank", {"us": -1}, "ranks_malformed"),
        ("laa_rank", {"us": True}, "ranks_malformed"),
        ("laa_rank", {"": 1}, "ranks_malformed"),
        ("threat_levels", [], "levels_malformed"),
        ("threat_levels", {}, "levels_malformed"),
        ("threat_levels", ["high"], "levels_malformed"),
        ("threat_levels", [{"code": "high", "name": "High"}], "levels_malformed"),
        ("threat_levels", levels(code="very high"), "levels_malformed"),
        ("threat_levels", levels(name=" "), "levels_malformed"),
        ("threat_levels", levels(name="A\x00"), "levels_malformed"),
        ("threat_levels", levels(demands=None), "levels_malformed"),
        ("threat_levels", levels(demands=[{"final_onyl": True}]), "levels_malformed"),
        ("threat_levels", levels(demands=[{"final_only": "no"}]), "levels_malformed"),
        ("threat_levels", levels(demands=[{"areas": "ml-r"}]), "levels_malformed"),
        ("threat_levels", levels(demands=[{"ranks": {"us": "3"}}]), "levels_malformed"),
        ("threat_levels", levels() * 2, "levels_malformed"),
        ("nothing", 1, "key_unknown"),
    ],
)
def test_a_value_that_nothing_could_read_is_refused(key: str, value: object, code: str) -> None:
    fault = fault_of(key, value)
    assert fault
    assert fault.code == code


def test_lists_that_may_be_empty_and_demands_in_full() -> None:
    assert fault_of("pair_bases", []) is None
    assert fault_of("laa_rank", {}) is None
    full = {"areas": ["ml-r"], "ranks": {"us": 3}, "final_only": True, "no_visitors": False}
    assert fault_of("threat_levels", levels(demands=[full])) is None


def test_one_number_may_not_contradict_another() -> None:
    found = order_fault({"pin_digits": 8, "pin_max_digits": 6}, frozenset({"pin_digits"}))
    assert found
    assert found[0] == "pin_digits"
    assert found[1].code == "out_of_order"
    found = order_fault({"pin_digits": 8, "pin_max_digits": 6}, frozenset({"pin_max_digits"}))
    assert found
    assert found[0] == "pin_max_digits"
    # What nobody touches stands in nobody's way.
    assert order_fault({"pin_digits": 8, "pin_max_digits": 6}, frozenset({"entry_early"})) is None
    assert order_fault({"pin_digits": 8}, frozenset({"pin_digits"})) is None


_TEXT = st.text(max_size=8) | st.sampled_from(["code", "name", "demands", "us", "visit", "hard"])
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**9) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=12,
)
_LEVELS = st.lists(
    st.fixed_dictionaries(
        {
            "code": _TEXT,
            "name": _TEXT,
            "demands": st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "areas": _ANYTHING,
                        "ranks": _ANYTHING,
                        "final_only": _ANYTHING,
                        "no_visitors": _ANYTHING,
                    },
                ),
                max_size=2,
            ),
        }
    ),
    max_size=3,
)


@given(st.sampled_from(sorted(KEYS)), _ANYTHING | _LEVELS)
def test_whatever_is_let_through_is_read_without_an_error(key: str, value: Any) -> None:
    if fault_of(key, value) is not None:
        return
    policy = PolicyFacts("x/1", {key: json.loads(json.dumps({"value": value}))})
    read = {
        Kind.NUMBER: policy.number,
        Kind.FLAG: policy.flag,
        Kind.WORD: policy.word,
        Kind.WORDS: policy.words,
        Kind.RANKS: policy.ranks,
    }
    kind = kind_of(key)
    if kind is Kind.LEVELS:
        for level in threat_levels(policy):
            assert demands_at(policy, level.code, "ml-r") is not None
    else:
        read[kind](key)
    if kind is Kind.NUMBER and KEYS[key].unit in {"seconds", "minutes"}:
        assert policy.seconds(key) <= policy.minutes(key)
    default = getattr(GatewayPolicy(), key, None)
    if default is not None:
        assert getattr(GatewayPolicy.of({"values": policy.values}), key) == value


# What no policy states, and why.
FIXED = {
    "refused_text": "a text on a reader's display",
    "granted_text": "a text on a reader's display",
}


def test_every_number_of_a_gateway_is_the_policys() -> None:
    shipped = {each.name: each.default for each in fields(GatewayPolicy)}
    assert shipped.keys() - FIXED.keys() <= KEYS.keys()
    assert GATEWAY_KEYS.keys() | FIXED.keys() <= shipped.keys()
    assert not FIXED.keys() & KEYS.keys()
    # Until the centre has spoken a gateway works by what the shipped profile says.
    stated = shipped.keys() - FIXED.keys()
    assert {key: KEYS[key].default for key in stated} == {key: shipped[key] for key in stated}


def test_a_key_that_is_lacking_still_denies() -> None:
    with pytest.raises(PolicyIncomplete):
        PolicyFacts("x/1", {}).number("entry_early")
