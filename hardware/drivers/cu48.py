"""A Kerong CU48 locker board: forty-eight locks on one serial line, 19200 baud 8N1.

A frame is ``02 BOARD LOCK CODE 03 SUM8``, locks from 0. The boards are sold with two command sets,
and nothing that a board says of itself tells which; so the dialect is an option of the device, and
there is no usual one:

- ``50-51``: 50 asks, 51 opens; ``02 BOARD 00 65 HOOKS 03 SUM8`` answers.
- ``60-61``: 60 asks, 61 opens; ``02 BOARD 00 75 HOOKS SENSORS 03 SUM8`` answers.

Hooks and sensors are six bytes each. Bit 0 of the first byte of hooks is lock 0; 1 = the hook
holds, the door is shut. Sources: for ``60-61`` a recorded session with a board; for ``50-51``
programs of others that run such boards (docs/adding-a-device.md names them). The maker's own sheet
was not at hand.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hardware.drivers.base import Driver
from hardware.drivers.installed import BusConfig
from hardware.drivers.lock_board import LockBoard, LockTiming
from scif.kernel.keys import KeyStore

BAUD = 19200
LOCKS = 48
STX, ETX = 0x02, 0x03
HOOK_BYTES = LOCKS // 8
TIMING = LockTiming()


@dataclass(frozen=True, slots=True)
class Dialect:
    """A command set, and how long an answer to a status question is."""

    ask: int
    unlock: int
    report: int
    sensor_bytes: int

    @property
    def report_bytes(self) -> int:
        """The length of a status answer: head, hooks, sensors, end and sum."""
        return 4 + HOOK_BYTES + self.sensor_bytes + 2


DIALECTS: Mapping[str, Dialect] = {
    "50-51": Dialect(ask=0x50, unlock=0x51, report=0x65, sensor_bytes=0),
    "60-61": Dialect(ask=0x60, unlock=0x61, report=0x75, sensor_bytes=HOOK_BYTES),
}


def request(board: int, lock: int, code: int) -> bytes:
    """What is said to a board about one of its locks, or with lock 0 about all."""
    frame = bytes((STX, board, lock, code, ETX))
    return frame + bytes((sum(frame) & 0xFF,))


def shut_in(heard: bytes, board: int, dialect: Dialect) -> int | None:
    """Which locks are shut, a bit for each, by an answer; None where it is not exactly one.

    INVARIANT: any bytes may be given; nothing raises. An answer counts only alone, in its full
    length, from this board, in this dialect: what almost fits is a board of the other.
    """
    if len(heard) != dialect.report_bytes or heard[:4] != bytes((STX, board, 0, dialect.report)):
        return None
    if heard[-2] != ETX or sum(heard[:-1]) & 0xFF != heard[-1]:
        return None
    return int.from_bytes(heard[4 : 4 + HOOK_BYTES], "little")


class Cu48Board(LockBoard):
    """Driver of one board; ``address`` is what its switches say, from 0."""

    def __init__(
        self, *, device: str, port: str, dialect: str, address: int = 0, timing: LockTiming = TIMING
    ) -> None:
        """Raises ValueError where there is no such dialect."""
        if dialect not in DIALECTS:
            raise ValueError(f"a CU48 speaks one of {', '.join(DIALECTS)}, not {dialect!r}")
        super().__init__(
            device=device, port=port, baud=BAUD, address=address, locks=LOCKS, timing=timing
        )
        self._dialect = DIALECTS[dialect]

    def unlock_request(self, lock: int) -> bytes:
        """Release one lock."""
        return request(self.address, lock, self._dialect.unlock)

    def question(self, opening: int | None) -> tuple[bytes, Collection[int]]:
        """All locks at once."""
        return request(self.address, 0, self._dialect.ask), range(LOCKS)

    def answer(self, heard: bytes, asked: Collection[int]) -> Mapping[int, bool] | None:
        """The state of all locks."""
        shut = shut_in(heard, self.address, self._dialect)
        return None if shut is None else {lock: bool(shut >> lock & 1) for lock in asked}


def build(bus: BusConfig, _keys: KeyStore) -> Driver:
    """The driver of a bus's record; raises ValueError: not one board, or one without a dialect."""
    device = bus.only()
    return Cu48Board(
        device=device.code,
        port=bus.port,
        dialect=str(device.options.get("dialect", "")),
        address=device.address,
    )
