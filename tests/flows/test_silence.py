"""A laptop issued in the house falls silent: one alarm and no session, until it is heard."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from terminals.control.watch import Watch
from terminals.models import Heartbeat
from terminals.services.heartbeat import terminal_hear
from terminals.services.lock import terminal_lock
from terminals.services.loss import terminal_report_lost
from terminals.services.silence import SILENT, terminals_silence_watch
from tests.flows.session_world import Room
from tests.flows.terminal_world import ticking
from tests.quotes import tpmt

BEAT, AGENT = Actor.system("beat"), Actor.system("terminal agent")
LIMIT = timedelta(seconds=30)
JUST = timedelta(seconds=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seated_room")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


def heartbeat(room: Room, seq: int) -> None:
    """The agent speaks, signed by the laptop's own key."""
    said = {"terminal": str(room.terminal.pk), "begun": 1, "seq": seq, "events": [], "answer": None}
    body = json.dumps(said).encode()
    key = room.store.tpms[room.terminal.pk].secret
    signature = tpmt(key.sign(body, ec.ECDSA(hashes.SHA256())))
    terminal_hear(terminal_id=room.terminal.pk, body=body, signature=signature, actor=AGENT)


def silent_from(room: Room) -> datetime:
    """It speaks once more; gives from when that was too long ago."""
    heartbeat(room, 1)
    return Heartbeat.objects.get(terminal=room.terminal).heard_at + LIMIT + JUST


def watched(at: datetime) -> list[Alarm]:
    """The open alarms after the watch looked twice."""
    with clock_set(lambda: at):
        for _ in range(2):
            terminals_silence_watch(actor=BEAT)
    return list(Alarm.objects.filter(kind=SILENT, closed_at=None))


def told(alarm: Alarm) -> list[str]:
    """The kinds of the entries about it, in order."""
    return [each.fields["kind"] for each in Outbox.objects.filter(header__contains=str(alarm.pk))]


def test_silence_is_one_alarm_until_the_next_heartbeat(room: Room) -> None:
    late = silent_from(room)
    assert not watched(late - 2 * JUST)
    (alarm,) = watched(late)
    assert (alarm.subject, alarm.gravity, alarm.count) == ("LT-01", "act", 1)
    assert told(alarm) == ["alarm.raised"]
    with clock_set(lambda: late):
        heartbeat(room, 2)
    assert not watched(late)
    assert told(alarm) == ["alarm.raised", "alarm.cleared"]
    (again,) = watched(late + LIMIT + JUST)
    assert again.pk != alarm.pk


def test_silence_in_session_ends_the_session(room: Room) -> None:
    late = silent_from(room)
    room.session()
    watch = Watch()
    (judged,) = watch.swift(watch.open_sessions())
    assert judged.verdict.granted
    with clock_set(lambda: late):
        (judged,) = watch.swift(watch.open_sessions())
        assert judged.verdict.ends is not None
        assert judged.verdict.ends.code == "agent_silent"
    assert len(watched(late)) == 1


def test_no_session_begins_at_a_laptop_that_was_never_heard(room: Room) -> None:
    Heartbeat.objects.all().delete()
    assert room.against() == ["agent_silent"]
    assert len(watched(now() + LIMIT)) == 1


def test_a_policy_that_says_nothing_gives_no_time(room: Room) -> None:
    heartbeat(room, 1)
    room.policy(terminal_silent_seconds=None)
    assert room.against() == ["agent_silent"]
    assert len(watched(now() + JUST)) == 1


def test_the_alarm_ends_when_nobody_has_the_laptop_any_more(room: Room) -> None:
    late = silent_from(room)
    assert watched(late)
    room.store.returned(room.terminal)
    assert not watched(late + LIMIT)


def test_a_laptop_that_is_lost_is_an_alarm_of_its_own(room: Room) -> None:
    late = silent_from(room)
    assert watched(late)
    terminal_report_lost(
        terminal_id=room.terminal.pk, last_seen_at=None, last_seen_where="", actor=room.store.guard,
        circumstances="Not in the room",
    )  # fmt: skip
    assert not watched(late + LIMIT)


def test_a_locked_laptop_is_looked_for_already(room: Room) -> None:
    late = silent_from(room)
    terminal_lock(terminal_id=room.terminal.pk, reason="Left alone", actor=room.store.guard)
    assert not watched(late)
