"""What every board of electric locks on a serial line has in common, whatever bytes it speaks.

The sheets of such boards disagree on what they say to an unlock, and their frames are checked
weakly or not at all. So only status reads count, and only two that agree, one after the other.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hardware.drivers.base import DeviceCommand, DeviceEvent, Signal, Traffic, Verb
from hardware.drivers.serial_line import SerialLine

MOST_HEARD = 256  # bytes of one answer


@dataclass(frozen=True, slots=True)
class LockTiming:
    """How a board is spoken to, in seconds. How long a lock may take comes with each order."""

    poll: float = 0.25  # between two questions
    poll_opening: float = 0.03  # the same while an unlock awaits its confirmation
    reply: float = 0.15  # the board answers within this
    settle: float = 0.05  # after an unlock, what the board may say to it is let pass
    retry: float = 1.0  # between attempts at a port that is missing
    misses: int = 3  # questions unanswered in a row: offline


@dataclass(slots=True)
class _Unlock:
    command_id: str
    lock: int
    seconds: float  # a lock that did not open within this is jammed
    sent: float | None = None


class LockBoard(ABC):
    """Driver of one board; what it says and understands is its subclass's.

    INVARIANT: an unlock goes onto the wire at most once for each command.
    INVARIANT: a lock's state is reported, and an unlock confirmed, only by two agreeing status
    reads in a row; for an unlock both were asked for after it was sent.
    """

    def __init__(
        self,
        *,
        device: str,
        port: str,
        baud: int,
        address: int,
        locks: int,
        timing: LockTiming,
    ) -> None:
        self.device = device
        self.address = address
        self.locks = locks
        self.timing = timing
        self._line = SerialLine(port, baud)
        self._online: bool | None = None
        self._misses = 0
        self._reopen_at = self._ask_at = 0.0
        self._last: list[bool | None] = [None] * locks
        self._shut: list[bool | None] = [None] * locks
        self._unlocks: list[_Unlock] = []
        self._events: list[DeviceEvent] = []
        self._traffic = Traffic()

    # The subclass's

    @abstractmethod
    def unlock_request(self, lock: int) -> bytes:
        """Release one lock, from 0."""

    @abstractmethod
    def question(self, opening: int | None) -> tuple[bytes, Collection[int]]:
        """What to ask next, and of which locks; ``opening`` is one that waits to be confirmed."""

    @abstractmethod
    def answer(self, heard: bytes, asked: Collection[int]) -> Mapping[int, bool] | None:
        """Which of the locks are shut, by what was heard so far; None while it is no answer."""

    # The driver's protocol

    def open(self) -> None:
        """Begin; a port that is missing is tried again in every turn."""
        self._keep_port(time.monotonic())

    def close(self) -> None:
        """Release the port; what waited is reported by the next `turn`, if there is one."""
        self._line.close()
        self._silence("closed")

    def traffic(self) -> Mapping[str, Traffic]:
        """Questions asked, and those without an answer."""
        return {self.device: self._traffic}

    def submit(self, command: DeviceCommand) -> bool:
        """Take LOCKER_OPEN; any other verb or impossible arguments come back as FAILED."""
        if not self._online or len(self._unlocks) >= 2 * self.locks:
            return False
        lock, seconds = command.args.get("lock"), command.args.get("seconds")
        if command.verb is not Verb.LOCKER_OPEN:
            self._fail(command.command_id, "unsupported")
        elif not isinstance(lock, int) or not 0 <= lock < self.locks:
            self._fail(command.command_id, "no_such_lock")
        elif not isinstance(seconds, int | float):
            self._fail(command.command_id, "impossible")
        else:
            self._unlocks.append(_Unlock(command.command_id, lock, seconds))
        return True

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        """Ask, listen and report; returns early when there is something to report."""
        end = time.monotonic() + budget
        while True:
            now = time.monotonic()
            self._keep_port(now)
            self._expire(now)
            due = self._ask_at if self._line.up else self._reopen_at
            if self._line.up and due <= now:
                self._work(now)
            elif (pause := min(end, due) - now) > 0:
                self._line.wait(pause)
            if self._events or time.monotonic() >= end:
                break
        events, self._events = self._events, []
        return events

    # One step

    def _work(self, now: float) -> None:
        waiting = next((unlock for unlock in self._unlocks if unlock.sent is None), None)
        if waiting is not None:
            waiting.sent = now
            self._last[waiting.lock] = None  # both reads that confirm it come after it
            self._ask_at = now + self.timing.settle
            self._line.write(self.unlock_request(waiting.lock))
        else:
            opening = next((each.lock for each in self._unlocks), None)
            pause = self.timing.poll if opening is None else self.timing.poll_opening
            self._ask_at = now + pause
            self._ask(opening)
        if not self._line.up:
            self._silence("port_lost")

    def _ask(self, opening: int | None) -> None:
        question, asked = self.question(opening)
        # What came late, to a question of before, is thrown away: answers carry no number.
        self._line.discard()
        if not self._line.write(question):
            return
        self._traffic.sent += 1
        shut = self._hear(asked)
        if shut is None:
            self._unanswered(asked)
            return
        self._misses = 0
        if not self._online:
            self._online = True
            self._emit(Signal.ONLINE, {"secure": False})
        for lock, is_shut in shut.items():
            before, self._last[lock] = self._last[lock], is_shut
            if before is is_shut:
                self._believe(lock, shut=is_shut)

    def _hear(self, asked: Collection[int]) -> Mapping[int, bool] | None:
        heard, end = b"", time.monotonic() + self.timing.reply
        while self._line.up and (left := end - time.monotonic()) > 0 and len(heard) < MOST_HEARD:
            self._line.wait(left)
            heard += self._line.read(MOST_HEARD)
            shut = self.answer(heard, asked)
            if shut is not None:
                return shut
        return None

    def _unanswered(self, asked: Collection[int]) -> None:
        self._traffic.failed += 1
        self._misses += 1
        for lock in asked:
            self._last[lock] = None  # only neighbouring reads may agree
        if self._misses >= self.timing.misses:
            self._misses = 0
            self._silence("no_reply")

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
            if unlock.sent is not None and now >= unlock.sent + unlock.seconds:
                self._unlocks.remove(unlock)
                self._fail(unlock.command_id, "jammed")

    def _keep_port(self, now: float) -> None:
        if not self._line.up and now >= self._reopen_at:
            self._reopen_at = now + self.timing.retry
            if self._line.open():
                self._ask_at = now
            else:
                self._silence("port_missing")

    def _silence(self, reason: str) -> None:
        """The board is not there: give up what was under way, and say so once."""
        self._last = [None] * self.locks
        self._shut = [None] * self.locks
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
