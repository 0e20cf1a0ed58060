"""The desk reader's driver, real libnfc and libfreefare, against the simulated PN532 and cards."""

import ctypes.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hardware.drivers.base import DeviceCommand, Signal, Verb
from hardware.drivers.desfire_keys import AID, FILE, KeyNumber, card_key
from hardware.drivers.nfc import DeskReader, DeskTiming
from hardware.simulators.cards import Application
from tests.hardware.desk_devices import Owner, cards, simulation, until
from tests.hardware.rig import Sim

pytestmark = [
    pytest.mark.nfc,
    pytest.mark.skipif(
        not (ctypes.util.find_library("nfc") and ctypes.util.find_library("freefare")),
        reason="libnfc or libfreefare is not installed",
    ),
]

MASTER = bytes.fromhex("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
FAST = DeskTiming(silence=2.0, first_pause=0.1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Sim]:
    with simulation(tmp_path, {"kind": "nfc", "name": "desk", "port": "ttyDESK"}) as running:
        cards(running).create("card-01")
        cards(running).create("card-02")
        yield running


@pytest.fixture
def owner(desk: Sim) -> Iterator[Owner]:
    owner = started(desk)
    yield owner
    owner.driver.close()


def started(desk: Sim, master: bytes = MASTER) -> Owner:
    port = str(desk.directory / "ttyDESK")
    owner = Owner(DeskReader(device="desk", port=port, nfc_master=master, timing=FAST))
    owner.driver.open()
    owner.wait_for(Signal.ONLINE)
    return owner


def encode(owner: Owner) -> bytes:
    command = owner.order(Verb.CARD_ENCODE)
    number = owner.wait_for(Signal.CARD_ENCODED, command=command).data["number"]
    owner.wait_for(Signal.DELIVERED, command=command)
    assert isinstance(number, bytes)
    return number


def refused(owner: Owner, verb: Verb) -> str:
    reason = owner.wait_for(Signal.FAILED, command=owner.order(verb)).data["reason"]
    assert isinstance(reason, str)
    return reason


def test_a_blank_card_comes_and_goes(desk: Sim, owner: Owner) -> None:
    uid = cards(desk).load("card-01").uid.hex()
    desk.do("place", card="card-01")
    event = owner.wait_for(Signal.CARD_PRESENT)
    assert event.data == {"uid": uid, "number": None}
    desk.do("remove")
    owner.wait_for(Signal.CARD_REMOVED)
    assert [e.signal for e in owner.heard] == [
        Signal.ONLINE,
        Signal.CARD_PRESENT,
        Signal.CARD_REMOVED,
    ]


def test_what_is_encoded_is_read_back_and_erased(desk: Sim, owner: Owner) -> None:
    desk.do("place", card="card-01")
    number = encode(owner)
    assert len(number) == 16

    desk.do("remove")
    owner.wait_for(Signal.CARD_REMOVED)
    desk.do("place", card="card-01")
    owner.wait_for(Signal.CARD_PRESENT, number=number)

    erased = owner.wait_for(Signal.DELIVERED, command=owner.order(Verb.CARD_ERASE))
    assert erased.data["number"] == number
    assert cards(desk).load("card-01").applications == {}
    assert refused(owner, Verb.CARD_ERASE) == "not_encoded"


def test_the_card_holds_no_key_but_its_own(desk: Sim, owner: Owner) -> None:
    desk.do("place", card="card-01")
    number = encode(owner)
    card = cards(desk).load("card-01")
    application = card.applications[AID]
    assert application.keys == [card_key(MASTER, key, card.uid) for key in KeyNumber]
    assert application.files[FILE].data == number

    read = card_key(MASTER, KeyNumber.READ, card.uid)
    assert card.read(aid=AID, file=FILE, key_number=KeyNumber.READ, key=read) == number
    assert card.read(aid=AID, file=FILE, key_number=KeyNumber.READ, key=MASTER) is None


def test_encoding_again_gives_another_number(desk: Sim, owner: Owner) -> None:
    desk.do("place", card="card-01")
    assert encode(owner) != encode(owner)


def test_two_cards_have_two_numbers(desk: Sim, owner: Owner) -> None:
    numbers = []
    for name in ("card-01", "card-02"):
        desk.do("place", card=name)
        owner.wait_for(Signal.CARD_PRESENT, uid=cards(desk).load(name).uid.hex())
        numbers.append(encode(owner))
        desk.do("remove")
        owner.wait_for(Signal.CARD_REMOVED, after=len(owner.heard))
    assert numbers[0] != numbers[1]
    desk.do("place", card="card-01")
    owner.wait_for(Signal.CARD_PRESENT, number=numbers[0])


def test_a_card_swapped_between_two_looks_is_another_card(desk: Sim, owner: Owner) -> None:
    desk.do("place", card="card-01")
    owner.wait_for(Signal.CARD_PRESENT)
    desk.do("remove")
    desk.do("place", card="card-02")
    owner.wait_for(Signal.CARD_PRESENT, uid=cards(desk).load("card-02").uid.hex())


def test_an_order_for_one_card_is_not_done_on_another(desk: Sim, owner: Owner) -> None:
    uid = cards(desk).load("card-01").uid.hex()
    desk.do("place", card="card-02")
    owner.wait_for(Signal.CARD_PRESENT)
    ordered = owner.order(Verb.CARD_ENCODE, uid=uid)
    assert owner.wait_for(Signal.FAILED, command=ordered).data["reason"] == "card_changed"
    assert cards(desk).load("card-02").applications == {}
    desk.do("remove")
    owner.wait_for(Signal.CARD_REMOVED)
    desk.do("place", card="card-01")
    owner.wait_for(Signal.CARD_PRESENT, uid=uid)
    owner.wait_for(Signal.CARD_ENCODED, command=owner.order(Verb.CARD_ENCODE, uid=uid))


def test_another_installations_key_opens_nothing(desk: Sim, owner: Owner) -> None:
    desk.do("place", card="card-01")
    encode(owner)
    owner.driver.close()

    stranger = started(desk, master=bytes(range(16)))
    stranger.wait_for(Signal.CARD_PRESENT, number=None)
    assert refused(stranger, Verb.CARD_ENCODE) == "foreign_card"
    assert refused(stranger, Verb.CARD_ERASE) == "foreign_card"
    stranger.driver.close()


def test_an_encoding_that_broke_off_is_begun_anew(desk: Sim, owner: Owner) -> None:
    card = cards(desk).load("card-01")
    card.applications[AID] = Application(keys=[bytes(16)] * 3, settings=0x09)
    cards(desk).save("card-01", card)
    desk.do("place", card="card-01")
    owner.wait_for(Signal.CARD_PRESENT, number=None)
    encode(owner)


@pytest.mark.parametrize("answers", range(0, 16, 3))  # an encoding takes 16
def test_a_card_pulled_away_while_it_is_encoded_can_be_encoded_again(
    desk: Sim, owner: Owner, answers: int
) -> None:
    desk.do("place", card="card-01")
    owner.wait_for(Signal.CARD_PRESENT)
    desk.do("remove", after=answers)
    assert refused(owner, Verb.CARD_ENCODE) == "card_lost"
    owner.wait_for(Signal.CARD_REMOVED)
    desk.do("place", card="card-01")
    owner.wait_for(Signal.CARD_PRESENT, after=len(owner.heard))
    encode(owner)
    assert Signal.OFFLINE not in [event.signal for event in owner.heard]


def test_other_applications_on_the_card_are_left_alone(desk: Sim, owner: Owner) -> None:
    card = cards(desk).load("card-01")
    card.applications[0x123456] = Application(keys=[bytes(range(16))], settings=0x0F)
    cards(desk).save("card-01", card)
    desk.do("place", card="card-01")
    encode(owner)
    owner.wait_for(Signal.DELIVERED, command=owner.order(Verb.CARD_ERASE))
    assert cards(desk).load("card-01") == card


def test_without_a_card_nothing_is_encoded(owner: Owner) -> None:
    assert refused(owner, Verb.CARD_ENCODE) == "no_card"
    assert refused(owner, Verb.CARD_ERASE) == "no_card"
    assert refused(owner, Verb.PULSE) == "unsupported"


def test_a_silent_chip_is_killed_and_started_again(desk: Sim, owner: Owner) -> None:
    assert isinstance(owner.driver, DeskReader)
    stuck = owner.driver.child_pid
    assert stuck is not None
    desk.do("silent", active=True)
    owner.wait_for(Signal.OFFLINE, reason="silent")
    assert owner.longest_turn < FAST.silence / 2  # no turn waited for the chip
    assert not owner.driver.submit(DeviceCommand("desk", Verb.CARD_ENCODE, {}, "late"))
    until(lambda: not alive(stuck))

    desk.do("silent", active=False)
    desk.do("place", card="card-01")
    owner.wait_for(Signal.ONLINE, after=len(owner.heard))
    owner.wait_for(Signal.CARD_PRESENT)
    assert owner.driver.child_pid != stuck


def test_a_chip_that_falls_silent_leaves_the_order_unconfirmed(desk: Sim, owner: Owner) -> None:
    desk.do("silent", active=True)
    command = owner.order(Verb.CARD_ENCODE)
    assert owner.wait_for(Signal.FAILED, command=command).data == {"reason": "unconfirmed"}


def test_an_unplugged_reader_is_offline_and_comes_back(desk: Sim, owner: Owner) -> None:
    desk.do("unplug", bus="desk")
    owner.wait_for(Signal.OFFLINE)
    desk.do("replug", bus="desk")
    owner.wait_for(Signal.ONLINE, after=len(owner.heard))


def test_a_noisy_line_is_survived(desk: Sim, owner: Owner) -> None:
    desk.do("place", card="card-01")
    number = encode(owner)
    desk.do("noise", bus="desk", rate=0.2)
    owner.quiet_for(3.0)
    desk.do("noise", bus="desk", rate=0)
    desk.do("remove")
    desk.do("place", card="card-02")
    owner.wait_for(Signal.CARD_PRESENT, uid=cards(desk).load("card-02").uid.hex())
    numbers = {e.data["number"] for e in owner.heard if e.signal is Signal.CARD_PRESENT}
    assert numbers <= {None, number}


def test_a_child_that_dies_is_replaced(owner: Owner) -> None:
    assert isinstance(owner.driver, DeskReader)
    assert owner.driver.child_pid is not None
    os.kill(owner.driver.child_pid, signal.SIGKILL)
    owner.wait_for(Signal.OFFLINE, reason="child_ended")
    owner.wait_for(Signal.ONLINE, after=len(owner.heard))


def test_closing_ends_the_child(desk: Sim) -> None:
    owner = started(desk)
    assert isinstance(owner.driver, DeskReader)
    pid = owner.driver.child_pid
    assert pid is not None
    owner.driver.close()
    assert not alive(pid)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_child_stuck_in_a_silent_chip_does_not_outlive_the_gateway(desk: Sim) -> None:
    gateway = subprocess.Popen(
        [sys.executable, "-c", GATEWAY, str(desk.directory / "ttyDESK")], stdout=subprocess.PIPE
    )
    assert gateway.stdout is not None
    child = int(gateway.stdout.readline())
    desk.do("silent", active=True)
    gateway.kill()
    gateway.wait()
    gateway.stdout.close()
    until(lambda: not alive(child))


GATEWAY = """
import sys
from hardware.drivers.base import Signal
from hardware.drivers.nfc import DeskReader

reader = DeskReader(device="desk", port=sys.argv[1], nfc_master=bytes(16))
reader.open()
while not any(event.signal is Signal.ONLINE for event in reader.turn(0.1)):
    pass
print(reader.child_pid, flush=True)
while True:
    reader.turn(1.0)
"""


def test_the_key_is_in_no_argument_and_no_environment(
    desk: Sim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "not for libnfc")
    owner = started(desk)
    assert isinstance(owner.driver, DeskReader)
    process = Path(f"/proc/{owner.driver.child_pid}")
    seen = (process / "cmdline").read_bytes()
    with suppress(PermissionError):  # nobody but the system's own user may look
        seen += (process / "environ").read_bytes()
    assert MASTER.hex().encode() not in seen
    assert b"DB_PASSWORD" not in seen
    owner.driver.close()
