"""The watch over open sessions: what it tells, how soon, and what it never waits for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from access.models import Booking, Engagement, Visit
from access.services.lockdown import lockdown_declare
from scif.alarms.models import Alarm
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.ids import reference
from scif.runtime.child import wait_until
from scif.runtime.postgres import OWNER, Postgres
from terminals.control import records
from terminals.control.hush import Hush
from terminals.control.watch import Doors, Judged, Standing, Watch
from terminals.control.watcher import Seen, Watcher
from terminals.models import EgressKind, HandOver, Session, TerminalCustody
from terminals.selectors.control import LOCK_NAME, control_works
from terminals.services.control_watch import SILENT, control_watch
from terminals.services.custody import hand_over_sign
from terminals.services.ledger import egress_debit
from tests.flows.laptop_site import PATIENCE
from tests.flows.session_world import Room, make_room
from tests.flows.test_visit_desk import STROKES
from tests.roles import as_control

BEAT = Actor.system("beat")


class Looks:
    """What a watch sees, one after the other, and what it judges by a door's word alone."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.doors: list[Judged] = []
        self._news = threading.Condition()

    def __call__(self, seen: Seen) -> None:
        with self._news:
            self.seen.append(seen)
            self._news.notify_all()

    def judged(self, found: list[Judged]) -> None:
        with self._news:
            self.doors += found
            self._news.notify_all()

    def until_a_door_says(self) -> list[Judged]:
        """What was judged by doors, once something was."""
        with self._news:
            assert self._news.wait_for(lambda: self.doors, PATIENCE)
            return list(self.doors)

    def until(self, says: Callable[[list[Seen]], bool]) -> list[Seen]:
        """All that was seen, once that is so."""
        with self._news:
            assert self._news.wait_for(lambda: says(self.seen), PATIENCE)
            return list(self.seen)


@contextmanager
def watching(poll: float, refresh: float) -> Iterator[Looks]:
    looks = Looks()
    watcher = Watcher(poll, refresh, looks, looks.judged, Hush())
    connection_created.connect(_as_the_process)
    watcher.start()
    try:
        yield looks
    finally:
        watcher.stop()
        watcher.join()
        connection_created.disconnect(_as_the_process)


def _as_the_process(connection: BaseDatabaseWrapper, **_: object) -> None:
    """The threads of the watch have the control process's role; the test's own stays web's."""
    if threading.current_thread() is not threading.main_thread():
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE scif_control")


@pytest.fixture
def room(seeded_database: str) -> Room:
    return make_room()


def another_mandate(room: Room) -> Session:
    """A session under another engagement about the same model."""
    mine = room.session()
    engagement = Engagement.objects.get(pk=mine.engagement_id)
    engagement.pk, engagement.reference = None, reference("E")
    engagement._state.adding = True
    engagement.save()
    booking = Booking.objects.get(visits__sessions=mine)
    booking.pk, booking.reference, booking.state = None, reference("B"), "cancelled"
    booking.engagement, booking._state.adding = engagement, True
    booking.save()
    visit = Visit.objects.create(reference=reference("V"), booking=booking, person=mine.person)
    terminal = room.store.stored("LT-09")
    custody = TerminalCustody.objects.create(
        terminal=terminal,
        visit=visit,
        person=mine.person,
        issued_by=mine.person,
        issued_at=now(),
    )
    hand_over_sign(custody, HandOver.ISSUE, mine.person_id, STROKES, now())
    with as_control():
        return Session.objects.create(
            grant_id="cd" * 12, person=mine.person, visit=visit,
            engagement=engagement, area=mine.area, terminal=terminal, terms=mine.terms,
            source="127.0.0.1", granted_at=now(), ends_at=mine.ends_at, policy_version="1",
        )  # fmt: skip


def test_a_limit_that_moves_is_told_to_every_session_of_the_model(room: Room) -> None:
    other = another_mandate(room)
    mine = Session.objects.exclude(pk=other.pk).get()
    with watching(poll=60.0, refresh=3_600.0) as looks:
        first = looks.until(lambda seen: any(each.budgets for each in seen))
        assert {line["key"] for each in first for line in each.budgets} == {
            f"engagement:{mine.engagement_id}", f"engagement:{other.engagement_id}",
            f"offsite:{mine.engagement_id}", f"offsite:{other.engagement_id}",
            f"model:{mine.engagement.asset_id}",
        }  # fmt: skip
        told = len(first)
        egress_debit(
            engagement=mine.engagement, facility=mine.terminal.facility, kind=EgressKind.EXPORT,
            reference="X-1", amount=1_000, actor=Actor.system("test"),
        )  # fmt: skip

        def keys(seen: list[Seen]) -> set[str]:
            return {line["key"] for each in seen[told:] for line in each.budgets}

        seen = looks.until(lambda seen: len(keys(seen)) == 5)
    limits = {line["key"]: line["limit"] for each in seen for line in each.budgets}
    assert limits[f"model:{mine.engagement.asset_id}"] == 12_500_000 - 1_000
    assert limits[f"engagement:{mine.engagement_id}"] == 1_000_000 - 1_000
    assert limits[f"engagement:{other.engagement_id}"] == 1_000_000


def test_the_slower_facts_never_keep_the_doors_waiting(room: Room) -> None:
    """However many sessions are due, after one slow read the doors' word is looked at again."""
    another_mandate(room)
    with watching(poll=0.0, refresh=0.0) as looks:
        seen = looks.until(lambda seen: len(seen) >= 12)
    swift = [each.known is not None for each in seen]
    assert swift[0]
    assert not any(not one and not two for one, two in pairwise(swift))
    assert sum(not each for each in swift) >= 5
    of = {str(each.judged[0].session.pk) for each in seen if each.known is None}
    assert len(of) == 2  # and all have their turn


def test_a_door_s_word_is_judged_without_looking_at_anything_else(room: Room) -> None:
    session, watch, doors = room.session(), Watch(), Doors()
    assert not doors.judged(), "nobody has looked at it yet"
    watch.swift(watch.open_sessions())
    doors.know(watch.standing)
    assert not doors.judged(), "nothing has changed"
    room.heard(certain=False)
    (held,) = doors.judged()
    assert held.verdict.ends is None
    assert held.verdict.pauses is not None
    room.heard()
    room.leaves()
    (gone,) = doors.judged()
    assert gone.session == session
    assert gone.verdict.ends is not None
    assert gone.verdict.ends.code == "not_inside"
    assert not doors.judged(), "it is ordered once"
    doors.know(watch.standing)
    assert not doors.judged(), "and not again by a look that began before"
    doors.know(Standing())
    assert not doors.judged(), "who stands by judges nobody"


@contextmanager
def standing_still(postgres: Postgres, database: str) -> Iterator[None]:
    """No look comes to its end meanwhile: somebody holds a table that every look reads."""
    with postgres.connect(OWNER, database) as own, own.transaction():
        own.execute("LOCK TABLE terminals_sessionmoderator IN ACCESS EXCLUSIVE MODE")
        yield


def locked_down(room: Room) -> None:
    lockdown_declare(
        facility_id=room.store.world.facility.pk, area_id=room.store.world.area.pk, reason="Smoke",
        actor=room.store.guard,
    )  # fmt: skip


@pytest.mark.parametrize(("act", "code"), [(Room.leaves, "not_inside"), (locked_down, "lockdown")])
def test_who_has_gone_out_or_is_locked_down_waits_for_nobody_s_look(
    room: Room,
    postgres: Postgres,
    seeded_database: str,
    act: Callable[[Room], None],
    code: str,
) -> None:
    session = room.session()
    with watching(poll=0.0, refresh=3_600.0) as looks:
        looks.until(lambda seen: len(seen) >= 2)
        with standing_still(postgres, seeded_database):
            before = len(looks.seen)
            act(room)
            (gone,) = looks.until_a_door_says()
            assert len(looks.seen) <= before + 1, "a look came to its end"
        assert gone.session == session
        assert gone.verdict.ends is not None
        assert gone.verdict.ends.code == code


@contextmanager
def failing(postgres: Postgres, database: str) -> Iterator[None]:
    """Every look fails meanwhile: a table that it reads, and no door does, is not where it was."""
    with postgres.connect(OWNER, database) as own:
        own.execute("ALTER TABLE terminals_sessionmoderator RENAME TO elsewhere")
        try:
            yield
        finally:
            own.execute("ALTER TABLE elsewhere RENAME TO terminals_sessionmoderator")


def test_who_has_gone_out_waits_for_no_look_that_failed(
    room: Room, postgres: Postgres, seeded_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = room.session()
    with watching(poll=0.05, refresh=3_600.0) as looks:
        looks.until(lambda seen: len(seen) >= 2)
        with failing(postgres, seeded_database):
            assert wait_until(lambda: "the watch failed" in caplog.text, PATIENCE)
            room.leaves()
            (gone,) = looks.until_a_door_says()
        assert gone.session == session
        assert gone.verdict.ends is not None
        assert gone.verdict.ends.code == "not_inside"


def asks_the_database(hush: Hush, then: Callable[[], None]) -> threading.Thread:
    """Somebody who keeps the hush and has a question; ``then`` is called when it is answered."""
    begun = threading.Event()

    def ask() -> None:
        hush.keep()
        begun.set()
        Session.objects.count()
        then()
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(PATIENCE)
    return thread


def test_nobody_begins_a_query_while_a_door_s_word_is_judged(seeded_database: str) -> None:
    hush, order = Hush(longest=PATIENCE), list[str]()
    with hush.asked():
        thread = asks_the_database(hush, lambda: order.append("looked"))
        for _ in range(50):
            Session.objects.count()
        order.append("judged")
    thread.join(PATIENCE)
    assert order == ["judged", "looked"]


def test_nobody_waits_for_ever_while_a_door_s_word_is_judged(seeded_database: str) -> None:
    hush = Hush(longest=0.0)
    answered = threading.Event()
    with hush.asked():
        asks_the_database(hush, answered.set).join(PATIENCE)
        assert answered.is_set()


def test_of_two_one_works_and_whoever_asks_can_know(room: Room) -> None:
    assert not control_works()
    with watching(poll=0.05, refresh=60.0) as first:
        first.until(lambda seen: len(seen) >= 2)
        assert control_works()
        with watching(poll=0.05, refresh=60.0) as second:
            before = len(first.seen)
            first.until(lambda seen: len(seen) >= before + 5)
            assert not second.seen
    connections.close_all()
    assert not control_works()


def test_one_that_hangs_works_no_more_and_is_told_of_where_sessions_are_open(room: Room) -> None:
    """It keeps its lock, and looks at nothing: the bastion has ended its sessions by then."""
    session, stands = room.session(), Alarm.objects.filter(kind=SILENT, closed_at=None)
    with watching(poll=0.05, refresh=60.0) as first:
        first.until(lambda seen: len(seen) >= 2)
        control_watch(actor=BEAT)
        assert not stands.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [LOCK_NAME])
    assert control_works(), "it has looked just now"
    later = now() + timedelta(seconds=settings.CONTROL_SILENT + 1)
    with clock_set(lambda: later):
        assert not control_works()
        control_watch(actor=BEAT)
        control_watch(actor=BEAT)
        assert stands.get().facility == session.terminal.facility
        with as_control():
            records.looked()
        control_watch(actor=BEAT)
        assert not stands.exists()
    connections.close_all()
