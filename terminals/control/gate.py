"""How much one address may take of where laptops ask, so that it delays no other. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one laptop may take from the others.

    ``connections`` at once in all, and ``of_address`` from one; ``questions`` of an address at
    once, and as many again after ``seconds``.
    """

    connections: int
    of_address: int
    questions: int
    seconds: float


class Gate:
    """Who may ask now, by address; counts what it lets in. Times are of ``clock``, in seconds."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._talking: Counter[str] = Counter()
        self._tokens: dict[str, tuple[float, float]] = {}  # left, and when that was

    @contextmanager
    def place(self, address: str) -> Iterator[bool]:
        """A place for one question while it lasts; False where there is none."""
        free = (
            self._talking.total() < self._limits.connections
            and self._talking[address] < self._limits.of_address
        )
        if not (free and self._takes(address)):
            yield False
            return
        self._talking[address] += 1
        try:
            yield True
        finally:
            self._talking[address] -= 1
            if not self._talking[address]:
                del self._talking[address]

    def _takes(self, address: str) -> bool:
        now, most = self._clock(), float(self._limits.questions)
        for known in [each for each in self._tokens if self._left(each, now) >= most]:
            del self._tokens[known]  # has all again: nothing to remember
        left = self._left(address, now)
        if left >= 1:
            self._tokens[address] = (left - 1, now)
        return left >= 1

    def _left(self, address: str, now: float) -> float:
        most = float(self._limits.questions)
        left, at = self._tokens.get(address, (most, now))
        return min(most, left + (now - at) * most / self._limits.seconds)
