"""The live link: who may open it, what passes, what was missed, and nothing else."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from scif.console.consumers import SIGNED_OUT
from scif.console.live import VIEW, journal_head, seen_of, topics_of
from scif.facilities.models import Facility
from scif.journal.sequencing.publisher import GROUP
from scif.journal.services import append, settle
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import facilities_with
from scif.people.models import FacilityRole, User
from scif.runtime.postgres import Postgres
from scif.urls import websocket_urlpatterns
from tests.flows.report_world import sequencing

SYSTEM = Actor.system("test")


@pytest.fixture
def journal(seeded_database: str, postgres: Postgres, tmp_path: Path) -> Iterator[None]:
    """A seeded database of this test's own whose journal is being sequenced."""
    with sequencing(postgres, seeded_database, tmp_path):
        yield


def settled() -> int:
    """Wait until the sequencer has given every entry its position; gives the last."""
    settle(timeout_seconds=60)
    return journal_head()


def write(facility: str, *kinds: str) -> int:
    """Journal entries for a facility, and wait for their positions."""
    place = Facility.objects.get(code=facility)
    for kind in kinds:
        with transaction.atomic():
            append(kind=kind, actor=SYSTEM, subject=place, facility=place.pk, body={"name": "x"})
    return settled()


class Link:
    """The screen's end of a live link, in ASGI's own words."""

    def __init__(self, scope: dict[str, Any]) -> None:
        communicator: Any = ApplicationCommunicator
        self.wire = communicator(URLRouter(websocket_urlpatterns), scope)

    async def output(self) -> dict[str, Any]:
        message: dict[str, Any] = await self.wire.receive_output(timeout=10)
        return message

    async def connect(self) -> bool:
        await self.wire.send_input({"type": "websocket.connect"})
        return bool((await self.output())["type"] == "websocket.accept")

    async def say(self, **message: Any) -> None:
        await self.wire.send_input({"type": "websocket.receive", "text": json.dumps(message)})

    async def heard(self, kind: str) -> dict[str, Any]:
        """The next message of a type."""
        while True:
            output = await self.output()
            message: dict[str, Any] = json.loads(output["text"])
            if message["type"] == kind:
                return message

    async def end(self) -> None:
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wire.wait(timeout=10)


def link(login: str | None, facility: str = "ml", query: str = "") -> Link:
    place = Facility.objects.get(code=facility)
    user = User.objects.get(username=login) if login else AnonymousUser()
    scope = {
        "type": "websocket",
        "path": f"/ws/live/{place.pk}/",
        "query_string": query.encode(),
        "user": user,
    }
    return Link(scope)


on_database = database_sync_to_async


@pytest.fixture
async def links() -> AsyncIterator[list[Link]]:
    """Links that are closed at the end."""
    opened: list[Link] = []
    yield opened
    for each in opened:
        await each.end()


async def opened(links: list[Link], login: str, query: str = "") -> Link:
    screen: Link = await on_database(link)(login, query=query)
    assert await screen.connect()
    links.append(screen)
    return screen


def test_a_look_says_who_may_see_and_how_far_the_journal_is(journal: None) -> None:
    place = Facility.objects.get(code="ml")
    seen = seen_of(place.pk)
    assert seen.head == journal_head()
    may_see = {
        user.pk
        for user in User.objects.filter(is_active=True)
        if facilities_with(Actor.user(user.pk, user.person_id), VIEW).filter(pk=place.pk).exists()
    }
    assert may_see
    assert seen.viewers == may_see


async def test_a_stranger_and_a_foreigner_are_refused(journal: None) -> None:
    for login in ("m.okafor", "a.nwosu"):
        screen = await on_database(link)(login)
        assert not await screen.connect(), login
    screen = await on_database(link)(None)
    assert await screen.connect()
    assert (await screen.output())["code"] == SIGNED_OUT


async def test_what_was_missed_is_told_as_topics(journal: None, links: list[Link]) -> None:
    before = await on_database(settled)()
    await on_database(write)("b7", "alarm.raised")
    head = await on_database(write)("ml", "visit.arrived", "sweep.required")
    screen = await opened(links, "e.hughes")
    await screen.say(type="resume", after=before)
    message = await screen.heard("event")
    assert message == {"type": "event", "position": head, "topics": ["plan", "sweeps", "visits"]}
    assert (await screen.heard("beat"))["position"] == head


async def test_how_busy_another_facility_is_shows_nowhere(journal: None, links: list[Link]) -> None:
    own = await on_database(write)("ml", "visit.arrived")
    await on_database(write)("b7", *["door.opened"] * 7)
    screen = await opened(links, "e.hughes")
    assert (await screen.heard("beat"))["position"] == own
    await screen.say(type="resume", after=own)
    assert (await screen.heard("beat"))["position"] == own


async def test_the_address_may_say_since_when(journal: None, links: list[Link]) -> None:
    before = await on_database(settled)()
    head = await on_database(write)("ml", "badge.issued")
    screen = await opened(links, "e.hughes", query=f"since={before}")
    assert (await screen.heard("event"))["position"] == head


async def test_too_much_missed_means_fetch_everything(journal: None, links: list[Link]) -> None:
    before = await on_database(settled)()
    await on_database(write)("ml", *["door.opened"] * 501)
    screen = await opened(links, "e.hughes")
    await screen.say(type="resume", after=before)
    assert (await screen.heard("reset"))["position"] == await on_database(journal_head)()


async def test_a_batch_that_was_lost_is_found_by_its_gap(journal: None, links: list[Link]) -> None:
    await on_database(settled)()
    screen = await opened(links, "e.hughes")
    await screen.heard("beat")
    # Journaled, but never announced; then another is announced.
    await on_database(write)("ml", "sweep.required")
    head = await on_database(write)("ml", "visit.arrived")
    ml = await Facility.objects.aget(code="ml")
    entry = {"position": head, "kind": "visit.arrived", "facility": str(ml.pk), "subject": {}}
    message = {"type": "journal.entries", "entries": [entry]}
    await get_channel_layer().group_send(GROUP, message)
    assert (await screen.heard("event"))["topics"] == ["plan", "sweeps", "visits"]


async def test_an_open_link_ends_with_the_right_to_it(journal: None, links: list[Link]) -> None:
    screen = await opened(links, "e.hughes")
    await screen.heard("beat")
    await FacilityRole.objects.filter(user__username="e.hughes").aupdate(
        valid_until=now() - timedelta(minutes=1)
    )
    while (output := await screen.output())["type"] == "websocket.send":
        assert json.loads(output["text"])["type"] in {"beat", "event"}
    assert (output["type"], output["code"]) == ("websocket.close", SIGNED_OUT)


async def test_nonsense_is_ignored_and_the_link_stands(journal: None, links: list[Link]) -> None:
    before = await on_database(settled)()
    head = await on_database(write)("ml", "badge.issued")
    screen = await opened(links, "e.hughes", query=f"since={'9' * 5000}")
    deep = '{"type": "resume", "after": ' + "[" * 3000
    for text in ("", "no JSON", "[]", "null", deep, '{"type": "resume", "after": 1e400}'):
        await screen.wire.send_input({"type": "websocket.receive", "text": text})
    await screen.wire.send_input({"type": "websocket.receive", "bytes": b"\xff\x00"})
    for odd in (10**40, -(10**40), "7", None, True, 1.5):
        await screen.say(type="resume", after=odd)
    await screen.say(type="resume", after=before)
    assert (await screen.heard("event"))["position"] == head


def test_an_unlisted_noun_is_its_own_topic() -> None:
    assert topics_of(["unlock.requested", "alarm.raised"]) == ["alarms", "plan", "unlock"]
