"""Relay and input boards on a Modbus RTU line, written from Waveshare's description of theirs.

A board hears function 01 (relays), 02 (inputs), 05 (one relay), 15 (several); a 05 at 0x0200 + n
closes relay n for the value in tenths of a second, by the board's own timer. Other functions and
addresses are answered with an exception, frames for other addresses and damaged ones not at all.
"""

from hardware.simulators.control import Answer, Refused, Request, turnaround
from hardware.simulators.door import door_act, doors_of
from hardware.simulators.loop import Timer
from hardware.simulators.pty import PacedPty
from hardware.simulators.world import Config, World

COILS, INPUTS, COIL, MANY_COILS = 0x01, 0x02, 0x05, 0x0F
PULSES = 0x0200
ALL_COILS = 0x00FF
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
TENTH = 0.1
GAP_SECONDS = 0.05  # after such a silence in mid-frame the rest will not come
SHORT = 8


def crc16(data: bytes) -> int:
    """CRC-16 of Modbus: polynomial 0xA001 reflected, start 0xFFFF; low byte first on the wire."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def sealed(body: bytes) -> bytes:
    """A frame with its CRC."""
    return body + crc16(body).to_bytes(2, "little")


class Board:
    """One address. ``normally_closed`` inputs read 1 while what hangs on them rests."""

    def __init__(self, config: Config, world: World) -> None:
        self.name = str(config["name"])
        self.address = int(config["address"])
        self.powered = True
        self.relays = [False] * int(config.get("outputs", 8))
        self.inputs = [False] * int(config.get("inputs", 8))
        self._closed = frozenset(config.get("normally_closed", ()))
        self._timers: dict[int, Timer] = {}
        self._world = world

    def closed(self, output: int) -> bool:
        """Whether a relay has pulled."""
        return self.relays[output]

    def sense(self, number: int, *, active: bool) -> None:
        """What hangs on an input acts, or rests again."""
        if self.inputs[number] != active:
            self.inputs[number] = active
            self._world.ring.add("input", reader=self.name, number=number, active=active)

    def power(self, *, on: bool) -> None:
        """Without power its relays fall."""
        self.powered = on
        for number in range(len(self.relays)):
            self._switch(number, on=False)

    def answer(self, body: bytes) -> bytes:
        """What it says to a sound question of its address, without address and CRC."""
        function, first, second = body[1], int.from_bytes(body[2:4]), int.from_bytes(body[4:6])
        match function:
            case 0x01 | 0x02:
                return self._read(function, first, second)
            case 0x05:
                return self._write(body, first, second)
            case 0x0F:
                return self._write_many(body, first, second)
        return bytes((function | 0x80, ILLEGAL_FUNCTION))

    def state(self) -> Answer:
        """All that can be seen of it."""
        return {
            "address": self.address,
            "powered": self.powered,
            "inputs": list(self.inputs),
            "outputs": list(self.relays),
        }

    def _read(self, function: int, first: int, count: int) -> bytes:
        wires = [active is not (n in self._closed) for n, active in enumerate(self.inputs)]
        bits = self.relays if function == COILS else wires
        if not 1 <= count <= 2000:
            return bytes((function | 0x80, ILLEGAL_VALUE))
        if first + count > len(bits):
            return bytes((function | 0x80, ILLEGAL_ADDRESS))
        asked = bits[first : first + count]
        packed = sum(1 << place for place, bit in enumerate(asked) if bit)
        size = (count + 7) // 8
        return bytes((function, size)) + packed.to_bytes(size, "little")

    def _write(self, body: bytes, address: int, value: int) -> bytes:
        number = address - PULSES
        if 0 <= number < len(self.relays):
            self._switch(number, on=True)
            self._timers[number] = self._world.loop.call_later(
                value * TENTH, lambda: self._switch(number, on=False)
            )
        elif address < len(self.relays) or address == ALL_COILS:
            if value not in (0xFF00, 0x0000):
                return bytes((COIL | 0x80, ILLEGAL_VALUE))
            everyone = range(len(self.relays))
            for each in everyone if address == ALL_COILS else (address,):
                self._switch(each, on=value == 0xFF00)
        else:
            return bytes((COIL | 0x80, ILLEGAL_ADDRESS))
        return body[1:6]

    def _write_many(self, body: bytes, first: int, count: int) -> bytes:
        if first + count > len(self.relays) or body[6] != (count + 7) // 8:
            return bytes((MANY_COILS | 0x80, ILLEGAL_ADDRESS))
        bits = int.from_bytes(body[7:], "little")
        for place in range(count):
            self._switch(first + place, on=bool(bits >> place & 1))
        return body[1:6]

    def _switch(self, number: int, *, on: bool) -> None:
        timer = self._timers.pop(number, None)
        if timer is not None:
            timer.cancel()
        if self.relays[number] != on:
            self.relays[number] = on
            self._world.ring.add("output", reader=self.name, number=number, active=on)


class ModbusBus:
    """Configuration: ``name``, ``port``, ``baud``, ``boards``, and optionally ``doors``, ``seed``,
    ``turnaround`` (seconds until a board answers).

    Requests: ``sense(board, number, active)``, ``cut(board)``, ``mend(board)``, ``drop(count)``
    swallows the line's next answers, ``slow(seconds)`` delays all of them; and those of doors.
    """

    def __init__(self, config: Config, world: World) -> None:
        self.name = str(config["name"])
        self._world = world
        self._turnaround = float(config.get("turnaround", 0.002))
        self._drop = 0
        self._heard_at = 0.0
        self._pending = bytearray()
        self.boards = {str(part["name"]): Board(part, world) for part in config["boards"]}
        world.terminals.update(self.boards)
        self.doors = doors_of(config, world)
        self.port = PacedPty(
            world.loop,
            link=world.port(str(config["port"])),
            baud=int(config.get("baud", 9600)),
            heard=self._heard,
            wire=lambda way, data: world.ring.add("wire", bus=self.name, way=way, data=data.hex()),
            seed=int(config.get("seed", 0)),
        )

    def handle(self, request: Request) -> Answer | None:
        """Do what people and bad luck do to boards and doors."""
        if "door" in request:
            return door_act(self.doors, request)
        match request["do"]:
            case "drop":
                self._drop = int(request["count"])
                return {}
            case "slow" if "board" not in request and "reader" not in request:
                self._turnaround = turnaround(request)
                return {}
        board = self.boards.get(str(request.get("board", "")))
        return None if board is None else self._at_board(board, request)

    def state(self) -> Answer:
        """Every board and every door."""
        return {
            "kind": "modbus",
            "plugged": self.port.plugged,
            "slow": self._turnaround,
            "boards": {name: board.state() for name, board in self.boards.items()},
            "doors": {name: door.state() for name, door in self.doors.items()},
        }

    def close(self) -> None:
        """Unplug the line."""
        self.port.unplug()

    def _at_board(self, board: Board, request: Request) -> Answer:
        match request["do"]:
            case "sense":
                number = int(request["number"])
                if not 0 <= number < len(board.inputs):
                    raise Refused(f"{board.name} has no input {number}")
                board.sense(number, active=bool(request["active"]))
            case "cut" | "mend" as verb:
                board.power(on=verb == "mend")
            case verb:
                raise Refused(f"a board cannot {verb!r}")
        return {}

    def _heard(self, data: bytes) -> None:
        now = self._world.loop.now()
        if now - self._heard_at > GAP_SECONDS:
            self._pending.clear()
        self._heard_at = now
        self._pending += data
        while len(self._pending) >= SHORT:
            many = self._pending[1] == MANY_COILS
            length = self._pending[6] + SHORT + 1 if many else SHORT
            if len(self._pending) < length:
                return
            body, check = bytes(self._pending[: length - 2]), self._pending[length - 2 : length]
            if crc16(body) != int.from_bytes(check, "little"):
                del self._pending[0]
                continue
            del self._pending[:length]
            self._question(body)

    def _question(self, body: bytes) -> None:
        board = next((b for b in self.boards.values() if b.address == body[0]), None)
        if board is None or not board.powered:
            return
        answer = sealed(body[:1] + board.answer(body))
        if self._drop > 0:
            self._drop -= 1
            return
        self._world.loop.call_later(self._turnaround, lambda: self.port.write(answer))
