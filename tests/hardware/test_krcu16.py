"""The locker board's driver against the simulated board, over a paced serial port."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.drivers.base import DeviceCommand, Signal, Verb
from hardware.drivers.krcu16 import Krcu16Board
from hardware.drivers.lock_board import LockTiming
from tests.hardware.desk_devices import Owner, simulation, state
from tests.hardware.rig import Sim

FAST = LockTiming(poll=0.05, retry=0.05, reply=0.1)


@pytest.fixture(params=[False, True], ids=["unlock-silent", "unlock-answered"])
def bank(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Sim]:
    config = {"kind": "krcu16", "name": "bank", "port": "lockers", "board": 1}
    with simulation(tmp_path, config | {"answers_unlock": request.param}) as running:
        yield running


@pytest.fixture
def owner(bank: Sim) -> Iterator[Owner]:
    driver = Krcu16Board(
        device="bank", port=str(bank.directory / "lockers"), address=1, timing=FAST
    )
    driver.open()
    owner = Owner(driver)
    owner.wait_for(Signal.LOCKER, lock=15, shut=True)
    yield owner
    driver.close()


def test_reports_every_lock_once_when_it_comes_online(owner: Owner) -> None:
    signals = [event.signal for event in owner.heard]
    assert signals == [Signal.ONLINE] + [Signal.LOCKER] * 16
    assert [event.data["lock"] for event in owner.heard[1:]] == list(range(16))
    assert owner.quiet_for(0.3) == []


def test_opens_a_lock_and_sees_it_shut(bank: Sim, owner: Owner) -> None:
    command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=5)
    owner.wait_for(Signal.DELIVERED, command=command)
    assert owner.heard[-2].data == {"lock": 5, "shut": False}
    seen = state(bank, "bank")
    assert (seen["shut"].count(False), seen["shut"][5], seen["unlocks"]) == (1, False, 1)

    bank.do("shut", lock=5)
    owner.wait_for(Signal.LOCKER, lock=5, shut=True)


def test_a_jammed_lock_fails_and_is_not_tried_again(bank: Sim, owner: Owner) -> None:
    bank.do("jam", lock=2)
    command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=2)
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "jammed"}
    owner.quiet_for(0.3)
    assert state(bank, "bank")["unlocks"] == 1

    bank.do("free", lock=2)
    owner.wait_for(Signal.DELIVERED, command=owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=2))


def test_two_orders_are_both_confirmed(bank: Sim, owner: Owner) -> None:
    first, second = (owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=lock) for lock in (0, 15))
    owner.wait_for(Signal.DELIVERED, command=first)
    owner.wait_for(Signal.DELIVERED, command=second)
    assert state(bank, "bank")["unlocks"] == 2


def test_a_lock_that_does_not_exist_fails(bank: Sim, owner: Owner) -> None:
    command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=16)
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "no_such_lock"}
    command = owner.order(Verb.CARD_ERASE)
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "unsupported"}
    assert state(bank, "bank")["unlocks"] == 0


def test_an_unplugged_board_is_offline_and_comes_back(bank: Sim, owner: Owner) -> None:
    bank.do("unplug", bus="bank")
    owner.wait_for(Signal.OFFLINE, reason="port_lost")
    assert not owner.driver.submit(
        DeviceCommand("bank", Verb.LOCKER_OPEN, {"lock": 1, "seconds": 0.6}, "late")
    )

    bank.do("open", lock=9)
    bank.do("replug", bus="bank")
    owner.wait_for(Signal.ONLINE, after=len(owner.heard))
    owner.wait_for(Signal.LOCKER, lock=9, shut=False)
    assert state(bank, "bank")["unlocks"] == 0


def test_an_unlock_under_way_at_the_unplugging_is_unconfirmed(bank: Sim, owner: Owner) -> None:
    bank.do("jam", lock=3)
    command = owner.order(Verb.LOCKER_OPEN, seconds=0.6, lock=3)
    while not state(bank, "bank")["unlocks"]:
        owner.turn()
    bank.do("unplug", bus="bank")
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "unconfirmed"}


def test_a_board_that_does_not_answer_is_offline_and_found_again(bank: Sim, owner: Owner) -> None:
    bank.do("drop", count=6)
    owner.wait_for(Signal.OFFLINE, reason="no_reply")
    owner.wait_for(Signal.ONLINE, after=len(owner.heard))


def test_one_lost_answer_goes_unnoticed(bank: Sim, owner: Owner) -> None:
    bank.do("drop", count=1)
    assert owner.quiet_for(0.5) == []


def test_noise_never_moves_a_lock_that_stands_still(bank: Sim, owner: Owner) -> None:
    bank.do("noise", bus="bank", rate=0.3)
    heard = owner.quiet_for(3.0)
    assert not [event for event in heard if event.data.get("shut") is False]
    bank.do("noise", bus="bank", rate=0)
    command = ""
    while not command:
        owner.turn()
        if owner.driver.submit(
            DeviceCommand("bank", Verb.LOCKER_OPEN, {"lock": 7, "seconds": 0.6}, "after")
        ):
            command = "after"
    owner.wait_for(Signal.DELIVERED, command=command)


def test_a_missing_port_is_offline_once(tmp_path: Path) -> None:
    owner = Owner(Krcu16Board(device="bank", port=str(tmp_path / "none"), timing=FAST))
    owner.driver.open()
    heard = owner.quiet_for(0.3)
    assert [(event.signal, event.data) for event in heard] == [
        (Signal.OFFLINE, {"reason": "port_missing"})
    ]
