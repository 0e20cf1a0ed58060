"""The lines of the desk reader's child: what is no word of ours is refused, and nothing raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.nfc_words import FIELDS, Garbled, read_line

anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
hexes = st.binary(max_size=20).map(bytes.hex)
lines = st.builds(
    lambda said, facts: {"said": said, **facts},
    st.sampled_from([*FIELDS, "other"]) | anything,
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("uid", "number", "id", "reason"), hexes | anything)
    ),
)


def _sound(line: bytes) -> None:
    try:
        said = read_line(line)
    except Garbled:
        return
    assert set(said) == {"said", *FIELDS[said["said"]]}
    number = said.get("number")
    assert number is None or (isinstance(number, bytes) and len(number) == 16)
    for name in ("uid", "id", "reason"):
        assert isinstance(said.get(name, ""), str)
        assert len(said.get(name, "")) <= 200


@given(st.binary(max_size=300))
def test_any_bytes_are_borne(line: bytes) -> None:
    _sound(line)


@given(lines)
def test_any_fields_are_borne(line: dict[str, object]) -> None:
    _sound(json.dumps(line).encode())


@pytest.mark.parametrize(
    "number", ["", "00" * 15, "00" * 17, "0g" * 16, 16 * [0], 0, "00" * 15 + "\u0660\u0660"]
)
def test_a_number_is_sixteen_bytes_or_none(number: object) -> None:
    line = {"said": "present", "uid": "04a1b2c3d4e5f6", "number": number}
    with pytest.raises(Garbled):
        read_line(json.dumps(line).encode())


def test_depth_without_end_is_no_line() -> None:
    with pytest.raises(Garbled):
        read_line(b"[" * 100_000)
