"""What screens share: one feed for all of a facility, and what happens to them when it ends."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.layers import get_channel_layer

from scif.console.consumers import TRY_AGAIN
from scif.console.feed import Feed, News, feed_of
from scif.facilities.models import Facility
from scif.journal.sequencing.publisher import GROUP
from tests.api.test_live_link import Link, journal, on_database, opened, settled, write

__all__ = ["journal"]


@pytest.fixture
async def links() -> AsyncIterator[list[Link]]:
    """Links that are closed at the end."""
    made: list[Link] = []
    yield made
    for each in made:
        await each.end()


async def feed() -> Feed:
    facility = await Facility.objects.aget(code="ml")
    return feed_of(facility.pk)


async def test_who_reads_slowly_gets_fewer_and_fuller_messages() -> None:
    news = News(uuid.uuid4())
    news.add("event", 7, ["visits"])
    news.add("beat", 7)
    news.add("event", 9, ["doors", "visits"])
    await news.wait()
    assert news.take() == [
        {"type": "event", "position": 9, "topics": ["doors", "visits"]},
        {"type": "beat", "position": 9},
    ]
    assert news.take() == []


async def test_who_begins_is_told_nothing_of_before() -> None:
    news = News(uuid.uuid4())
    news.add("event", 7, ["visits"])
    news.begin(8)
    assert news.take() == []
    news.add("beat", 8)
    assert news.take() == [{"type": "beat", "position": 8}]


async def test_all_screens_hear_it_and_the_feed_ends_with_the_last(
    journal: None, links: list[Link]
) -> None:
    await on_database(settled)()
    screens = [await opened(links, "e.hughes") for _ in range(3)]
    shared = await feed()
    head = await on_database(write)("ml", "visit.arrived")
    for screen in screens:
        assert (await screen.heard("event"))["position"] == head
    assert await feed() is shared
    while links:
        await links.pop().end()
    assert await feed() is not shared


async def test_a_feed_that_breaks_off_ends_its_links_and_the_next_gets_another(
    journal: None, links: list[Link]
) -> None:
    await on_database(settled)()
    screen = await opened(links, "e.hughes")
    await screen.heard("beat")
    await get_channel_layer().group_send(GROUP, {"type": "journal.entries"})
    while (output := await screen.output())["type"] == "websocket.send":
        assert json.loads(output["text"])["type"] in {"beat", "event"}
    said: dict[str, Any] = output
    assert (said["type"], said["code"]) == ("websocket.close", TRY_AGAIN)
    again = await opened(links, "e.hughes")
    await again.heard("beat")
