"""A Winnsen locker board: sixteen locks on one serial line, 9600 baud 8N1.

A frame is ``90 06 FUNCTION STATION LOCK 03``, locks from 1; function 05 opens a lock, 12 asks for
one. A status answer is ``90 07 92 STATION LOCK STATE 03``, by some sources with state before lock;
since the lock that was asked for is known, both are read. Nothing on this line is checked by a sum,
so here as at the KR-CU16 only status reads count, and only two that agree.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Traffic, Verb
from hardware.drivers.installed import BusConfig
from hardware.drivers.serial_line import SerialLine
from scif.kernel.keys import KeyStore

BAUD = 9600
LOCKS = 16
HEAD, END = 0x90, 0x03
OPEN, ASK, STATUS = 0x05, 0x12, 0x92
ANSWER_BYTES = 7
MAX_WAITING = 2 * LOCKS


@dataclass(frozen=True, slots=True)
class WinnsenTiming:
    """Times of a board, in seconds."""

    poll: float = 0.03  # between two questions; each is for one lock
    reply: float = 0.15  # the board answers within this
    settle: float = 0.05  # after an unlock, what the board may say to it is let pass
    opening: float = 3.0  # a lock that did not open within this is jammed
    retry: float = 1.0  # between attempts at a port that is missing
    misses: int = 3  # questions unanswered in a row: offline


@dataclass(slots=True)
class _Unlock:
    command_id: str
    lock: int
    sent: float | None = None


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


class WinnsenBoard:
    """Driver of one board.

    INVARIANT: an unlock goes onto the wire at most once for each command.
    """

    def __init__(
        self, *, device: str, port: str, station: int = 1, timing: WinnsenTiming | None = None
    ) -> None:
        self.device = device
        self.station = station
        self.timing = timing or WinnsenTiming()
        self._line = SerialLine(port, BAUD)
        self._online: bool | None = None
        self._misses = 0
        self._reopen_at = self._ask_at = 0.0
        self._turns = deque(range(LOCKS))
        self._last: list[bool | None] = [None] * LOCKS
        self._shut: list[bool | None] = [None] * LOCKS
        self._unlocks: list[_Unlock] = []
        self._events: list[DeviceEvent] = []
        self._traffic = Traffic()

    def open(self) -> None:
        """Begin; a port that is missing is tried again in every turn."""
        self._keep_port(time.monotonic())

    def close(self) -> None:
        """Release the port."""
        self._line.close()
        self._silence("closed")

    def traffic(self) -> Mapping[str, Traffic]:
        """Questions asked, and those without an answer."""
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
            self._keep_port(now)
            self._expire(now)
            due = self._ask_at if self._line.up else end
            if self._line.up and due <= now:
                self._work(now)
            elif (pause := min(end, due) - now) > 0:
                self._line.wait(pause)
            if self._events or time.monotonic() >= end:
                break
        events, self._events = self._events, []
        return events

    def _work(self, now: float) -> None:
        waiting = next((unlock for unlock in self._unlocks if unlock.sent is None), None)
        if waiting is not None:
            waiting.sent = now
            self._last[waiting.lock] = None  # both reads that confirm it come after it
            self._ask_at = now + self.timing.settle
            self._line.write(unlock_request(self.station, waiting.lock))
        else:
            self._ask_at = now + self.timing.poll
            self._ask(self._next())
        if not self._line.up:
            self._silence("port_lost")

    def _next(self) -> int:
        """The locks that are opening first, the others in their turn."""
        opening = next((unlock.lock for unlock in self._unlocks if unlock.sent is not None), None)
        self._turns.rotate(-1)
        return self._turns[0] if opening is None else opening

    def _ask(self, lock: int) -> None:
        self._line.discard()
        if not self._line.write(status_request(self.station, lock)):
            return
        self._traffic.sent += 1
        shut = self._answer(lock)
        if shut is None:
            self._traffic.failed += 1
            self._misses += 1
            self._last[lock] = None  # only neighbouring reads may agree
            if self._misses >= self.timing.misses:
                self._misses = 0
                self._silence("no_reply")
            return
        self._misses = 0
        if not self._online:
            self._online = True
            self._emit(Signal.ONLINE, {"secure": False})
        before, self._last[lock] = self._last[lock], shut
        if before is shut:
            self._believe(lock, shut=shut)

    def _answer(self, lock: int) -> bool | None:
        heard, end = b"", time.monotonic() + self.timing.reply
        while self._line.up and (left := end - time.monotonic()) > 0 and len(heard) < 64:
            self._line.wait(left)
            heard += self._line.read(64)
            shut = shut_in(heard, self.station, lock)
            if shut is not None:
                return shut
        return None

    def _believe(self, lock: int, *, shut: bool) -> None:
        if shut is not self._shut[lock]:
            self._shut[lock] = shut
            self._emit(Signal.LOCKER, {"lock": lock, "shut": shut})
        if not shut:
            for unlock in [u for u in self._unlocks if u.lock == lock and u.sent is not None]:
                self._unlocks.remove(unlock)
                self._emit(Signal.DELIVERED, {}, unlock.command_id)

    def _expire(self, now: float) -> None:
        for unlock in list(self._unlocks):
            if unlock.sent is not None and now >= unlock.sent + self.timing.opening:
                self._unlocks.remove(unlock)
                self._fail(unlock.command_id, "jammed")

    def _keep_port(self, now: float) -> None:
        if not self._line.up and now >= self._reopen_at:
            self._reopen_at = now + self.timing.retry
            if not self._line.open():
                self._silence("port_missing")

    def _silence(self, reason: str) -> None:
        self._last = [None] * LOCKS
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
    return WinnsenBoard(device=device.code, port=bus.port, station=device.address)
