"""One address takes no more of the control process than its share, whatever it does."""

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminals.control.gate import Gate, Limits

LIMITS = Limits(connections=5, of_address=2, questions=4, seconds=60.0)


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def asks(gate: Gate, address: str) -> bool:
    with gate.place(address) as admitted:
        return admitted


def test_an_address_has_so_many_places_and_gets_them_back(clock: Clock) -> None:
    gate = Gate(LIMITS, clock)
    with gate.place("10.0.0.1") as first, gate.place("10.0.0.1") as second:
        assert (first, second) == (True, True)
        assert not asks(gate, "10.0.0.1")
        assert asks(gate, "10.0.0.2")
    assert asks(gate, "10.0.0.1")


def test_all_together_have_so_many(clock: Clock) -> None:
    gate = Gate(LIMITS, clock)
    with ExitStack() as stack:
        for number in range(5):
            assert stack.enter_context(gate.place(f"10.0.0.{number}"))
        assert not asks(gate, "10.0.0.9")
    assert asks(gate, "10.0.0.9")


def test_questions_come_back_with_time_and_never_more_than_all(clock: Clock) -> None:
    gate = Gate(LIMITS, clock)
    assert [asks(gate, "10.0.0.1") for _ in range(5)] == [True] * 4 + [False]
    clock.now += 15
    assert [asks(gate, "10.0.0.1") for _ in range(2)] == [True, False]
    clock.now += 3_600
    assert [asks(gate, "10.0.0.1") for _ in range(5)] == [True] * 4 + [False]


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 30)), max_size=60))
def test_what_one_does_takes_nothing_from_the_other(asked: list[tuple[int, float]]) -> None:
    clock = Clock()
    alone, beside = Gate(LIMITS, clock), Gate(LIMITS, clock)
    for who, later in asked:
        clock.now += later
        admitted = asks(beside, f"10.0.0.{who}")
        if who == 0:
            assert admitted == asks(alone, "10.0.0.0")
