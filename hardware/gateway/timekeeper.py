"""The centre's time between its words: by a clock that nobody sets, and over restarts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from scif.kernel.clock import Clock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timekeeper:
    """What the centre's clock shows, as far as it was heard since the machine started.

    ``base`` is what it would have shown when monotonic time began, in milliseconds since 1970; a
    run finds that of the run before in its sign of life.
    """

    def __init__(self, clock: Clock, monotonic: Callable[[], float], base: int | None) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self.base = base

    def told(self, theirs: datetime, at: float) -> None:
        """The centre's clock showed this at that monotonic time."""
        self.base = (theirs - EPOCH) // timedelta(milliseconds=1) - round(at * 1000)

    def now(self) -> datetime | None:
        """The centre's time; None where it was not heard since the machine started."""
        if self.base is None:
            return None
        return EPOCH + timedelta(milliseconds=self.base + round(self._monotonic() * 1000))

    def off(self) -> float | None:
        """By how many seconds this machine's clock is off; None where nobody can tell."""
        now = self.now()
        return None if now is None else abs((self._clock() - now).total_seconds())
