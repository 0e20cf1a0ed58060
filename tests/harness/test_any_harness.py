"""Whatever a harness says and a client asks: only what the policy names leaves, all counted."""

import asyncio
import json
import math
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from terminals.harness import strict_json
from terminals.harness.adapter import OUTCOME_BITS
from terminals.harness.meters import Meter
from terminals.harness.policy import parse
from tests.harness.lab import TEXT, Harness, Lab, operation

MEASURES = {
    "kind": "many",
    "most": 3,
    "of": {"kind": "measure", "low": -9, "high": 9, "digits": 1},
}
OPERATIONS = {
    "said": operation(answers={"text": TEXT, "done": {"kind": "flag"}}),
    "lines": operation(answers={"text": TEXT}, stream=True),
    "numbers": operation("internals", answers={"values": MEASURES}),
}
NAMES = st.sampled_from(["text", "done", "values", "weights", "prompt"])
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(),
        st.text(max_size=20),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
BODIES = st.one_of(
    st.binary(max_size=60),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({"text": st.text(max_size=30), "weights": JSON}).map(
        lambda value: json.dumps(value).encode() + b"\n"
    ),
    st.fixed_dictionaries({"values": st.lists(st.floats(-20, 20), max_size=6)}).map(
        lambda value: json.dumps(value).encode()
    ),
)
REQUESTS = st.one_of(BODIES, st.text(max_size=20).map(lambda t: json.dumps({"prompt": t}).encode()))
QUERIES = st.lists(st.tuples(st.sampled_from(sorted(OPERATIONS)), REQUESTS), min_size=1, max_size=8)
CAPS = st.fixed_dictionaries(
    {
        "queries": st.integers(0, 8),
        "tokens_in": st.integers(0, 300),
        "tokens_out": st.integers(0, 300),
        "bits": st.integers(0, 3000),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(BODIES, min_size=1, max_size=6), QUERIES, CAPS)
def test_only_what_the_policy_names_leaves_and_never_beyond_a_cap(
    answers: list[bytes], queries: list[tuple[str, bytes]], caps: dict[str, int]
) -> None:
    asyncio.run(_asked_at_once(answers, queries, caps))


async def _asked_at_once(
    answers: list[bytes], queries: list[tuple[str, bytes]], caps: dict[str, int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lab = await Lab(Path(folder), Harness(*answers), OPERATIONS).push(caps=caps, parallel=8)
        policy = parse(json.dumps(lab.document))
        results = await asyncio.gather(*(lab.ask(name, body) for name, body in queries))
        out = bits = 0
        for (name, _), (status, lines) in zip(queries, results, strict=True):
            assert status in {200, 400, 409, 413, 422, 429, 502}
            for line in lines:
                if "answer" not in line:
                    assert set(line) in ({"refused"}, {"left"})
                    continue
                left = _read(line["answer"])
                reduced, price = policy.operations[name].answers.reduced(left, "answer")
                assert strict_json.dumps(reduced) == strict_json.dumps(left)
                out += len(strict_json.dumps(left))
                bits += math.ceil(price) + (name == "lines")
        spent = lab.spent
        assert all(spent[meter] <= caps[meter.value] for meter in Meter)
        assert spent[Meter.TOKENS_OUT] == out
        ends = OUTCOME_BITS * spent[Meter.QUERIES]
        assert bits + ends <= spent[Meter.BITS] <= bits + ends + len(queries)  # streams have ends
        lab.ledger.close()


def _read(value: Any) -> Any:
    return strict_json.loads(json.dumps(value).encode())
