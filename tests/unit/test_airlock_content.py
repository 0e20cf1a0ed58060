"""Files that lie: what bytes are, and what a reader of them would not see."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.rules.policy_values import WORDS
from terminals.models import Kind
from terminals.rules.content import findings, kind_of, pieces, unseen


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"plain\n", "text"),
        ("Grüße, 好".encode(), "text"),
        (b"\x89PNG\r\n\x1a\n....", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image"),
        (b"%PDF-1.7", "document"),
        (b"PK\x03\x04", "archive"),
        (b"\x1f\x8b\x08", "archive"),
        (b"\x00" * 257 + b"ustar", "archive"),
        (b"\x7fELF\x02", "program"),
        (b"MZ\x90", "program"),
        (b"a\x00b", "other"),
        (b"\xff\xfeh\x00i\x00", "other"),
    ],
)
def test_bytes_are_what_they_are_whatever_they_are_called(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind


def test_every_kind_is_a_word_of_the_policy() -> None:
    assert WORDS["airlock_export_kinds"] == WORDS["airlock_intake_kinds"] == tuple(Kind.values)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a\u202eb", "turns"),
        ("a\u200bb", "no_width"),
        ("a\U000e0041b", "no_width"),
        ("a\ufe0fb", "no_width"),
        ("a\x1b[2Jb", "control"),
        ("a\rb", "control"),
        ("a\ue000b", "control"),
        ("a\u2003b", "blank"),
        ("p\u0430ssword", "mixed_words"),
        ("\uff41bc", "mixed_words"),
        ("naïve", "foreign"),
        ("a  \nb", "blank_ends"),
        ("x" * 64, "encoded"),
    ],
)
def test_each_way_to_hide_is_counted(text: str, count: str) -> None:
    assert getattr(findings(text.encode()), count) >= 1


def test_a_plain_text_has_nothing_to_show() -> None:
    found = findings(b"Refusal rate 0.93.\n\tSee table 1.\n")
    assert (found.hidden, found.mixed_words, found.foreign, found.blank_ends) == (0, 0, 0, 0)


def test_words_of_another_alphabet_are_no_lie() -> None:
    assert findings("Проверка модели, Ελληνικά".encode()).mixed_words == 0


def test_what_is_random_is_dense_and_prose_is_not() -> None:
    dense = findings(os.urandom(20_000))
    prose = findings(b"The auditor reads the answer and writes it down. " * 200)
    assert dense.entropy > 7.9
    assert dense.squeezed >= 100
    assert prose.entropy < 4.5
    assert prose.squeezed < 5


@given(st.text())
def test_what_is_shown_leaves_nothing_out_and_hides_nothing(text: str) -> None:
    shown = list(pieces(text))
    plain = "".join(piece.text for piece in shown if not piece.hidden)
    assert plain == "".join(letter for letter in text if not unseen(letter))
    assert sum(piece.hidden for piece in shown) == sum(map(bool, map(unseen, text)))
    allowed = {"\n", "\t"}
    assert not any(
        unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cn", "Cs"}
        for piece in shown
        for letter in piece.text
        if letter not in allowed
    )


@given(st.binary(max_size=2_000))
def test_any_bytes_are_looked_at(data: bytes) -> None:
    found = findings(data)
    assert 0 <= found.entropy <= 8
    assert found.size == len(data)
