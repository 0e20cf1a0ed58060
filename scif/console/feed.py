"""What the screens of one facility are told, found out once for all of them.

A web process follows the journal once for a facility, however many screens of it are open: what a
batch says, what was lost and who may still see it. A screen has only what it was not told yet.
"""

import asyncio
import logging
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from scif.console.live import facility_head, journal_head, missed, seen_of, topics_of
from scif.journal.sequencing.publisher import GROUP

logger = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
# Beats between two looks into the journal itself: a message may be lost, and so may a right.
LOOK_EVERY: Final = 5
MOST_MISSED: Final = 500


class News:
    """What one screen was not told yet; one that reads slowly gets fewer and fuller messages.

    ``right_is_gone``: None while the feed goes on; then whether that is why it ended.
    """

    def __init__(self, user: UUID) -> None:
        self.user = user
        self.right_is_gone: bool | None = None
        self._told = -1
        self._topics: set[str] = set()
        self._kinds: set[str] = set()
        self._waits = asyncio.Event()

    def begin(self, told: int) -> None:
        """From here on: what came before is what a screen asks for when it resumes."""
        self._told, self._kinds, self._topics = told, set(), set()

    def add(self, kind: str, told: int, topics: list[str] | None = None) -> None:
        """An ``event`` in these regions, a ``beat``, or a ``reset``: too much was missed.

        ``told`` is the position of the facility's last entry, which whoever is told this knows.
        """
        self._told = told
        self._kinds.add(kind)
        self._topics.update(topics or ())
        self._waits.set()

    def end(self, *, right_is_gone: bool) -> None:
        """Nothing more comes."""
        self.right_is_gone = right_is_gone
        self._waits.set()

    async def wait(self) -> None:
        """Until there is something."""
        await self._waits.wait()

    def take(self) -> list[dict[str, Any]]:
        """The messages that say all of it."""
        self._waits.clear()
        kinds, topics = self._kinds, sorted(self._topics)
        self.begin(self._told)
        more: dict[str, dict[str, Any]] = {"reset": {}, "event": {"topics": topics}, "beat": {}}
        return [
            {"type": kind, "position": self._told, **fields}
            for kind, fields in more.items()
            if kind in kinds
        ]


class Feed:
    """Follows the journal for the screens that have joined, from the first one to the last."""

    def __init__(self, facility: UUID) -> None:
        self.facility = facility
        # Up to where the journal has been looked through, and where the facility's own last entry
        # is: screens are told the latter alone, for the former tells how busy every other one is.
        self.position = -1
        self.told = -1
        self._screens: set[News] = set()
        self._follows = asyncio.Event()
        self._gap = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def join(self, screen: News) -> None:
        """Tell it whatever comes from now on."""
        self._screens.add(screen)
        if self._task is None:
            self._task = asyncio.create_task(self._follow())
            self._task.add_done_callback(self._over)
        await self._follows.wait()
        screen.begin(self.told)

    def leave(self, screen: News) -> None:
        """Tell it nothing any more."""
        self._screens.discard(screen)
        if not self._screens and self._task is not None:
            _forget(self)
            self._task.cancel()

    def _over(self, task: asyncio.Task[None]) -> None:
        """INVARIANT: no screen keeps a link to a feed that follows no more: it links anew."""
        _forget(self)
        self._follows.set()
        if not task.cancelled():
            logger.error("a live feed broke off", exc_info=task.exception())
        for screen in self._screens:
            screen.end(right_is_gone=False)

    async def _follow(self) -> None:
        self.position, self.told = await database_sync_to_async(_heads)(self.facility)
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        self._follows.set()
        self._gap.set()  # what came before it listened
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear(layer, channel))
                tasks.create_task(self._fill())
                tasks.create_task(self._beat())
        finally:
            await layer.group_discard(GROUP, channel)

    async def _hear(self, layer: Any, channel: str) -> None:
        """The sequencer's batches; a gap before one is filled from the journal."""
        while True:
            entries = (await layer.receive(channel))["entries"]
            if entries[0]["position"] > self.position + 1:
                self._gap.set()
                continue
            new = [each for each in entries if each["position"] > self.position]
            own = [each for each in new if each["facility"] == str(self.facility)]
            self.position = max(self.position, entries[-1]["position"])
            self._tell([(each["position"], each["kind"]) for each in own])

    async def _fill(self) -> None:
        while True:
            await self._gap.wait()
            self._gap.clear()
            await self._look()

    async def _beat(self) -> None:
        count = 0
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            count += 1
            if count % LOOK_EVERY == 0:
                seen = await database_sync_to_async(seen_of)(self.facility)
                for screen in self._screens:
                    if screen.user not in seen.viewers:
                        screen.end(right_is_gone=True)
                if seen.head > self.position:
                    await self._look()
            for screen in self._screens:
                screen.add("beat", self.told)

    async def _look(self) -> None:
        """Read the journal from the position on."""
        head, found, last = await database_sync_to_async(missed)(
            self.facility, self.position, MOST_MISSED
        )
        self.position = max(self.position, head)
        if found is not None:
            self._tell(found)
            return
        self.told = max(self.told, last)
        for screen in self._screens:
            screen.add("reset", self.told)

    def _tell(self, entries: list[tuple[int, str]]) -> None:
        if not entries:
            return
        self.told = max(self.told, entries[-1][0])
        topics = topics_of(kind for _position, kind in entries)
        for screen in self._screens:
            screen.add("event", self.told, topics)


# A feed's tasks are of the event loop that its screens are served in.
_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[UUID, Feed]] = WeakKeyDictionary()


def feed_of(facility: UUID) -> Feed:
    """The feed of a facility, to be joined."""
    mine = _feeds.setdefault(asyncio.get_running_loop(), {})
    return mine.setdefault(facility, Feed(facility))


def _forget(feed: Feed) -> None:
    """Whoever comes next gets another one."""
    for mine in _feeds.values():
        if mine.get(feed.facility) is feed:
            del mine[feed.facility]


def _heads(facility: UUID) -> tuple[int, int]:
    return journal_head(), facility_head(facility)
