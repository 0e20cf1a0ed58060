"""The one source of wall-clock time. Rules never call it: they take time as an argument."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The system's time, aware, in UTC."""
    return datetime.now(UTC)


_clock: ContextVar[Clock] = ContextVar("clock", default=system_clock)


def now() -> datetime:
    """The time now, aware, in UTC, by the clock of this context."""
    return _clock.get()()


@contextmanager
def clock_set(clock: Clock) -> Iterator[None]:
    """Use another clock within a block: seeding a week of history, tests, simulation."""
    token = _clock.set(clock)
    try:
        yield
    finally:
        _clock.reset(token)
