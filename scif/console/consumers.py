"""The live link of a screen (static/js/live.js): positions and topics of one facility's journal.

INVARIANT: no name and no text passes here; a screen that is told of a change asks for it itself,
and is asked for its rights again.
"""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from scif.console.feed import MOST_MISSED, News, feed_of
from scif.console.live import VIEW, missed, resumes_after, since_of, topics_of
from scif.kernel.actor import Actor
from scif.people.access import facilities_with
from scif.people.models import User

SIGNED_OUT = 4401
TRY_AGAIN = 1013


class LiveConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """One screen of one facility. Who has no role there is refused before the link opens."""

    channel_layer_alias = ""  # none: the feed hears the journal for all screens
    told: int  # the position that the screen knows
    news: News | None = None
    telling: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        """Open the link for a user who may see the facility."""
        self.facility: UUID = self.scope["url_route"]["kwargs"]["facility"]
        user = self.scope.get("user")
        if not isinstance(user, User) or not user.is_authenticated:
            # A code reaches the browser only over an open link; it then asks for the page again.
            await self.accept()
            await self.close(SIGNED_OUT)
            return
        self.actor = Actor.user(user.pk, user.person_id)
        if not await self._may_see():
            await self.close()
            return
        self.turn = asyncio.Lock()
        self.news, self.feed = News(user.pk), feed_of(self.facility)
        await self.feed.join(self.news)
        self.told = self.feed.told
        await self.accept()
        since = since_of(self.scope.get("query_string", b""))
        if since is not None:
            await self._resume(since)
        self.telling = asyncio.create_task(self._tell(self.news))

    async def disconnect(self, code: int) -> None:
        """End the link."""
        if self.news is not None:
            self.feed.leave(self.news)
        if self.telling is not None:
            self.telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.telling

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        """The screen says up to where it knows; anything else is ignored."""
        after = resumes_after(text_data)
        if after is not None:
            await self._resume(after)

    async def _resume(self, after: int) -> None:
        """INVARIANT: nothing newer is told before what was missed, or a break would lose it."""
        async with self.turn:
            _head, found, last = await database_sync_to_async(missed)(
                self.facility, min(after, self.feed.position), MOST_MISSED
            )
            if found is None:
                await self._say({"type": "reset", "position": last})
            elif found:
                topics = topics_of(kind for _position, kind in found)
                await self._say({"type": "event", "position": found[-1][0], "topics": topics})
            await self._say({"type": "beat", "position": self.told})

    async def _tell(self, news: News) -> None:
        while news.right_is_gone is None:
            await news.wait()
            async with self.turn:
                for message in news.take():
                    await self._say(message)
        await self.close(SIGNED_OUT if news.right_is_gone else TRY_AGAIN)

    async def _say(self, message: dict[str, Any]) -> None:
        # Where a screen caught up by itself, it is ahead of what was found out for all.
        self.told = message["position"] = max(self.told, message["position"])
        await self.send_json(message)

    @database_sync_to_async  # type: ignore[untyped-decorator]  # Channels has no types
    def _may_see(self) -> bool:
        return facilities_with(self.actor, VIEW).filter(pk=self.facility).exists()
