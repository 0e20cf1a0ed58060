"""The Winnsen board's driver against the simulated board, whichever way round its answers are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.base import Signal, Verb
from hardware.drivers.lock_board import LockTiming
from hardware.drivers.winnsen import (
    WinnsenBoard,
    shut_in,
    status_request,
    unlock_request,
)
from tests.hardware.desk_devices import Owner, simulation, state
from tests.hardware.rig import Sim

FAST = LockTiming(poll=0.005, poll_opening=0.005, retry=0.05, reply=0.1)


@pytest.fixture(params=[False, True], ids=["lock-first", "state-first"])
def bank(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Sim]:
    config = {"kind": "winnsen", "name": "bank", "port": "lockers", "board": 2, "seed": 5}
    with simulation(tmp_path, config | {"state_first": request.param}) as running:
        yield running


@pytest.fixture
def owner(bank: Sim) -> Iterator[Owner]:
    port = str(bank.directory / "lockers")
    driver = WinnsenBoard(device="bank", port=port, address=2, timing=FAST)
    driver.open()
    owner = Owner(driver)
    for lock in range(16):
        owner.wait_for(Signal.LOCKER, lock=lock, shut=True)
    yield owner
    driver.close()


def test_opens_a_lock_once_and_sees_it_shut(bank: Sim, owner: Owner) -> None:
    for lock in (0, 15):
        command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=lock)
        owner.wait_for(Signal.DELIVERED, command=command)
    seen = state(bank, "bank")
    assert (seen["shut"].count(False), seen["unlocks"]) == (2, 2)
    bank.do("shut", lock=15)
    owner.wait_for(Signal.LOCKER, after=len(owner.heard), lock=15, shut=True)


def test_a_jammed_lock_fails_and_is_not_tried_again(bank: Sim, owner: Owner) -> None:
    bank.do("jam", lock=2)
    command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=2)
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "jammed"}
    assert state(bank, "bank")["unlocks"] == 1


def test_what_is_no_lock_fails(bank: Sim, owner: Owner) -> None:
    command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=16)
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "no_such_lock"}
    command = owner.order(Verb.CARD_ERASE)
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "unsupported"}


def test_a_board_away_is_offline_and_found_again(bank: Sim, owner: Owner) -> None:
    bank.do("drop", count=4)
    owner.wait_for(Signal.OFFLINE, reason="no_reply")
    owner.wait_for(Signal.ONLINE, after=len(owner.heard))
    bank.do("unplug", bus="bank")
    owner.wait_for(Signal.OFFLINE, after=len(owner.heard), reason="port_lost")
    bank.do("replug", bus="bank")
    owner.wait_for(Signal.ONLINE, after=len(owner.heard))


def test_one_damaged_state_opens_nothing(bank: Sim, owner: Owner) -> None:
    """No sum guards a frame: a single flipped bit may say "open", two in a row must not."""
    bank.do("noise", bus="bank", rate=0.05)
    heard = owner.quiet_for(1.5)
    assert not [event for event in heard if event.data.get("shut") is False]


def test_frames_as_its_maker_prints_them() -> None:
    assert unlock_request(1, 4).hex(" ") == "90 06 05 01 05 03"
    assert status_request(1, 0).hex(" ") == "90 06 12 01 01 03"


@given(st.integers(0, 255), st.integers(0, 15), st.booleans(), st.booleans())
def test_both_orders_of_an_answer_mean_the_same(
    station: int, lock: int, shut: bool, state_first: bool
) -> None:
    told = (lock + 1, int(not shut))
    frame = bytes((0x90, 7, 0x92, station, *(told[::-1] if state_first else told), 3))
    assert shut_in(b"\x90\x07" + frame, station, lock) is shut
    assert shut_in(frame[:-1], station, lock) is None


@given(st.binary(max_size=80), st.integers(0, 255), st.integers(0, 15))
def test_any_bytes_are_survived(heard: bytes, station: int, lock: int) -> None:
    assert shut_in(heard, station, lock) in (True, False, None)
