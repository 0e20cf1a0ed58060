"""Relay and input boards on one RS-485 line: Modbus RTU, 8 data bits, no parity, one stop bit.

The protocol has neither key nor counter: whoever reaches the line can open what hangs on it. Such
a board stands within the area that it serves, and its cover on one of its own inputs.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymodbus.pdu import ModbusPDU

from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Traffic, Verb
from hardware.drivers.installed import BusConfig
from hardware.drivers.modbus_frames import (
    MOST_HEARD,
    MOST_TENTHS,
    answer_in,
    frame_of,
    pulse,
    read_inputs,
    read_outputs,
    same,
    switch,
)
from hardware.drivers.serial_line import SerialLine
from scif.kernel.keys import KeyStore

MOST_ORDERS = 32  # waiting for one board
BITS_PER_BYTE = 10
SILENCE_BYTES = 3.5  # between two frames (Modbus over serial line V1.02, 2.5.1.1)


@dataclass(frozen=True, slots=True)
class ModbusTiming:
    """Times of a line, in seconds."""

    reply: float = 0.15  # a board that has not answered by then does not
    poll: float = 0.05  # between two looks at the inputs of a board
    outputs: float = 0.25  # the same for its relays
    missing: float = 1.0  # between attempts at a board that does not answer
    reopen: float = 0.25  # between attempts at a port that is missing
    misses: int = 3  # questions unanswered in a row: offline


@dataclass(frozen=True, slots=True)
class ModbusBoard:
    """One board: its ``code`` in the gateway, its ``address`` (1 to 247), what it carries.

    ``normally_closed`` are inputs that are active while their loop is open: a cut wire is then
    told as an open door or a lifted cover.
    """

    code: str
    address: int
    outputs: int = 8
    inputs: int = 8
    normally_closed: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not 1 <= self.address <= 247:
            raise ValueError(f"{self.code}: an address is 1 to 247")
        if not 0 <= self.outputs <= 64 or not 0 <= self.inputs <= 64:
            raise ValueError(f"{self.code}: a board has at most 64 outputs and 64 inputs")


@dataclass(slots=True)
class _Order:
    command_id: str
    message: ModbusPDU


@dataclass(slots=True)
class _Peer:
    """What the driver knows of one board."""

    board: ModbusBoard
    online: bool | None = None
    misses: int = 0
    inputs_at: float = 0.0
    outputs_at: float = 0.0
    orders: deque[_Order] = field(default_factory=deque)
    seen: dict[tuple[Signal, int], bool] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)


class ModbusBus:
    """A ``Driver``. One question at a time, each answered or given up before the next.

    INVARIANT: a command that was taken returns exactly once as DELIVERED or FAILED, and crosses the
    wire at most once. The reasons of FAILED are the OSDP driver's: ``impossible``, ``not_sent``,
    ``refused``, ``unanswered``.
    """

    def __init__(
        self,
        port: str,
        boards: Sequence[ModbusBoard],
        baud: int = 9600,
        timing: ModbusTiming | None = None,
    ) -> None:
        if not boards or len({b.address for b in boards}) != len(boards):
            raise ValueError("a bus has at least one board, and each an address of its own")
        self.timing = timing or ModbusTiming()
        self._line = SerialLine(port, baud)
        self._silence = SILENCE_BYTES * BITS_PER_BYTE / baud
        self._peers = {board.code: _Peer(board) for board in boards}
        self._events: list[DeviceEvent] = []
        self._reopen_at = 0.0
        self._free_at = 0.0

    def open(self) -> None:
        """Begin; a port that is missing is tried again in every turn."""
        self._keep_port(time.monotonic())

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        """Work for about ``budget`` seconds, or until there is something to tell."""
        end = time.monotonic() + budget
        while True:
            now = time.monotonic()
            self._keep_port(now)
            peer, due = self._next()
            if self._line.up and due <= now:
                self._serve(peer, now)
            elif (pause := min(end, due if self._line.up else end) - now) > 0:
                self._line.wait(pause)
            if self._events or time.monotonic() >= end:
                break
        events, self._events = self._events, []
        return events

    def submit(self, command: DeviceCommand) -> bool:
        """Take a command; False if the board is offline, unknown or drowning in commands."""
        peer = self._peers.get(command.device)
        if peer is None or not peer.online or len(peer.orders) >= MOST_ORDERS:
            return False
        try:
            peer.orders.append(_order(command, peer.board))
        except (KeyError, TypeError, ValueError) as error:
            self._fail(peer, command.command_id, "impossible", detail=str(error))
        return True

    def close(self) -> None:
        """Release the port; commands that still wait fail."""
        self._line.close()
        for peer in self._peers.values():
            self._drop(peer)

    def traffic(self) -> Mapping[str, Traffic]:
        """Questions asked of each board, and those without a sound answer."""
        return {code: peer.traffic for code, peer in self._peers.items()}

    # The port

    def _keep_port(self, now: float) -> None:
        if self._line.up or now < self._reopen_at:
            return
        self._reopen_at = now + self.timing.reopen
        if self._line.open():
            for peer in self._peers.values():
                peer.inputs_at = now
        else:
            self._port_lost()

    def _port_lost(self) -> None:
        for peer in self._peers.values():
            self._offline(peer, "port")

    # One board

    def _next(self) -> tuple[_Peer, float]:
        """The board whose turn it is, and when."""
        return min(((p, _due(p)) for p in self._peers.values()), key=lambda each: each[1])

    def _serve(self, peer: _Peer, now: float) -> None:
        if peer.orders:
            self._obey(peer, peer.orders.popleft(), now)
        elif peer.online and peer.outputs_at <= now:
            peer.outputs_at = now + self.timing.outputs
            said = self._ask(peer, read_outputs(peer.board.address, peer.board.outputs))
            self._read(peer, Signal.OUTPUT, said, peer.board.outputs)
        else:
            peer.inputs_at = now + (self.timing.poll if peer.online else self.timing.missing)
            said = self._ask(peer, read_inputs(peer.board.address, max(1, peer.board.inputs)))
            self._read(peer, Signal.INPUT, said, peer.board.inputs)

    def _obey(self, peer: _Peer, order: _Order, now: float) -> None:
        before = peer.traffic.sent
        said = self._ask(peer, order.message)
        if same(order.message, said):
            self._tell(peer, Signal.DELIVERED, {}, order.command_id)
            peer.outputs_at = now
        elif said is not None and said.isError():
            self._fail(peer, order.command_id, "refused")
        else:
            sent = peer.traffic.sent > before
            self._fail(peer, order.command_id, "unanswered" if sent else "not_sent")

    def _ask(self, peer: _Peer, message: ModbusPDU) -> ModbusPDU | None:
        """Send one question and wait for its answer; three without one, and the board is offline.

        What came late, to a question of before, is thrown away first: answers carry no number.
        """
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        self._line.discard()
        said: ModbusPDU | None = None
        if self._line.write(frame_of(message)):
            peer.traffic.sent += 1
            said = self._answer(peer.board.address, message.function_code)
        self._free_at = time.monotonic() + self._silence
        if not self._line.up:
            peer.traffic.failed += 1
            self._port_lost()
        elif said is None:
            peer.traffic.failed += 1
            peer.misses += 1
            if peer.misses >= self.timing.misses or not peer.online:
                self._offline(peer, "silent")
        else:
            peer.misses = 0
            if not peer.online:
                peer.online = True
                peer.inputs_at = peer.outputs_at = time.monotonic()
                peer.seen.clear()
                self._tell(peer, Signal.ONLINE, {"secure": False})
        return said

    def _answer(self, address: int, function: int) -> ModbusPDU | None:
        heard, end = b"", time.monotonic() + self.timing.reply
        while self._line.up and len(heard) < MOST_HEARD and (left := end - time.monotonic()) > 0:
            self._line.wait(left)
            heard += self._line.read(MOST_HEARD)
            said = answer_in(heard, address)
            if said is not None and said.function_code & 0x7F == function:
                return said
        return None

    def _read(self, peer: _Peer, signal: Signal, said: ModbusPDU | None, count: int) -> None:
        """Report what changed; the first look since the board answers is news whole."""
        if said is None or said.isError() or len(said.bits) < count:
            return
        for number, bit in enumerate(said.bits[:count]):
            flipped = signal is Signal.INPUT and number in peer.board.normally_closed
            active = bool(bit) is not flipped
            if peer.seen.get((signal, number)) is not active:
                peer.seen[signal, number] = active
                self._tell(peer, signal, {"number": number, "active": active})

    def _offline(self, peer: _Peer, reason: str) -> None:
        if peer.online is not False:
            peer.online = False
            self._tell(peer, Signal.OFFLINE, {"reason": reason})
        self._drop(peer)

    def _drop(self, peer: _Peer) -> None:
        while peer.orders:
            self._fail(peer, peer.orders.popleft().command_id, "not_sent")

    def _fail(self, peer: _Peer, command_id: str, reason: str, **more: str) -> None:
        self._tell(peer, Signal.FAILED, {"reason": reason, **more}, command_id)

    def _tell(
        self, peer: _Peer, signal: Signal, data: dict[str, Any], command_id: str | None = None
    ) -> None:
        code, now = peer.board.code, time.monotonic()
        self._events.append(DeviceEvent(code, signal, now, data, command_id))


def build(bus: BusConfig, _keys: KeyStore) -> Driver:
    """The driver of a bus's record; raises ValueError, TypeError where the record is none."""
    return ModbusBus(
        bus.port,
        [
            ModbusBoard(
                device.code,
                device.address,
                outputs=int(device.options.get("outputs", 8)),
                inputs=int(device.options.get("inputs", 8)),
                normally_closed=frozenset(device.options.get("normally_closed", ())),
            )
            for device in bus.devices
        ],
        bus.baud,
    )


def _due(peer: _Peer) -> float:
    if peer.orders:
        return 0.0
    return min(peer.inputs_at, peer.outputs_at) if peer.online else peer.inputs_at


def _order(command: DeviceCommand, board: ModbusBoard) -> _Order:
    """The order of a command; raises ValueError, KeyError, TypeError for what no board can."""
    args = command.args
    output = int(args["output"])
    if not 0 <= output < board.outputs:
        raise ValueError(f"the board has no output {output}")
    if command.verb is Verb.PULSE:
        tenths = int(args["tenths"])
        if not 1 <= tenths <= MOST_TENTHS:
            raise ValueError("a pulse lasts 0.1 to 3276.7 seconds")
        return _Order(command.command_id, pulse(board.address, output, tenths))
    if command.verb is Verb.HOLD:
        on = bool(args["active"])
        return _Order(command.command_id, switch(board.address, output, on=on))
    raise ValueError(f"a relay board cannot {command.verb}")
