"""What the bastion has told and nobody has kept yet."""

import asyncio
from collections import deque
from typing import Any

from terminals.bastion.wire import Message

# What comes at regular intervals, of every session, and the word that a new link has told all that:
# what is then settled stands on the counts before it.
REPORTS = frozenset({"bytes", "features", "caught_up"})


class Backlog:
    """Events in their order, and before reports; of counts, told whole each time, only the last.

    A full house reports more than a slow database takes: then counts are late, and neither an end
    of a session nor whoever waits for it is. Of a session that is over nothing is counted any more,
    and a budget's count that comes after its end holds no more than what that told.
    """

    def __init__(self) -> None:
        self._events: deque[Message | asyncio.Event] = deque()
        self._reports: deque[Message] = deque()
        self._counts: dict[str, Any] | None = None  # the one among the reports
        self._news = asyncio.Event()

    def put(self, message: Message) -> None:
        """Keep this too."""
        if message["tell"] not in REPORTS:
            self._events.append(message)
        elif message["tell"] != "bytes":
            self._reports.append(message)
        elif self._counts is None:
            self._counts = {**message, "grants": dict(message["grants"]),
                            "budgets": dict(message["budgets"])}  # fmt: skip
            self._reports.append(self._counts)
        else:
            self._counts["grants"] |= message["grants"]
            self._counts["budgets"] |= message["budgets"]
        self._news.set()

    async def next(self) -> Message:
        """What is to be kept now. Whoever asks again has kept it; one asks."""
        while True:
            if self._events:
                first = self._events.popleft()
                if not isinstance(first, asyncio.Event):
                    return first
                first.set()
            elif self._reports:
                report = self._reports.popleft()
                if report is self._counts:
                    self._counts = None
                return report
            else:
                self._news.clear()
                await self._news.wait()

    async def events_kept(self) -> None:
        """Wait until every event that was told by now is kept, and for none that comes after it."""
        reached = asyncio.Event()
        self._events.append(reached)
        self._news.set()
        await reached.wait()
