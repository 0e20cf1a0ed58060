"""The room for a card's answer: what is written beyond it ends the process, and nothing else."""

import ctypes
import signal
import subprocess
import sys

import pytest

from hardware.drivers.nfc_room import BEFORE, ROOM, Room

WRITE = """
import ctypes, sys
from hardware.drivers.nfc_room import Room
room = Room().cleared()
ctypes.memset(ctypes.addressof(room), 255, int(sys.argv[1]))
print("alive")
"""


@pytest.mark.parametrize(("more", "ends"), [(0, 0), (1, -signal.SIGSEGV), (9000, -signal.SIGSEGV)])
def test_one_byte_too_many_ends_the_process(more: int, ends: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(ROOM + more)], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (ends, b"" if ends else b"alive\n")


def test_each_answer_finds_it_empty_and_a_search_backwards_ends_before_it() -> None:
    room = Room()
    data = room.cleared()
    data[0] = data[ROOM - 1] = 7
    assert bytes(room.cleared()) == bytes(ROOM)
    before = (data._type_ * len(BEFORE)).from_address(ctypes.addressof(data) - len(BEFORE))
    assert bytes(before) == BEFORE
    assert 0 not in BEFORE
    # From the first byte that is not zero it goes back four more at the most.
    assert len(BEFORE) > 4
