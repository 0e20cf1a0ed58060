"""What a stranger would try first is no PIN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.rules.pin_choice import PinFault, pin_fault, pins_apart

DIGITS = st.text("0123456789", min_size=4, max_size=12)


def fault(pin: str, *, weak_refused: bool = True) -> PinFault | None:
    return pin_fault(pin, least=6, most=8, weak_refused=weak_refused)


@pytest.mark.parametrize(
    ("pin", "expected"),
    [
        ("508231", None),
        ("50823", PinFault.LENGTH),
        ("508231774", PinFault.LENGTH),
        ("", PinFault.SIGNS),
        ("50823a", PinFault.SIGNS),
        ("50 231", PinFault.SIGNS),
        ("٥٠٨٢٣١", PinFault.SIGNS),
        ("111111", PinFault.REPEATED),
        ("121221", PinFault.REPEATED),
        ("345678", PinFault.RUN),
        ("890123", PinFault.RUN),
        ("210987", PinFault.RUN),
        ("381381", PinFault.PATTERN),
        ("12341234", PinFault.PATTERN),
    ],
)
def test_each_fault_has_its_word(pin: str, expected: PinFault | None) -> None:
    assert fault(pin) == expected


def test_the_policy_may_let_an_easy_one_through_and_never_a_short_one() -> None:
    assert fault("111111", weak_refused=False) is None
    assert fault("1111", weak_refused=False) == PinFault.LENGTH


@given(st.text(max_size=20))
def test_any_text_is_answered(typed: str) -> None:
    ours = typed.isascii() and typed.isdecimal() and 6 <= len(typed) <= 8
    assert (fault(typed, weak_refused=False) is None) == ours


@given(DIGITS, DIGITS)
def test_how_far_two_are_apart_is_the_same_from_both_sides(one: str, other: str) -> None:
    assert pins_apart(one, other) == pins_apart(other, one)
    assert (pins_apart(one, other) == 0) == (one == other)


@given(DIGITS, st.data())
def test_a_slip_of_one_finger_is_one_place(pin: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(pin) - 1))
    slip = data.draw(st.sampled_from([d for d in "0123456789" if d != pin[at]]))
    assert pins_apart(pin, pin[:at] + slip + pin[at + 1 :]) == 1
