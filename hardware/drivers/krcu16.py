"""A Kerong KR-CU16 locker board: sixteen locks on one serial line, 19200 baud 8N1.

One question is for all its locks.
"""

from collections.abc import Collection, Mapping

from hardware.drivers.base import Driver
from hardware.drivers.installed import BusConfig
from hardware.drivers.krcu16_frames import LOCKS, Parser, status_request, unlock_request
from hardware.drivers.lock_board import LockBoard, LockTiming
from scif.kernel.keys import KeyStore

BAUD = 19200
TIMING = LockTiming()


class Krcu16Board(LockBoard):
    """Driver of one board; ``address`` is what its switches say, from 0."""

    def __init__(
        self, *, device: str, port: str, address: int = 0, timing: LockTiming = TIMING
    ) -> None:
        super().__init__(
            device=device, port=port, baud=BAUD, address=address, locks=LOCKS, timing=timing
        )

    def unlock_request(self, lock: int) -> bytes:
        """Release one lock."""
        return unlock_request(self.address, lock)

    def question(self, opening: int | None) -> tuple[bytes, Collection[int]]:
        """All locks at once."""
        return status_request(self.address), range(LOCKS)

    def answer(self, heard: bytes, asked: Collection[int]) -> Mapping[int, bool] | None:
        """The state of all locks, by the first report of this board."""
        for status in Parser().feed(heard):
            if status.board == self.address:
                return {lock: bool(status.shut >> lock & 1) for lock in asked}
        return None


def build(bus: BusConfig, _keys: KeyStore) -> Driver:
    """The driver of a bus's record; raises ValueError where there is not one board."""
    device = bus.only()
    return Krcu16Board(device=device.code, port=bus.port, address=device.address)
