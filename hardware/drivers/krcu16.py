"""A Kerong KR-CU16 locker board: sixteen locks on one serial line, 19200 baud 8N1.

The board's sum of bytes misses some double errors, and makers' sheets disagree on whether it
answers an unlock. So only status reads count, and only two that agree, one after the other.
"""

import select
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import serial

from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Traffic, Verb
from hardware.drivers.installed import BusConfig
from hardware.drivers.krcu16_frames import LOCKS, Parser, Status, status_request, unlock_request
from scif.kernel.keys import KeyStore

BAUD = 19200
PORT_ERRORS = (serial.SerialException, OSError, termios.error)  # termios.error is no OSError
MAX_WAITING = 2 * LOCKS


@dataclass(frozen=True, slots=True)
class LockerTiming:
    """Times of a locker board, in seconds."""

    poll: float = 0.25  # between status reads
    poll_opening: float = 0.03  # the same while an unlock awaits its confirmation
    reply: float = 0.15  # the board answers a status request within this
    settle: float = 0.03  # after an unlock, what the board may say to it is let pass
    opening: float = 3.0  # a lock that did not open within this is jammed
    retry: float = 1.0  # between attempts to open the port
    misses: int = 3  # status reads unanswered in a row: offline


@dataclass(slots=True)
class _Unlock:
    command_id: str
    lock: int
    sent: float | None = None


class LockerBoard:
    """Driver of one board.

    INVARIANT: an unlock goes onto the wire at most once for each command.
    INVARIANT: a lock's state is reported, and an unlock confirmed, only by two agreeing status
    reads in a row; for an unlock both were asked for after it was sent.
    """

    def __init__(
        self, *, device: str, port: str, board: int = 0, timing: LockerTiming | None = None
    ) -> None:
        self.device = device
        self.port = port
        self.board = board
        self.timing = timing or LockerTiming()
        self._serial: Any = None
        self._parser = Parser()
        self._online: bool | None = None
        self._misses = 0
        self._next_open = 0.0
        self._next_poll = 0.0
        self._reply_by: float | None = None
        self._last_read: int | None = None
        self._shut: list[bool | None] = [None] * LOCKS
        self._unlocks: list[_Unlock] = []
        self._events: list[DeviceEvent] = []
        self._traffic = Traffic()

    def open(self) -> None:
        """Try the port now; `turn` tries again while it is missing."""
        self._open_port(time.monotonic())

    def close(self) -> None:
        """Release the port; what waited is reported by the next `turn`, if there is one."""
        self._offline("closed")

    def traffic(self) -> Mapping[str, Traffic]:
        """Status requests, and those that the board did not answer."""
        return {self.device: self._traffic}

    def submit(self, command: DeviceCommand) -> bool:
        """Take LOCKER_OPEN; any other verb or an impossible lock comes back as FAILED."""
        if not self._online or len(self._unlocks) >= MAX_WAITING:
            return False
        lock = command.args.get("lock")
        if command.verb is not Verb.LOCKER_OPEN:
            self._fail(command.command_id, "unsupported")
        elif not isinstance(lock, int) or not 0 <= lock < LOCKS:
            self._fail(command.command_id, "no_such_lock")
        else:
            self._unlocks.append(_Unlock(command.command_id, lock))
        return True

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        """Ask, listen and report; returns early when there is something to report."""
        end = time.monotonic() + budget
        while True:
            now = time.monotonic()
            if self._serial is None and now >= self._next_open:
                self._open_port(now)
            if self._serial is not None:
                try:
                    self._work(now, end)
                except PORT_ERRORS:
                    self._offline("port_lost")
            elif (pause := min(end, self._next_open) - now) > 0:
                select.select([], [], [], pause)
            if self._events or time.monotonic() >= end:
                break
        events, self._events = self._events, []
        return events

    def _work(self, now: float, end: float) -> None:
        """One step: send what is due, then listen until the next thing is due."""
        if self._reply_by is not None and now >= self._reply_by:
            self._reply_by = None
            self._last_read = None  # only neighbouring reads may agree
            self._misses += 1
            self._traffic.failed += 1
            if self._misses >= self.timing.misses:
                self._no_reply()
        self._expire(now)
        if self._reply_by is None:
            self._send_due(now)
        wake = min(end, self._next_poll if self._reply_by is None else self._reply_by)
        ready, _, _ = select.select([self._serial], [], [], max(0.0, wake - time.monotonic()))
        if ready:
            for status in self._parser.feed(self._serial.read(256)):
                if status.board == self.board and self._reply_by is not None:
                    self._reply_by = None
                    self._believe(status, time.monotonic())

    def _send_due(self, now: float) -> None:
        waiting = next((unlock for unlock in self._unlocks if unlock.sent is None), None)
        if waiting is not None:
            waiting.sent = now
            self._last_read = None
            self._serial.write(unlock_request(self.board, waiting.lock))
            self._next_poll = now + self.timing.settle
        elif now >= self._next_poll:
            self._serial.reset_input_buffer()
            self._parser.reset()
            self._serial.write(status_request(self.board))
            self._traffic.sent += 1
            self._reply_by = now + self.timing.reply
            opening = bool(self._unlocks)
            self._next_poll = now + (self.timing.poll_opening if opening else self.timing.poll)

    def _believe(self, status: Status, now: float) -> None:
        """Take one status read; what it shares with the read before it is true."""
        self._misses = 0
        if not self._online:
            self._online = True
            self._emit(Signal.ONLINE, {"secure": False})
        before, self._last_read = self._last_read, status.shut
        if before is None:
            return
        agreed = ~(before ^ status.shut)
        for lock in range(LOCKS):
            if not agreed >> lock & 1:
                continue
            shut = bool(status.shut >> lock & 1)
            if shut is not self._shut[lock]:
                self._shut[lock] = shut
                self._emit(Signal.LOCKER, {"lock": lock, "shut": shut})
            if not shut:
                self._opened(lock)

    def _opened(self, lock: int) -> None:
        # _last_read was dropped when the unlock was sent, so both reads came after it.
        for unlock in [u for u in self._unlocks if u.lock == lock and u.sent is not None]:
            self._unlocks.remove(unlock)
            self._emit(Signal.DELIVERED, {}, unlock.command_id)

    def _expire(self, now: float) -> None:
        for unlock in [u for u in self._unlocks if u.sent is not None]:
            if unlock.sent is not None and now >= unlock.sent + self.timing.opening:
                self._unlocks.remove(unlock)
                self._fail(unlock.command_id, "jammed")

    def _open_port(self, now: float) -> None:
        self._next_open = now + self.timing.retry
        try:
            self._serial = serial.Serial(
                self.port, BAUD, timeout=0, write_timeout=0.5, exclusive=True
            )
        except PORT_ERRORS:
            self._offline("port_missing")
            return
        self._parser.reset()
        self._reply_by, self._misses, self._next_poll = None, 0, now

    def _offline(self, reason: str) -> None:
        """The port is gone: close it and give up what was under way."""
        port, self._serial = self._serial, None
        if port is not None:
            with suppress(*PORT_ERRORS):  # it may be gone already
                port.close()
        self._reply_by = None
        self._silence(reason)

    def _no_reply(self) -> None:
        """The port is there and the board is not; reads go on and find it when it is back."""
        self._misses = 0
        self._silence("no_reply")

    def _silence(self, reason: str) -> None:
        self._last_read = None
        self._shut = [None] * LOCKS
        for unlock in self._unlocks:
            self._fail(unlock.command_id, "offline" if unlock.sent is None else "unconfirmed")
        self._unlocks.clear()
        if self._online is not False:
            self._online = False
            self._emit(Signal.OFFLINE, {"reason": reason})

    def _fail(self, command_id: str, reason: str) -> None:
        self._emit(Signal.FAILED, {"reason": reason}, command_id)

    def _emit(self, signal: Signal, data: dict[str, Any], command_id: str | None = None) -> None:
        self._events.append(DeviceEvent(self.device, signal, time.monotonic(), data, command_id))


def build(bus: BusConfig, _keys: KeyStore) -> Driver:
    """The driver of a bus's record; raises ValueError where there is not one board."""
    device = bus.only()
    return LockerBoard(device=device.code, port=bus.port, board=device.address)
