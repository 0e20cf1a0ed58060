"""A Kerong KR-CU16 locker board and the sixteen locker doors that hang on it.

Frames are ``02 ADDR CMD 03 SUM``; the board's number is ADDR's high nibble, the lock its low one.
Whether a board answers an unlock differs between makers' sheets, so it is configured.
"""

from hardware.simulators.control import Answer, Request
from hardware.simulators.locker_doors import LockerDoors
from hardware.simulators.pty import PacedPty
from hardware.simulators.world import Config, World

LOCKS = 16
FRAME_BYTES = 5
STATUS, UNLOCK, UNLOCK_ALL, REPORT = 0x30, 0x31, 0x33, 0x35


class LockerBank:
    """One board with its doors (``simulators/locker_doors.py``).

    Configuration: ``name``, ``port``, ``baud`` (19200), ``board`` (0), ``answers_unlock`` (false).
    """

    def __init__(self, config: Config, world: World) -> None:
        self.name = str(config["name"])
        self._world = world
        self._board = int(config.get("board", 0))
        self._answers_unlock = bool(config.get("answers_unlock", False))
        self._doors = LockerDoors(LOCKS)
        self._pending = bytearray()
        self.port = PacedPty(
            world.loop,
            link=world.port(str(config["port"])),
            baud=int(config.get("baud", 19200)),
            heard=self._heard,
            wire=lambda way, data: world.ring.add("wire", bus=self.name, way=way, data=data.hex()),
        )

    def handle(self, request: Request) -> Answer | None:
        """Move a door, its hook or its content."""
        return self._doors.handle(request)

    def state(self) -> Answer:
        """The doors, and how many unlock commands the board has heard."""
        return {**self._doors.state(), "plugged": self.port.plugged}

    def close(self) -> None:
        """Unplug."""
        self.port.unplug()

    def _heard(self, data: bytes) -> None:
        self._pending += data
        while len(self._pending) >= FRAME_BYTES:
            start, address, command, end, check = self._pending[:FRAME_BYTES]
            if start != 0x02 or end != 0x03 or (start + address + command + end) % 256 != check:
                self._pending.pop(0)
                continue
            del self._pending[:FRAME_BYTES]
            if address >> 4 == self._board:
                self._obey(command, address & 0x0F)

    def _obey(self, command: int, lock: int) -> None:
        if command == STATUS:
            self._report()
        elif command in {UNLOCK, UNLOCK_ALL}:
            self._doors.unlock(range(LOCKS) if command == UNLOCK_ALL else (lock,))
            self._world.ring.add("unlock", bus=self.name, lock=lock, all=command == UNLOCK_ALL)
            if self._answers_unlock:
                self._report()

    def _report(self) -> None:
        if self._doors.swallowed():
            return
        answer = bytearray((0x02, self._board << 4, REPORT))
        for flags in (self._doors.shut, self._doors.occupied):
            for half in (flags[:8], flags[8:]):
                answer.append(sum(1 << place for place, flag in enumerate(half) if flag))
        answer.append(0x03)
        answer.append(sum(answer) % 256)
        self.port.write(bytes(answer))
