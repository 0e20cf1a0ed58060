"""A Kerong CU48 board with forty-eight locker doors, in one of the two languages it is sold with.

Both have ``02 BOARD LOCK CODE 03 SUM``. The older answers a status question with the hooks alone,
the newer with the hooks and what its infrared sensors see.
"""

from hardware.simulators.control import Answer, Request
from hardware.simulators.locker_doors import LockerDoors
from hardware.simulators.pty import PacedPty
from hardware.simulators.world import Config, World

LOCKS = 48
# By the language's name: the codes of question, unlock and answer; whether it has sensors.
LANGUAGES = {"50-51": (0x50, 0x51, 0x65, False), "60-61": (0x60, 0x61, 0x75, True)}


class Cu48Bank:
    """One board with its doors (``simulators/locker_doors.py``).

    Configuration: ``name``, ``port``, ``baud`` (19200), ``board`` (0), ``dialect``, and
    ``answers_unlock`` (false): whether it answers an unlock with a report, as some do.
    """

    def __init__(self, config: Config, world: World) -> None:
        self.name = str(config["name"])
        self._world = world
        self._board = int(config.get("board", 0))
        self._answers_unlock = bool(config.get("answers_unlock", False))
        self._ask, self._open, self._tell, self._sees = LANGUAGES[str(config["dialect"])]
        self._doors = LockerDoors(LOCKS)
        self._pending = bytearray()
        self.port = PacedPty(
            world.loop,
            link=world.port(str(config["port"])),
            baud=int(config.get("baud", 19200)),
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
        while len(self._pending) >= 6:
            head, board, lock, code, end, check = self._pending[:6]
            if (head, end) != (2, 3) or (5 + board + lock + code) % 256 != check:
                self._pending.pop(0)
                continue
            del self._pending[:6]
            if board == self._board:
                self._obey(code, lock)

    def _obey(self, code: int, lock: int) -> None:
        if code == self._ask:
            self._report()
        elif code == self._open and lock < LOCKS:
            self._doors.unlock([lock])
            self._world.ring.add("unlock", bus=self.name, lock=lock, all=False)
            if self._answers_unlock:
                self._report()

    def _report(self) -> None:
        if self._doors.swallowed():
            return
        said = [2, self._board, 0, self._tell]
        for flags in (self._doors.shut, self._doors.occupied)[: 1 + self._sees]:
            eights = (flags[first : first + 8] for first in range(0, LOCKS, 8))
            said += [sum(2**place for place in range(8) if eight[place]) for eight in eights]
        said.append(3)
        self.port.write(bytes((*said, sum(said) % 256)))
