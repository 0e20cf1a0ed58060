"""Bytes that strangers send: plain noise, and noise that is nearly what is expected."""

import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

WORDS = [
    *("id", "gateway", "target", "verb", "args", "actor", "nonce", "issued_at", "deadline"),
    *("said", "uid", "number", "reason", "present", "encoded", "failed", "fatal"),
    *("kind", "typed", "text", "strokes", "width", "height", "type", "resume", "after"),
    *("do", "door", "position", "header", "body", "body_hash", "leaf_hash", "salt", "proof"),
    *("unlock", "g1", "2026-03-02T09:00:00+00:00", "\ud800", "\0", "٣", "-1", "1e999"),
]
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(2**63), 2**63, float("inf"), float("nan"), 1.5]),
    st.text(max_size=40),
    st.sampled_from(WORDS),
)
keys = st.one_of(st.sampled_from(WORDS), st.text(max_size=8))
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=6)),
    max_leaves=12,
)
nested = st.sampled_from([b"[", b'{"a":', b'{"said":['])
inputs = st.one_of(
    st.binary(max_size=300),
    st.lists(values, min_size=1, max_size=3).map(lambda given: b"\n".join(map(_json, given))),
    st.builds(lambda part, count: part * count, nested, st.integers(1, 12_000)),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
modest = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
