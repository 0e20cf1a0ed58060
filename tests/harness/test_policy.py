"""Policies: signed, versioned, and refused with the place that is wrong."""

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from terminals.harness import shapes
from terminals.harness.kinds import CLASSES
from terminals.harness.policy import CONTEXT, PolicyError, open_sealed, parse, seal
from tests.harness.rig import ENGAGEMENT, stand_in_policy

KEY = Ed25519PrivateKey.generate()
Document = dict[str, Any]
Change = Callable[[Document], object]


def _text(change: Change) -> str:
    document = stand_in_policy()
    change(document)
    return json.dumps(document)


def _answers(operation: str, **fields: Any) -> Change:
    return lambda document: document["operations"][operation]["answers"].update(fields)


def _deep(levels: int) -> Document:
    shape: Document = {"kind": "flag"}
    for _ in range(levels):
        shape = {"kind": "many", "most": 1, "of": shape}
    return shape


WRONG: dict[str, tuple[Change, str]] = {
    "another format": (lambda d: d.update(format="scif-harness-policy/2"), "$.format"),
    "a name that nobody knows": (lambda d: d.update(rate=1), "rate"),
    "a cap missing": (lambda d: d["caps"].pop("bits"), "$.caps: 'bits'"),
    "a cap below nought": (lambda d: d["caps"].update(bits=-1), "$.caps.bits"),
    "a cap with a point": (lambda d: d["caps"].update(bits=1.0), "$.caps.bits"),
    "a cap that is true": (lambda d: d["caps"].update(bits=True), "$.caps.bits"),
    "no spent amounts": (lambda d: d.pop("already"), "already"),
    "version nought": (lambda d: d.update(version=0), "$.version"),
    "no such day": (lambda d: d.update(until="2026-02-30T00:00:00Z"), "$.until"),
    "an hour without a zone": (lambda d: d.update(until="2026-02-03T00:00:00"), "$.until"),
    "an engagement with a line's end": (lambda d: d.update(engagement="E-1\n"), "$.engagement"),
    "no access kind": (lambda d: d.update(kinds=[]), "$.kinds"),
    "an unknown access kind": (lambda d: d.update(kinds=["grey"]), "$.kinds"),
    "logprobs in a black box": (lambda d: d.update(kinds=["black_box"]), "gives logprobs"),
    "internals in a grey box": (
        lambda d: (d.update(kinds=["grey_box"]), d["operations"].pop("documents")),
        "gives internals",
    ),
    "measures in a text answer": (
        _answers("complete", score={"kind": "measure", "low": 0, "high": 1, "digits": 2}),
        "$.operations.complete.answers: measures, and no limit for text",
    ),
    "measures hidden in a list": (
        _answers(
            "complete",
            scores={
                "kind": "many",
                "most": 2,
                "of": {"kind": "measure", "low": 0, "high": 1, "digits": 0},
            },
        ),
        "no limit for text",
    ),
    "more digits than the limit": (
        lambda d: d["limits"]["logprobs"].update(digits=1),
        "$.operations.logprobs.answers: more than 1 digits",
    ),
    "more items than the limit": (
        lambda d: d["limits"]["logprobs"].update(items=4),
        "$.operations.logprobs.answers: more than 4 measures",
    ),
    "lists in lists beyond the limit": (
        lambda d: d["operations"]["logprobs"]["answers"].update(
            top={
                "kind": "many",
                "most": 3,
                "of": {
                    "kind": "many",
                    "most": 2,
                    "of": {"kind": "measure", "low": 0, "high": 1, "digits": 1},
                },
            }
        ),
        "more than 5 measures",
    ),
    "a stream of measures": (
        lambda d: d["operations"]["activations"].update(stream=True),
        "cannot be streamed",
    ),
    "low above high": (
        _answers("complete", number={"kind": "whole", "low": 2, "high": 1}),
        "$.operations.complete.answers.number: low is above high",
    ),
    "shapes without end": (_answers("complete", deep=_deep(9)), "shapes inside each other"),
    "nesting without end": (_answers("complete", deep=_deep(100)), "nested too deeply"),
    "a shape with a name too many": (
        _answers("complete", flag={"kind": "flag", "most": 1}),
        "$.operations.complete.answers.flag",
    ),
    "a shape of no kind": (_answers("complete", odd={"most": 1}), "$.operations.complete"),
    "a field with a strange name": (_answers("complete", __proto__={}), "__proto__"),
    "an operation with a path in it": (
        lambda d: d["operations"].update({"../etc": d["operations"]["complete"]}),
        "../etc",
    ),
    "an operation without a bound": (
        lambda d: d["operations"]["complete"].pop("most_answer"),
        "$.operations.complete",
    ),
}


@pytest.mark.parametrize(("change", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_policy_is_refused_with_its_place(change: Change, said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse(_text(change))
    assert said in str(refused.value)


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_an_access_kind_allows_its_classes_and_no_others(kind: str) -> None:
    policy = parse(json.dumps(stand_in_policy([kind])))
    assert {operation.gives for operation in policy.operations.values()} == CLASSES[kind]


def test_a_black_box_policy_names_no_measure_anywhere() -> None:
    policy = parse(json.dumps(stand_in_policy(["black_box"])))
    assert not any(shapes.has_measures(each.answers) for each in policy.operations.values())


def test_what_is_sealed_opens() -> None:
    policy, text = open_sealed(seal(stand_in_policy(version=3), KEY), KEY.public_key())
    assert (policy.engagement, policy.version) == (ENGAGEMENT, 3)
    assert parse(text) == policy


def test_another_key_or_another_use_of_the_key_seals_nothing() -> None:
    text = json.dumps(stand_in_policy())
    for signature in (
        Ed25519PrivateKey.generate().sign(CONTEXT + text.encode()),
        KEY.sign(text.encode()),
        KEY.sign(b"another context\n" + text.encode()),
    ):
        sealed = json.dumps({"policy": text, "signature": signature.hex()}).encode()
        with pytest.raises(PolicyError, match="not signed"):
            open_sealed(sealed, KEY.public_key())


SEALED = seal(stand_in_policy(), KEY)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_sealed_policy_with_a_byte_changed_is_refused(place: int, change: int) -> None:
    altered = bytearray(SEALED)
    altered[place] ^= change
    try:
        policy, _ = open_sealed(bytes(altered), KEY.public_key())
    except PolicyError:
        return
    # Hexadecimal has two ways to write a letter: the document is the same.
    assert policy == open_sealed(SEALED, KEY.public_key())[0]


@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(PolicyError):
        open_sealed(raw, KEY.public_key())


PATHS = st.lists(st.integers(0, 30), min_size=1, max_size=6)
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({})
)


@given(PATHS, JUNK)
def test_a_document_with_junk_anywhere_is_a_policy_or_a_refusal(
    path: list[int], junk: object
) -> None:
    document = copy.deepcopy(stand_in_policy())
    place: Any = document
    for step in path[:-1]:
        names = list(place) if isinstance(place, dict) else range(len(place))
        if not names or not isinstance(place[names[step % len(names)]], dict | list):
            break
        place = place[names[step % len(names)]]
    names = list(place) if isinstance(place, dict) else range(len(place))
    if names:
        place[names[path[-1] % len(names)]] = junk
    with suppress(PolicyError):
        parse(json.dumps(document))
