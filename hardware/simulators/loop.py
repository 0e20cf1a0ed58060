"""One thread's clock and ears: what is readable, and what is due."""

import heapq
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count


@dataclass(order=True, slots=True)
class Timer:
    """Something that will be done at ``at`` seconds of the monotonic clock, unless cancelled."""

    at: float
    order: int
    act: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Forget it."""
        self.act = None


class Loop:
    """Everything in a simulator process happens here, one thing after the other."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[Timer] = []
        self._order = count()
        self._running = False

    @staticmethod
    def now() -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def watch(self, fd: int, readable: Callable[[], None]) -> None:
        """Call ``readable`` whenever ``fd`` has something to read or was hung up."""
        self._selector.register(fd, selectors.EVENT_READ, readable)

    def forget(self, fd: int) -> None:
        """Stop watching ``fd``; call it before closing."""
        self._selector.unregister(fd)

    def call_at(self, at: float, act: Callable[[], None]) -> Timer:
        """Do ``act`` at a moment of the monotonic clock; equal moments keep their order."""
        timer = Timer(at, next(self._order), act)
        heapq.heappush(self._timers, timer)
        return timer

    def call_later(self, delay: float, act: Callable[[], None]) -> Timer:
        """Do ``act`` after ``delay`` seconds."""
        return self.call_at(self.now() + delay, act)

    def stop(self) -> None:
        """Let ``run`` return."""
        self._running = False

    def run(self) -> None:
        """Serve until ``stop``."""
        self._running = True
        while self._running:
            self._turn()

    def look(self) -> None:
        """Do what is due now and return, for a thread that has other work too."""
        self._turn(0.0)

    def _turn(self, longest: float | None = None) -> None:
        while self._timers and self._timers[0].act is None:
            heapq.heappop(self._timers)
        wait = max(0.0, self._timers[0].at - self.now()) if self._timers else None
        for key, _ in self._selector.select(wait if longest is None else longest):
            # An earlier callback of this round may have closed the descriptor.
            if key.fd in self._selector.get_map():
                key.data()
        while self._timers and self._timers[0].at <= self.now():
            timer = heapq.heappop(self._timers)
            if timer.act is not None:
                timer.act()
