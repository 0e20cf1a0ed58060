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

from scif.console.live import (
    VIEW,
    facility_head,
    journal_head,
    missed,
    resumes_after,
    seen_of,
    since_of,
    topics_of,
)
from scif.journal.sequencing.publisher import GROUP
from scif.kernel.actor import Actor
from scif.people.access import facilities_with
from scif.people.models import User

SIGNED_OUT = 4401
BEAT_SECONDS = 1.0
# Beats between two looks into the journal itself: a message may be lost, and so may a right.
LOOK_EVERY = 5
MOST_MISSED = 500


class LiveConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """One screen of one facility. Who has no role there is refused before the link opens."""

    facility: UUID
    # Up to where the journal has been looked through, and where the facility's own last entry is:
    # the screen is told the latter alone, for the former tells how busy every other facility is.
    position: int
    told: int
    beating: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        """Open the link for a user who may see the facility."""
        self.facility = self.scope["url_route"]["kwargs"]["facility"]
        user = self.scope.get("user")
        if not isinstance(user, User) or not user.is_authenticated:
            # A code reaches the browser only over an open link; it then asks for the page again.
            await self.accept()
            await self.close(SIGNED_OUT)
            return
        self.actor = Actor.user(user.pk, user.person_id)
        if not await self._begun():
            await self.close()
            return
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        since = since_of(self.scope.get("query_string", b""))
        if since is not None:
            await self._resume(since)
        self.beating = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        """End the link."""
        if self.beating is not None:
            self.beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.beating
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        """The screen says up to where it knows; anything else is ignored."""
        after = resumes_after(text_data)
        if after is not None:
            await self._resume(after)

    async def journal_entries(self, message: dict[str, Any]) -> None:
        """A batch of the sequencer's; a gap before it is filled from the journal."""
        entries = message["entries"]
        if entries[0]["position"] > self.position + 1:
            await self._look()
            return
        own = [(e["position"], e["kind"]) for e in entries if e["facility"] == str(self.facility)]
        self.position = max(self.position, entries[-1]["position"])
        await self._tell(own)

    async def _resume(self, after: int) -> None:
        self.position = min(after, self.position)
        await self._look()
        await self._say("beat")

    async def _look(self) -> None:
        """Read the journal from the position on."""
        head, found, last = await database_sync_to_async(missed)(
            self.facility, self.position, MOST_MISSED
        )
        self.position = max(self.position, head)
        if found is None:
            self.told = last
            await self._say("reset")
        else:
            await self._tell(found)

    async def _tell(self, entries: list[tuple[int, str]]) -> None:
        if entries:
            self.told = max(self.told, entries[-1][0])
            await self._say("event", topics=topics_of(kind for _position, kind in entries))

    async def _say(self, kind: str, **more: Any) -> None:
        await self.send_json({"type": kind, "position": self.told, **more})

    async def _beat(self) -> None:
        count = 0
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            count += 1
            if count % LOOK_EVERY == 0:
                seen = await database_sync_to_async(seen_of)(self.facility)
                if self.actor.user_id not in seen.viewers:
                    await self.close(SIGNED_OUT)
                    return
                if seen.head > self.position:
                    await self._look()
            await self._say("beat")

    @database_sync_to_async  # type: ignore[untyped-decorator]  # Channels has no types
    def _begun(self) -> bool:
        """Where the screen begins; False for a user who may not see the facility."""
        if not facilities_with(self.actor, VIEW).filter(pk=self.facility).exists():
            return False
        self.position, self.told = journal_head(), facility_head(self.facility)
        return True
