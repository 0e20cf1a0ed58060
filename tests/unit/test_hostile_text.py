"""A text, a PIN, a badge's number of any length and alphabet: as it was, or refused by name."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.rules.pin import pin_matches, pin_verifier
from hardware.drivers.base import Signal
from scif.console.signatures import signature_of, signature_view
from scif.kernel.errors import Refused
from scif.kernel.text import fault_of, text_of
from tests.gateway_rig import Rig
from tests.unit.hostile import modest

GOOD = [
    "Amara Nwosu",
    "محمد بن موسى الخوارزمي",
    "王小明",
    "Zoë \u200fשרה\u200f",
    "👩🏽‍🔬 O'Brien-Łukasz",
    "=1+1",
    "+44 20",
    "-7",
    "@home",
    "<b>bold</b> & co",
    "\u00a0wide\u00a0".strip(),
    "\U0001d518\U0001d52b",
]
BAD = ["nul\0l", "bell\a", "half \ud800", "turned \u202e around", "iso \u2066 late", "line\u2028x"]


@pytest.mark.parametrize("text", GOOD)
def test_any_alphabet_is_kept_as_it_is(text: str) -> None:
    assert text_of(f"  {text}\n", "name", missing="Say it.", lines=False) == text


@pytest.mark.parametrize("text", [*BAD, "x" * 301, "x" * 10_000])
def test_what_is_no_text_or_too_long_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refused) as refused:
        text_of(text, "name")
    assert refused.value.code == "name_unfit"
    assert refused.value.message.startswith("Name: ")
    assert refused.value.message.isprintable()


def test_nothing_is_refused_only_where_something_is_needed() -> None:
    assert text_of(" \t", "remarks") == ""
    with pytest.raises(Refused, match="Say why") as refused:
        text_of(" ", "reason", missing="Say why.")
    assert refused.value.code == "reason_missing"


@given(st.text(max_size=400), st.booleans())
def test_whatever_is_taken_is_the_same_to_the_sign(text: str, lines: bool) -> None:
    if fault_of(text.strip(), most=300, lines=lines):
        with pytest.raises(Refused):
            text_of(text, "note", most=300, lines=lines)
        return
    kept = text_of(text, "note", most=300, lines=lines)
    assert kept == text.strip()
    assert kept.encode().decode() == kept
    assert "\0" not in kept
    assert lines or "\n" not in kept


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_pin_of_any_signs_is_right_only_for_itself(pin: str, typed: str) -> None:
    try:
        verifier = pin_verifier(b"key", "p", pin)
        assert pin_matches(b"key", "p", pin, verifier)
        assert pin_matches(b"key", "p", typed, verifier) is (typed == pin)
    except UnicodeEncodeError:
        assert any("\ud800" <= sign <= "\udfff" for sign in pin + typed), "half a sign is none"


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Rig:
    return Rig(Path(tmp_path_factory.mktemp("rig"))).start()


@modest
@given(st.binary(max_size=64))
def test_a_badges_number_of_any_length_is_known_by_its_digest_alone(
    rig: Rig, number: bytes
) -> None:
    before = len(rig.events("door.read"))
    rig.say("R1", Signal.CARD, number=number, bits=8 * len(number))
    rig.run()
    (read,) = rig.events("door.read")[before:]
    assert read["credential"] == hashlib.sha256(number).hexdigest()
    assert read["outcome"] == "refused"


@pytest.mark.parametrize("text", GOOD)
def test_a_typed_signature_is_kept_and_nothing_beside_it(text: str) -> None:
    given = json.dumps({"kind": "typed", "text": text, "more": "\0"})
    if not text.isprintable():
        with pytest.raises(ValueError, match="plain"):
            signature_view(given)
        return
    assert signature_of(given) == {"kind": "typed", "text": text}
