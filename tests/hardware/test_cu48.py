"""The CU48's driver against the simulated board, in both command sets; frames of a real session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.base import Signal, Verb
from hardware.drivers.cu48 import DIALECTS, Cu48Board, request, shut_in
from hardware.drivers.lock_board import LockTiming
from tests.hardware.desk_devices import Owner, simulation, state
from tests.hardware.rig import Sim

FAST = LockTiming(poll=0.01, poll_opening=0.01, retry=0.05, reply=0.1)
OTHER = {"50-51": "60-61", "60-61": "50-51"}
NEW = DIALECTS["60-61"]


@pytest.fixture(params=list(DIALECTS))
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["silent-unlock", "answered-unlock"])
def bank(tmp_path: Path, dialect: str, request: pytest.FixtureRequest) -> Iterator[Sim]:
    config = {"kind": "cu48", "name": "bank", "port": "lockers", "board": 3, "seed": 5}
    with simulation(
        tmp_path, config | {"dialect": dialect, "answers_unlock": request.param}
    ) as running:
        yield running


def board(bank: Sim, dialect: str) -> Cu48Board:
    port = str(bank.directory / "lockers")
    return Cu48Board(device="bank", port=port, dialect=dialect, address=3, timing=FAST)


@pytest.fixture
def owner(bank: Sim, dialect: str) -> Iterator[Owner]:
    owner = Owner(board(bank, dialect))
    owner.driver.open()
    for lock in range(48):
        owner.wait_for(Signal.LOCKER, lock=lock, shut=True)
    yield owner
    owner.driver.close()


def test_opens_a_lock_once_and_sees_it_shut(bank: Sim, owner: Owner) -> None:
    for lock in (0, 8, 47):
        command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=lock)
        owner.wait_for(Signal.DELIVERED, command=command)
    seen = state(bank, "bank")
    assert [lock for lock, shut in enumerate(seen["shut"]) if not shut] == [0, 8, 47]
    assert seen["unlocks"] == 3
    bank.do("put", lock=8)  # what a sensor sees is no hook
    assert owner.quiet_for(0.2) == []
    bank.do("shut", lock=47)
    owner.wait_for(Signal.LOCKER, after=len(owner.heard), lock=47, shut=True)


def test_a_jammed_lock_fails_and_is_not_tried_again(bank: Sim, owner: Owner) -> None:
    bank.do("jam", lock=40)
    command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=40)
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "jammed"}
    assert state(bank, "bank")["unlocks"] == 1


def test_what_is_no_lock_fails(bank: Sim, owner: Owner) -> None:
    command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=48)
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "no_such_lock"}
    assert state(bank, "bank")["unlocks"] == 0


def test_a_board_away_is_offline_and_found_again(bank: Sim, owner: Owner) -> None:
    bank.do("drop", count=4)
    owner.wait_for(Signal.OFFLINE, reason="no_reply")
    owner.wait_for(Signal.ONLINE, after=len(owner.heard))


def test_one_damaged_state_opens_nothing(bank: Sim, owner: Owner) -> None:
    bank.do("noise", bus="bank", rate=0.05)
    heard = owner.quiet_for(1.0)
    assert not [event for event in heard if event.data.get("shut") is False]


def test_a_board_of_the_other_dialect_is_offline_and_none_of_its_locks_is_known(
    bank: Sim, dialect: str
) -> None:
    owner = Owner(board(bank, OTHER[dialect]))
    owner.driver.open()
    owner.wait_for(Signal.OFFLINE, reason="no_reply")
    assert owner.quiet_for(0.5) == []
    owner.driver.close()
    assert state(bank, "bank")["unlocks"] == 0


@pytest.mark.parametrize("name", ["", "50", "70-71", "None"])
def test_there_is_no_usual_dialect(name: str) -> None:
    with pytest.raises(ValueError, match="speaks one of 50-51, 60-61"):
        Cu48Board(device="bank", port="/dev/null", dialect=name)


@pytest.mark.parametrize(
    ("answer", "shut"),
    [
        ("02 00 00 75 00 00 00 00 00 00 00 00 00 00 00 00 03 7a", []),
        ("02 00 00 75 01 00 00 00 00 00 00 00 00 00 00 00 03 7b", [0]),
        ("02 00 00 75 10 00 00 00 00 00 00 00 00 00 00 00 03 8a", [4]),
        ("02 00 00 75 00 20 00 00 00 00 00 00 00 00 00 00 03 9a", [13]),
        ("02 00 00 75 01 00 00 00 00 00 01 00 00 00 00 00 03 7c", [0]),
    ],
)
def test_answers_of_a_recorded_session(answer: str, shut: list[int]) -> None:
    """AshurkovAV/KerongConsole, a session with a board of 60-61; its notes say which were shut."""
    assert shut_in(bytes.fromhex(answer), 0, NEW) == sum(1 << lock for lock in shut)


def test_requests_of_recorded_sessions() -> None:
    assert request(0, 0, NEW.ask).hex(" ") == "02 00 00 60 03 65"
    assert request(0, 4, NEW.unlock).hex(" ") == "02 00 04 61 03 6a"
    assert request(0, 0, DIALECTS["50-51"].ask).hex(" ") == "02 00 00 50 03 55"


@given(st.sampled_from(list(DIALECTS)), st.integers(0, 255), st.binary(min_size=6, max_size=6))
def test_an_answer_that_does_not_fit_exactly_is_none(name: str, unit: int, hooks: bytes) -> None:
    dialect = DIALECTS[name]
    body = bytes((2, unit, 0, dialect.report, *hooks, *bytes(dialect.sensor_bytes), 3))
    answer = body + bytes((sum(body) & 0xFF,))
    assert shut_in(answer, unit, dialect) == int.from_bytes(hooks, "little")
    assert shut_in(answer, unit, DIALECTS[OTHER[name]]) is None
    assert shut_in(answer, unit ^ 1, dialect) is None
    for wrong in (answer[:-1], answer + b"\0", b"\0" + answer, answer + answer):
        assert shut_in(wrong, unit, dialect) is None
    for place in range(len(answer)):
        for bit in range(8):
            flipped = bytearray(answer)
            flipped[place] ^= 1 << bit
            assert shut_in(bytes(flipped), unit, dialect) is None


@given(st.binary(max_size=40), st.integers(0, 255), st.sampled_from(list(DIALECTS)))
def test_any_bytes_are_survived(heard: bytes, unit: int, name: str) -> None:
    shut = shut_in(heard, unit, DIALECTS[name])
    assert shut is None or 0 <= shut < 1 << 48
