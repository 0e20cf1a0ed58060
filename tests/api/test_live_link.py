"""The live link: who may open it, what passes, what was missed, and nothing else."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from scif.console.consumers import SIGNED_OUT
from scif.console.live import journal_head, topics_of
from scif.facilities.models import Facility
from scif.journal.models import Outbox
from scif.journal.sequencing.publisher import GROUP
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.people.models import User
from scif.runtime.postgres import Postgres
from scif.urls import websocket_urlpatterns
from tests.flows.desk_world import seed
from tests.flows.report_world import sequencing

SYSTEM = Actor.system("test")


@pytest.fixture
def journal(committed_database: str, postgres: Postgres, tmp_path: Path) -> Iterator[None]:
    """A seeded database of this test's own whose journal is being sequenced."""
    seed()
    with sequencing(postgres, committed_database, tmp_path):
        yield


def settled() -> int:
    """Wait until the sequencer has given every entry its position; gives the last."""
    for _ in range(100_000):
        if not Outbox.objects.exists():
            return journal_head()
    raise AssertionError("the sequencer does not answer")


def write(facility: str, *kinds: str) -> int:
    """Journal entries for a facility, and wait for their positions."""
    place = Facility.objects.get(code=facility)
    for kind in kinds:
        with transaction.atomic():
            append(kind=kind, actor=SYSTEM, subject=place, facility=place.pk, body={"name": "x"})
    return settled()


def link(login: str | None, facility: str = "ml", query: str = "") -> WebsocketCommunicator:
    place = Facility.objects.get(code=facility)
    application = URLRouter(websocket_urlpatterns)
    communicator = WebsocketCommunicator(application, f"/ws/live/{place.pk}/{query}")
    user = User.objects.get(username=login) if login else AnonymousUser()
    communicator.scope["user"] = user
    return communicator


on_database = database_sync_to_async


@pytest.fixture
async def links() -> AsyncIterator[list[WebsocketCommunicator]]:
    """Links that are closed at the end."""
    opened: list[WebsocketCommunicator] = []
    yield opened
    for communicator in opened:
        await communicator.disconnect()


async def opened(
    links: list[WebsocketCommunicator], login: str, **options: Any
) -> WebsocketCommunicator:
    communicator = await on_database(link)(login, **options)
    connected, _ = await communicator.connect(timeout=10)
    assert connected
    links.append(communicator)
    return communicator


async def heard(communicator: WebsocketCommunicator, kind: str) -> dict[str, Any]:
    """The next message of a type."""
    while True:
        message: dict[str, Any] = await communicator.receive_json_from(timeout=10)
        if message["type"] == kind:
            return message


async def test_a_stranger_and_a_foreigner_are_refused(journal: None) -> None:
    for login in ("m.okafor", "a.nwosu"):
        communicator = await on_database(link)(login)
        connected, _ = await communicator.connect(timeout=10)
        assert not connected, login
    communicator = await on_database(link)(None)
    connected, _ = await communicator.connect(timeout=10)
    assert connected
    assert (await communicator.receive_output(timeout=10))["code"] == SIGNED_OUT


async def test_what_was_missed_is_told_as_topics(
    journal: None, links: list[WebsocketCommunicator]
) -> None:
    before = await on_database(settled)()
    await on_database(write)("b7", "alarm.raised")
    head = await on_database(write)("ml", "visit.arrived", "sweep.required")
    communicator = await opened(links, "e.hughes")
    await communicator.send_json_to({"type": "resume", "after": before})
    message = await heard(communicator, "event")
    assert message == {"type": "event", "position": head, "topics": ["plan", "sweeps", "visits"]}
    assert (await heard(communicator, "beat"))["position"] == head


async def test_the_address_may_say_since_when(
    journal: None, links: list[WebsocketCommunicator]
) -> None:
    before = await on_database(settled)()
    head = await on_database(write)("ml", "badge.issued")
    communicator = await opened(links, "e.hughes", query=f"?since={before}")
    assert (await heard(communicator, "event"))["position"] == head


async def test_too_much_missed_means_fetch_everything(
    journal: None, links: list[WebsocketCommunicator]
) -> None:
    before = await on_database(settled)()
    await on_database(write)("ml", *["door.opened"] * 501)
    communicator = await opened(links, "e.hughes")
    await communicator.send_json_to({"type": "resume", "after": before})
    assert (await heard(communicator, "reset"))["position"] == await on_database(journal_head)()


async def test_a_batch_that_was_lost_is_found_by_its_gap(
    journal: None, links: list[WebsocketCommunicator]
) -> None:
    communicator = await opened(links, "e.hughes")
    await heard(communicator, "beat")
    # Journaled, but never announced; then another is announced.
    await on_database(write)("ml", "sweep.required")
    head = await on_database(write)("ml", "visit.arrived")
    ml = await Facility.objects.aget(code="ml")
    entry = {"position": head, "kind": "visit.arrived", "facility": str(ml.pk), "subject": {}}
    message = {"type": "journal.entries", "entries": [entry]}
    await get_channel_layer().group_send(GROUP, message)
    assert (await heard(communicator, "event"))["topics"] == ["plan", "sweeps", "visits"]


def test_an_unlisted_noun_is_its_own_topic() -> None:
    assert topics_of(["unlock.requested", "alarm.raised"]) == ["alarms", "plan", "unlock"]
