"""What two people let in is at the harness, in the session of its engagement: by stock `ssh`."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from access.models import Engagement
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.runtime.postgres import Postgres
from terminals.models import AirlockItem, Direction, EngagementTerms
from terminals.services.airlock import airlock_bring, airlock_draft, airlock_seal
from terminals.services.airlock_check import airlock_approve
from terminals.services.airlock_release import airlock_release
from terminals.services.airlock_vault import inbox_deliver
from tests.flows.desk_world import actor_named
from tests.flows.laptop_site import Site, laptop_site
from tests.flows.session_world import Room
from tests.harness.rig import running, stand_in_policy

OTHER = "E-OTHER"
JOB = {"name": "Brought along", "steps": [{"probe": "surprise", "prompt": "the cat"}]}

pytestmark = pytest.mark.ssh


@pytest.fixture
def site(tmp_path: Path, postgres: Postgres, seeded_database: str) -> Iterator[Site]:
    with laptop_site(tmp_path, postgres, seeded_database) as made:
        yield made


def engagement_of(room: Room) -> Engagement:
    return Engagement.objects.select_related("sponsor__officer__user").get(
        pk=room.store.world.visit.booking.engagement_id
    )


def sealed(room: Room, data: bytes) -> AirlockItem:
    """The auditor brings something in; it waits for its checkers."""
    author = actor_named(room.store.world.visit.person.user.username)
    item = airlock_draft(
        engagement_id=engagement_of(room).pk, direction=Direction.INTAKE, title="Probes",
        actor=author,
    )  # fmt: skip
    airlock_bring(item_id=item.pk, name="probes.json", data=data, actor=author)
    airlock_seal(item_id=item.pk, context="For chapter 1", actor=author)
    return AirlockItem.objects.get(pk=item.pk)


def approved(item: AirlockItem, *checkers: Actor) -> None:
    for checker in checkers:
        assert item.version_id is not None
        airlock_approve(
            item_id=item.pk, version_id=item.version_id, inspection="Scanned: nothing",
            actor=checker,
        )  # fmt: skip


@dataclass
class Laptop:
    """One session by `ssh`, over which requests go one after the other."""

    ssh: "subprocess.Popen[bytes]"

    def asks(self, operation: str, **request: Any) -> dict[str, Any]:
        """The harness' answer to one request."""
        assert self.ssh.stdin is not None
        assert self.ssh.stdout is not None
        body = json.dumps(request).encode()
        head = f"POST /v1/{operation} HTTP/1.1\r\nhost: h\r\ncontent-length: {len(body)}\r\n\r\n"
        self.ssh.stdin.write(head.encode() + body)
        length = 0
        while line := self.ssh.stdout.readline().strip():
            name, _, value = line.lower().partition(b":")
            length = int(value) if name == b"content-length" else length
        said = b""
        while len(said) < length and (part := self.ssh.stdout.read(length - len(said))):
            said += part
        answer: dict[str, Any] = json.loads(said)
        return answer


@pytest.fixture
def room(site: Site, tmp_path: Path) -> Iterator[Room]:
    """Its terms lead to a stand-in that serves two engagements."""
    room = site.begin()
    engagement = engagement_of(room).reference
    folder = tmp_path / "stand_in"
    folder.mkdir()
    extra = {"seed": 7, "step_seconds": 0, "inbox": str(settings.AIRLOCK_DIR / "inbox")}
    with running(folder, engagements=(engagement, OTHER), extra=extra) as rig:
        rig.push(stand_in_policy(["black_box"], engagement=engagement))
        EngagementTerms.objects.filter(ended_at=None).update(ended_at=now())
        room.agreed(rig.addresses[engagement][1])
        yield room


def test_what_came_in_by_two_people_is_listed_read_and_run_in_its_session_alone(
    site: Site, room: Room
) -> None:
    inbox_deliver(OTHER, "I-OTHER-1.txt", b"of another engagement\n")
    data = json.dumps(JOB).encode()
    item = sealed(room, data)
    lab = actor_named(engagement_of(room).sponsor.officer.user.username)
    approved(item, lab)
    laptop = Laptop(site.connect(site.ask(room)))
    assert laptop.asks("intakes")["answer"]["intakes"] == []
    approved(item, room.store.first)
    airlock_release(item_id=item.pk, actor=room.store.first)

    name = f"{item.reference}-1.txt"
    listed = laptop.asks("intakes")["answer"]["intakes"]
    assert listed == [{"name": name, "bytes": len(data)}]
    assert laptop.asks("intake", name=name)["answer"]["text"] == data.decode()
    begun = laptop.asks("intake_run", name=name)["answer"]
    assert (begun["name"], begun["steps"]) == (JOB["name"], 1)
    for theirs in ("I-OTHER-1.txt", f"../{OTHER}/I-OTHER-1.txt"):
        refused = laptop.asks("intake", name=theirs)
        assert refused["refused"]["code"] == "harness_refused"
