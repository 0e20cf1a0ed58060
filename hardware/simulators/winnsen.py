"""A Winnsen locker board with sixteen locker doors; one lock a question, no check sum.

Whether its status answer names the lock or the state first differs between sources, hence
``state_first``.
"""

from hardware.simulators.control import Answer, Request
from hardware.simulators.locker_doors import LockerDoors
from hardware.simulators.pty import PacedPty
from hardware.simulators.world import Config, World

LOCKS = 16
FRAME_BYTES = 6


class WinnsenBank:
    """One board with its doors (``simulators/locker_doors.py``).

    Configuration: ``name``, ``port``, ``board`` (the station, 1), ``state_first`` (false).
    """

    def __init__(self, config: Config, world: World) -> None:
        self.name = str(config["name"])
        self._world = world
        self._station = int(config.get("board", 1))
        self._state_first = bool(config.get("state_first", False))
        self._doors = LockerDoors(LOCKS)
        self._pending = bytearray()
        self.port = PacedPty(
            world.loop,
            link=world.port(str(config["port"])),
            baud=int(config.get("baud", 9600)),
            heard=self._heard,
            wire=lambda way, data: world.ring.add("wire", bus=self.name, way=way, data=data.hex()),
            seed=int(config.get("seed", 0)),
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
            head, length, function, station, lock, end = self._pending[:FRAME_BYTES]
            if (head, length, end) != (0x90, FRAME_BYTES, 0x03):
                self._pending.pop(0)
                continue
            del self._pending[:FRAME_BYTES]
            if station == self._station and 1 <= lock <= LOCKS:
                self._obey(function, lock - 1)

    def _obey(self, function: int, lock: int) -> None:
        if function == 0x05:
            self._doors.unlock([lock])
            self._world.ring.add("unlock", bus=self.name, lock=lock, all=False)
            self._say(0x85, (lock + 1, int(not self._doors.shut[lock])))
        elif function == 0x12:
            told = (lock + 1, int(not self._doors.shut[lock]))
            self._say(0x92, told[::-1] if self._state_first else told)

    def _say(self, function: int, told: tuple[int, int]) -> None:
        if self._doors.swallowed():
            return
        self.port.write(bytes((0x90, 7, function, self._station, *told, 0x03)))
