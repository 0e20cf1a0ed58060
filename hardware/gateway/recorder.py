"""Two ways to write down: an intent, without which nothing happens, and a fact, which has."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from hardware.gateway.edge_journal import Draft, EdgeError, EdgeFull, EdgeJournal, StatePut

logger = logging.getLogger(__name__)
MOST_WAITING = 100_000


class Recorder:
    """Writes to the edge journal; facts that it cannot take wait in memory, in their order.

    INVARIANT: while a fact waits, no intent is written, so that the journal keeps the order of
    events and nothing is granted that could not be recorded.
    """

    def __init__(self, journal: EdgeJournal) -> None:
        self._journal = journal
        self._waiting: deque[tuple[Sequence[Draft], Sequence[StatePut]]] = deque()
        self._lock = threading.Lock()
        self.lost = 0

    @property
    def waiting(self) -> int:
        """Facts that are not durable yet."""
        return len(self._waiting)

    @property
    def clock_offset_ms(self) -> int | None:
        """How far the centre's clock is ahead, as far as it was ever heard."""
        return self._journal.clock_offset_ms

    def intent(self, drafts: Sequence[Draft], puts: Sequence[StatePut] = ()) -> None:
        """Make an intent durable before it is acted upon; raises EdgeError, and then do not act."""
        if self._waiting and not self.flush():
            raise EdgeFull("earlier events are not durable yet")
        self._journal.append(drafts, puts, needs_reserve=True)

    def fact(self, drafts: Sequence[Draft], puts: Sequence[StatePut] = ()) -> bool:
        """Write what has happened; never raises. Tells whether it is durable."""
        if not self._waiting:
            try:
                self._journal.append(drafts, puts)
            except EdgeError as error:
                logger.error("the edge journal takes no entry: %s", error)  # noqa: TRY400  expected, and frequent then
            else:
                return True
        dated = [replace(d, occurred_at=d.occurred_at or self._journal.clock()) for d in drafts]
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append((dated, puts))
            else:
                self.lost += 1
        return self.flush()

    def flush(self) -> bool:
        """Write what waits; True if nothing does any more."""
        with self._lock:
            while self._waiting:
                drafts, puts = self._waiting[0]
                try:
                    self._journal.append(drafts, puts)
                except EdgeError:
                    return False
                self._waiting.popleft()
            if self.lost:
                lost = Draft("gateway.events_lost", {"count": self.lost})
                try:
                    self._journal.append([lost])
                except EdgeError:
                    return False
                self.lost = 0
            return True
