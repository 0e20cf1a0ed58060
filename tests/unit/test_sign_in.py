"""What the laptop's sign-in program makes of keys and of what a harness says."""

import os
import pty
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminals.agent.screen import Answer, Screen, plain
from terminals.agent.sign_in import badge_of


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("00112233445566778899aabbccddeeff", bytes.fromhex("00112233445566778899aabbccddeeff")),
        ("00:11 22-FF", bytes.fromhex("001122ff")),
        ("", None),
        ("123", None),
        ("badge", None),
    ],
)
def test_a_badge_is_hexadecimal_digits(typed: str, number: bytes | None) -> None:
    assert badge_of(typed) == number


@given(st.binary(max_size=400))
def test_no_badge_stops_the_program(typed: bytes) -> None:
    badge_of(typed.decode("ascii", "replace"))


def test_a_line_ends_with_enter_and_an_empty_one_is_none() -> None:
    answer = Answer()
    assert answer.take(b"\r\n") is None
    assert answer.take(b"12") is None
    assert answer.take(b"9\x7f3\r4") == "123"


def test_a_line_has_an_end_whoever_types() -> None:
    answer = Answer()
    assert answer.take(b"1" * 5_000) is None
    assert len(answer.take(b"\r") or "") == 200


@given(st.text())
def test_nothing_that_is_shown_is_an_order_to_the_screen(text: str) -> None:
    shown = plain(text)
    assert all(each.isprintable() or each in "\r\n\t\b\a" for each in shown)
    assert plain(shown) == shown


@pytest.fixture
def screen() -> Iterator[tuple[Screen, int]]:
    master, slave = pty.openpty()
    with Screen(slave, slave) as made:
        yield made, master
    os.close(slave)
    os.close(master)


def test_a_page_clears_what_stood_there_and_what_was_scrolled_off(
    screen: tuple[Screen, int],
) -> None:
    made, master = screen
    made.page("one\x1b[31m", "two")
    said = os.read(master, 4096).decode()
    assert said == "\x1b[r\x1b[0m\x1b[2J\x1b[3J\x1b[H\r\n   one[31m\r\n   two"


def test_a_letter_that_comes_in_two_pieces_is_one(screen: tuple[Screen, int]) -> None:
    made, master = screen
    made.show("é".encode()[:1])
    made.show("é".encode()[1:] + b"\x1b]0;x\x07")
    assert os.read(master, 4096).decode() == "é]0;x\x07"


def test_a_terminal_that_is_gone_ends_the_program() -> None:
    master, slave = pty.openpty()
    with Screen(slave, slave) as made:
        os.close(master)
        with pytest.raises(EOFError):
            made.heard(1.0)
    os.close(slave)
