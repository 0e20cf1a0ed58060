"""Bytes that may still pass: budgets, shared by all who draw on them, and a session's rate cap."""

import asyncio
from collections.abc import Callable

from terminals.bastion.ledger import Ledger, LedgerError

# Of what is left one promise takes this part at most, so that a crash, after which every byte that
# was promised counts as passed, never eats up a small budget; near its end promises are this small.
PART_OF_LEFT = 16
PART_OF_LEASE = 64


class Budget:
    """The bytes of one engagement or model, over all its sessions and channels.

    INVARIANT: ``passed`` ≤ what the ledger has promised, and ``passed`` never grows beyond
    ``limit``. ``changed`` is called when more is ready or the limit has moved, ``failed`` when
    the ledger takes no promise.
    """

    def __init__(
        self,
        key: str,
        known: int,
        ledger: Ledger,
        lease: int,
        *,
        changed: Callable[["Budget"], None],
        failed: Callable[["Budget"], None],
    ) -> None:
        self.key = key
        self.limit = 0
        self.passed = known
        self._promised = known
        self._ledger = ledger
        self._lease = lease
        self._changed = changed
        self._failed = failed
        self._asking: asyncio.Task[None] | None = None

    def told(self, limit: int, charged: int = 0) -> None:
        """What the control plane says; what it knows to have passed is never taken back."""
        self.limit = limit
        if charged > self.passed:
            # The promise lies behind: nothing is ready until one is written that covers it.
            self.passed = charged
        self.prepare()

    @property
    def ready(self) -> int:
        """Bytes that may pass at this moment."""
        return max(0, min(self._promised, self.limit) - self.passed)

    @property
    def used_up(self) -> bool:
        """Whether no byte is left."""
        return self.passed >= self.limit

    @property
    def percent(self) -> int:
        """How much of the limit has passed, rounded down."""
        return 100 if self.used_up else self.passed * 100 // self.limit

    def take(self, amount: int) -> None:
        """Count bytes that pass now; at most ``ready``."""
        if amount > self.ready:
            raise ValueError(f"{self.key}: {amount} bytes of {self.ready}")
        self.passed += amount
        self.prepare()

    def prepare(self) -> None:
        """See that the next promise is written before this one is used up."""
        short = self._promised - self.passed < self._step / 2 and self._promised < self.limit
        if short and not self.used_up and self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    @property
    def _step(self) -> int:
        """How many bytes are promised ahead of those that passed."""
        least = max(1, self._lease // PART_OF_LEASE)
        return max(least, min(self._lease, (self.limit - self.passed) // PART_OF_LEFT))

    async def _ask(self) -> None:
        amount = min(self.limit, self.passed + self._step)
        try:
            await self._ledger.promise(self.key, amount)
        except LedgerError:
            self._failed(self)
            return
        finally:
            self._asking = None
        self._promised = max(self._promised, amount)
        self.prepare()
        self._changed(self)


class Rate:
    """A token bucket: over any time t at most ``burst + rate * t`` bytes pass."""

    def __init__(self, rate: int, burst: int, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()

    @property
    def ready(self) -> int:
        """Bytes that may pass at this moment."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return int(self._tokens)

    def take(self, amount: int) -> None:
        """Count bytes that pass now."""
        self._tokens -= amount

    def told(self, rate: int, burst: int) -> None:
        """Other numbers from now on. What was saved up beyond the new burst is lost."""
        saved = self.ready
        self._rate, self._burst = rate, burst
        self._tokens = min(float(saved), float(burst))

    def wait(self, amount: int) -> float:
        """Seconds until so many bytes, or a full burst, may pass."""
        return max(0.0, min(amount, self._burst) - self._tokens) / self._rate
