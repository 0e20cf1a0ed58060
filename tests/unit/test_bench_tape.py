"""How old a reader's last answer is on the bench: by the look at the tape, not by the drawing."""

import pytest

from scif.console.bench.tape import Tape
from scif.console.bench.timeline import polled_ago

POLL, ANSWER = "5301", "5381"  # to and from the device at address 1


def entry(n: int, at: float, data: str, way: str = "out", bus: str = "b") -> dict[str, object]:
    return {"n": n, "at": at, "what": "wire", "bus": bus, "way": way, "data": data}


@pytest.mark.parametrize(("read_at", "ago"), [(10.0, 250), (15.25, 5500), (9.7, 0)])
def test_an_answer_is_as_old_as_it_was_when_the_tape_was_read(read_at: float, ago: int) -> None:
    entries = [
        entry(1, 9.0, ANSWER),
        entry(2, 9.75, ANSWER),
        entry(3, 9.8, POLL, way="in"),
        entry(4, 9.9, ANSWER, bus="other"),
    ]
    assert polled_ago(Tape(entries, 0, 4, read_at), "b", 1) == ago


def test_a_tape_without_an_answer_tells_no_age() -> None:
    assert polled_ago(Tape([entry(1, 9.0, POLL, way="in")], 0, 1, 10.0), "b", 1) is None
