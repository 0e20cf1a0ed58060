"""An engagement that was used: a session that was cut, one that runs, exports of every outcome."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from access.models import Engagement
from scif.kernel.actor import Actor
from scif.runtime.postgres import Postgres
from terminals.anomaly.features import Features
from terminals.models import AirlockItem, AnomalyVerdict, Direction, Ground, Part, Session, Verdict
from terminals.services.airlock import airlock_draft, airlock_seal, airlock_take_out
from terminals.services.airlock_check import airlock_approve, airlock_refuse
from terminals.services.airlock_release import airlock_release
from terminals.services.airlock_vault import outbox
from terminals.services.anomaly_review import anomaly_review
from terminals.services.appeal import appeal_lodge, appeal_vote
from terminals.services.reviewer import reviewer_confirm, reviewer_name
from tests.conftest import own_database
from tests.flows.control_acts import (
    anomaly_observe,
    session_connected,
    session_counted,
    session_cut,
    session_end,
)
from tests.flows.desk_world import actor_named
from tests.flows.report_world import sequencing
from tests.flows.session_world import CONTROL, Room, make_room
from tests.flows.terminal_world import ticking

UP, DOWN, RUNNING = 1_200, 48_000, 7_300
TEXT = b"Refusal rate 0.93 on the held-out set.\n"
JUDGES = ("g.petrov", "m.okafor")
# What the bastion tells of five seconds in which much came down at once.
BURST = dict.fromkeys(Features.__slots__, 0) | {
    "seconds_us": 5_000_000,
    "bytes_down": 700_000,
    "bursts": 1,
}
REVIEWED = "The job's own log, asked for"


@dataclass
class Used:
    """The engagement, its people by their parts, and what happened under it."""

    room: Room
    engagement: Engagement
    lab: Actor
    author: Actor
    officer: Actor
    cut: Session
    runs: Session
    released: AirlockItem
    upheld: AirlockItem

    @property
    def spent(self) -> int:
        """Every byte that left."""
        return UP + DOWN + RUNNING + len(TEXT)


@contextmanager
def used_apart(postgres: Postgres, blocker: DjangoDbBlocker, folder: Path) -> Iterator[Used]:
    """It, in a database of its own whose journal is numbered and signed."""
    with (
        own_database(postgres, blocker, seeded=True) as name,
        sequencing(postgres, name, folder / "journal"),
        override_settings(AIRLOCK_DIR=folder / "airlock"),
        ticking(),
    ):
        yield make_used()


def make_used() -> Used:
    """By the services alone, so that the journal tells all of it."""
    room = make_room()
    visit = room.store.world.visit
    engagement = Engagement.objects.select_related("sponsor__officer__user").get(
        pk=visit.booking.engagement_id
    )
    lab = actor_named(engagement.sponsor.officer.user.username)
    author, officer = actor_named(visit.person.user.username), room.store.first
    cut = worked(room)
    session_cut(session_id=cut.pk, why="lockdown", actor=CONTROL)
    session_end(session_id=cut.pk, why="lockdown", up=UP, down=DOWN, actor=CONTROL)
    runs = worked(room)
    session_counted(session_id=runs.pk, up=RUNNING, down=0, actor=CONTROL)
    (odd,) = anomaly_observe(session_id=runs.pk, features=BURST, actor=CONTROL)
    anomaly_review(
        anomaly_id=odd.pk, verdict=AnomalyVerdict.FALSE_ALARM, reason=REVIEWED, actor=officer
    )
    for login in JUDGES:
        judge = reviewer_name(
            engagement_id=engagement.pk, part=Part.APPEAL, login=login, actor=officer
        )
        reviewer_confirm(reviewer_id=judge.pk, actor=lab)
    released = sealed(engagement, author, "Refusal rates")
    for who in (lab, officer):
        airlock_approve(item_id=released.pk, version_id=version_of(released), actor=who)
    airlock_release(item_id=released.pk, actor=officer)
    upheld = sealed(engagement, author, "Summary")
    airlock_refuse(
        item_id=upheld.pk,
        version_id=version_of(upheld),
        verdict=Verdict.REJECT,
        ground=Ground.INTERNALS,
        reason="Line 1 names a rate",
        actor=lab,
    )
    appeal_lodge(item_id=upheld.pk, statement="Public since May", actor=author)
    for login in JUDGES:
        appeal_vote(
            item_id=upheld.pk, upholds=True, reason="It is public", actor=actor_named(login)
        )
    return Used(room, engagement, lab, author, officer, cut, runs, released, upheld)


def worked(room: Room) -> Session:
    """A session whose laptop is connected."""
    room.store.attested(room.terminal)
    session = room.session()
    return session_connected(session_id=session.pk, actor=CONTROL)


def sealed(engagement: Engagement, author: Actor, title: str, data: bytes = TEXT) -> AirlockItem:
    """An export that waits for its checkers."""
    folder = outbox(engagement.reference)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rates.txt").write_bytes(data)
    item = airlock_draft(
        engagement_id=engagement.pk, direction=Direction.EXPORT, title=title, actor=author
    )
    airlock_take_out(item_id=item.pk, name="rates.txt", actor=author)
    airlock_seal(item_id=item.pk, context="Chapter 1", actor=author)
    return item


def version_of(item: AirlockItem) -> UUID:
    """The version that the item has now."""
    version = AirlockItem.objects.get(pk=item.pk).version_id
    assert version is not None
    return version
