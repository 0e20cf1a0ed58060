"""A Winnsen locker board: sixteen locks on one serial line, 9600 baud 8N1.

A frame is ``90 06 FUNCTION STATION LOCK 03``, locks from 1; function 05 opens a lock, 12 asks for
one. A status answer is ``90 07 92 STATION LOCK STATE 03``, by some sources with state before lock;
since the lock that was asked for is known, both are read. Nothing on this line is checked by a sum,
so only status reads count, and only two that agree (:mod:`hardware.drivers.lock_board`).
"""

from collections import deque
from collections.abc import Collection, Mapping

from hardware.drivers.base import Driver
from hardware.drivers.installed import BusConfig
from hardware.drivers.lock_board import LockBoard, LockTiming
from scif.kernel.keys import KeyStore

BAUD = 9600
LOCKS = 16
HEAD, END = 0x90, 0x03
OPEN, ASK, STATUS = 0x05, 0x12, 0x92
ANSWER_BYTES = 7
# Each question is for one lock.
TIMING = LockTiming(poll=0.03)


def unlock_request(station: int, lock: int) -> bytes:
    """Release one lock (from 0) of a board."""
    return bytes((HEAD, 6, OPEN, station, lock + 1, END))


def status_request(station: int, lock: int) -> bytes:
    """Ask for one lock (from 0) of a board."""
    return bytes((HEAD, 6, ASK, station, lock + 1, END))


def shut_in(heard: bytes, station: int, lock: int) -> bool | None:
    """Whether an answer among these bytes says that the lock is shut; None if there is none.

    INVARIANT: any bytes may be given; nothing raises. A state is 0 (shut) or 1 (open), so that the
    two orders of lock and state cannot be mistaken for one another.
    """
    start = bytes((HEAD, ANSWER_BYTES, STATUS, station))
    at = heard.find(start)
    while at >= 0:
        frame = heard[at : at + ANSWER_BYTES]
        if len(frame) == ANSWER_BYTES and frame[6] == END:
            for asked, state in ((frame[4], frame[5]), (frame[5], frame[4])):
                if asked == lock + 1 and state in (0, 1):
                    return state == 0
        at = heard.find(start, at + 1)
    return None


class WinnsenBoard(LockBoard):
    """Driver of one board; ``address`` is its station, from 1."""

    def __init__(
        self, *, device: str, port: str, address: int = 1, timing: LockTiming = TIMING
    ) -> None:
        super().__init__(
            device=device, port=port, baud=BAUD, address=address, locks=LOCKS, timing=timing
        )
        self._turns = deque(range(LOCKS))

    def unlock_request(self, lock: int) -> bytes:
        """Release one lock."""
        return unlock_request(self.address, lock)

    def question(self, opening: int | None) -> tuple[bytes, Collection[int]]:
        """One lock: the one that is opening, or the next in turn."""
        self._turns.rotate(-1)
        lock = self._turns[0] if opening is None else opening
        return status_request(self.address, lock), (lock,)

    def answer(self, heard: bytes, asked: Collection[int]) -> Mapping[int, bool] | None:
        """The state of the lock that was asked for."""
        (lock,) = asked
        shut = shut_in(heard, self.address, lock)
        return None if shut is None else {lock: shut}


def build(bus: BusConfig, _keys: KeyStore) -> Driver:
    """The driver of a bus's record; raises ValueError where there is not one board."""
    device = bus.only()
    return WinnsenBoard(device=device.code, port=bus.port, address=device.address)
