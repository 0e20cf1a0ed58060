"""A Kerong KR-CU16 locker board and the sixteen locker doors that hang on it.

Frames are ``02 ADDR CMD 03 SUM``; the board's number is ADDR's high nibble, the lock its low one.
Whether a board answers an unlock differs between makers' sheets, so it is configured.
"""

from hardware.simulators.control import Answer, Refused, Request
from hardware.simulators.pty import PacedPty
from hardware.simulators.world import Config, World

LOCKS = 16
FRAME_BYTES = 5
STATUS, UNLOCK, UNLOCK_ALL, REPORT = 0x30, 0x31, 0x33, 0x35


class LockerBank:
    """One board. Requests name a ``lock`` from 0.

    ``shut`` and ``open`` move a door by hand (``open`` only where the hook is free or by key),
    ``jam`` and ``free`` its hook, ``put`` and ``take`` what lies inside; ``drop`` (``count``)
    swallows the board's next answers. Configuration: ``name``, ``port``, ``baud`` (19200),
    ``board`` (0), ``answers_unlock`` (false).
    """

    def __init__(self, config: Config, world: World) -> None:
        self.name = str(config["name"])
        self._world = world
        self._board = int(config.get("board", 0))
        self._answers_unlock = bool(config.get("answers_unlock", False))
        self._shut = [True] * LOCKS
        self._jammed = [False] * LOCKS
        self._occupied = [False] * LOCKS
        self._drop = 0
        self._unlocks = 0
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
        verb = request["do"]
        if verb == "drop":
            self._drop = int(request["count"])
            return {}
        if verb not in {"shut", "open", "jam", "free", "put", "take"}:
            return None
        lock = int(request["lock"])
        if not 0 <= lock < LOCKS:
            raise Refused("locks are numbered 0 to 15")
        match verb:
            case "shut":
                self._shut[lock] = True
            case "open":
                self._shut[lock] = False
            case "jam" | "free":
                self._jammed[lock] = verb == "jam"
            case _:
                if self._shut[lock]:
                    raise Refused("the door is shut")
                self._occupied[lock] = verb == "put"
        return {}

    def state(self) -> Answer:
        """The doors, and how many unlock commands the board has heard."""
        return {
            "shut": list(self._shut),
            "jammed": list(self._jammed),
            "occupied": list(self._occupied),
            "unlocks": self._unlocks,
            "plugged": self.port.plugged,
        }

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
            self._unlocks += 1
            for each in range(LOCKS) if command == UNLOCK_ALL else (lock,):
                self._shut[each] = self._shut[each] and self._jammed[each]
            self._world.ring.add("unlock", bus=self.name, lock=lock, all=command == UNLOCK_ALL)
            if self._answers_unlock:
                self._report()

    def _report(self) -> None:
        if self._drop > 0:
            self._drop -= 1
            return
        answer = bytearray((0x02, self._board << 4, REPORT))
        for flags in (self._shut, self._occupied):
            for half in (flags[:8], flags[8:]):
                answer.append(sum(1 << place for place, flag in enumerate(half) if flag))
        answer.append(0x03)
        answer.append(sum(answer) % 256)
        self.port.write(bytes(answer))
