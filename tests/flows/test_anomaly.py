"""Anomalies at a laptop: found, acted on, reviewed by another, learnt from or not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from scif.people.models import Person, User
from terminals.anomaly.baseline import Baseline
from terminals.anomaly.features import Features
from terminals.control import records
from terminals.control.watch import Judged, Watch
from terminals.models import (
    ActivityBaseline,
    ActivitySums,
    Anomaly,
    AnomalyVerdict,
    Session,
    SessionActivity,
)
from terminals.selectors.anomaly import anomalies_of_engagement
from terminals.selectors.session_facts import seat_of, session_facts
from terminals.services.activity import activities_forget, activities_learn
from terminals.services.anomaly_case import anomalies_watch
from terminals.services.anomaly_review import anomaly_review
from tests.flows.control_acts import anomaly_observe, session_end
from tests.flows.session_world import CONTROL, Room
from tests.flows.terminal_world import ticking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seated_room")]
BEAT = Actor.system("beat")
QUIET = dict.fromkeys(Features.__slots__, 0) | {"seconds_us": 5_000_000}
BUSY = 100_000  # a busy window of this kind of engagement


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def session(room: Room) -> Session:
    return room.session()


def sees(session: Session, **features: int) -> tuple[Anomaly, ...]:
    """An interval of five seconds."""
    return anomaly_observe(session_id=session.pk, features=QUIET | features, actor=CONTROL)


def pours(session: Session, windows: float = 7) -> Anomaly:
    """So many busy windows at once."""
    (found,) = sees(session, bytes_down=int(windows * BUSY), packets_down=9, bursts=1)
    return found


def types(session: Session) -> Anomaly:
    """A script: keystrokes by a clock."""
    for _ in range(60):
        if found := sees(
            session, packets_up=30, bytes_up=30, keys=30, key_gaps=30, key_gap_mean_us=160_000
        ):
            return found[0]
    raise AssertionError("nobody noticed the script")


def judged(session: Session) -> Judged:
    """What the control process makes of it now."""
    watch = Watch()
    (found,) = [each for each in watch.swift(watch.open_sessions()) if each.session == session]
    return found


def review(
    anomaly: Anomaly, actor: Actor, verdict: AnomalyVerdict = AnomalyVerdict.FALSE_ALARM
) -> Anomaly:
    return anomaly_review(
        anomaly_id=anomaly.pk, verdict=verdict, reason="Looked at the job's log", actor=actor
    )


def entries(prefix: str) -> list[str]:
    kinds = [str(row.fields["kind"]) for row in Outbox.objects.order_by("pk")]
    return [kind for kind in kinds if kind.startswith(prefix)]


def test_usual_work_is_counted_and_journaled_nowhere(session: Session) -> None:
    before = Outbox.objects.count()
    for _ in range(3):
        assert sees(session, bytes_down=900, packets_down=2, packets_up=2) == ()
    assert Outbox.objects.count() == before
    assert SessionActivity.objects.get(session=session).seen_at <= now()
    assert not Anomaly.objects.exists()


def test_a_burst_is_told_in_words_slows_and_waits_for_a_reviewer(
    room: Room, session: Session
) -> None:
    terms = session.terms
    assert judged(session).rate == (terms.rate_bytes, terms.burst_bytes)
    found = pours(session)
    found.refresh_from_db()
    assert (found.kind, found.consequence, found.verdict) == ("burst", "slow", "")
    assert found.review_by == found.raised_at + timedelta(hours=1)
    assert "Sent down 700 kB in 1 min" in found.words
    assert found.plot["figure"] == "bytes"
    slowed = judged(session)
    assert slowed.rate == (1_000, 8_000)
    assert slowed.verdict.granted  # it goes on
    grant = records.grant_of(session)
    assert (grant["rate"], grant["burst"]) == slowed.rate  # so does whatever he opens next
    alarm = Alarm.objects.get(kind="activity_odd", closed_at=None)
    assert (alarm.subject, alarm.gravity) == (room.terminal.asset_tag, "check")
    assert found.words in alarm.message
    assert entries("anomaly.") == ["anomaly.raised", "anomaly.followed"]
    assert list(anomalies_of_engagement(session.engagement)) == [found]
    reviewed = review(found, room.store.first)
    assert (reviewed.verdict, reviewed.reviewed_by_id) == (
        "false_alarm",
        room.store.first.person_id,
    )
    assert judged(session).rate == (terms.rate_bytes, terms.burst_bytes)
    assert not Alarm.objects.filter(kind="activity_odd", closed_at=None).exists()
    assert entries("anomaly.")[-1] == "anomaly.reviewed"


def test_one_that_gets_grave_pauses_until_it_is_reviewed(room: Room, session: Session) -> None:
    first, second = pours(session), pours(session)
    assert first == second
    assert second.grave_at is not None
    second.refresh_from_db()
    assert second.consequence == "pause"
    assert not Alarm.objects.filter(kind="activity_odd", closed_at=None).exists()
    assert Alarm.objects.get(kind="activity_held", closed_at=None).gravity == "act"
    held = judged(session).verdict
    assert held.pauses is not None
    assert held.pauses.code == "anomaly_waits"
    review(second, room.store.second)
    assert judged(session).verdict.granted


def test_signing_in_anew_rids_nobody_of_a_pause(room: Room, session: Session) -> None:
    types(session)
    session_end(session_id=session.pk, why="signed_in_again", actor=CONTROL)
    assert room.against() == ["anomaly_waits"]
    review(Anomaly.objects.get(), room.store.first)
    assert room.ask().session is not None


def test_two_parts_that_agree_lock_the_laptop(room: Room, session: Session) -> None:
    pours(session)
    keys = types(session)
    keys.refresh_from_db()
    assert set(Anomaly.objects.values_list("consequence", flat=True)) == {"lock"}
    assert room.store.again(room.terminal).state == "locked"
    ends = judged(session).verdict.ends
    assert ends is not None
    # Harmless, both: then he may work again, but only a person gives the laptop back.
    for found in Anomaly.objects.all():
        review(found, room.store.first)
    assert room.store.again(room.terminal).state == "locked"
    facts = session_facts(seat_of(session), now())
    assert (facts.odd, facts.upheld) == (frozenset(), False)


def test_what_nobody_reviews_gets_graver_by_the_clock_and_is_an_alarm(
    room: Room, session: Session
) -> None:
    found = pours(session)
    anomalies_watch(actor=BEAT)
    found.refresh_from_db()
    assert (found.consequence, found.overdue) == ("slow", False)
    later = found.raised_at + timedelta(hours=1, seconds=1)
    with clock_set(lambda: later):
        anomalies_watch(actor=BEAT)
        anomalies_watch(actor=BEAT)  # once more changes nothing
    found.refresh_from_db()
    assert (found.consequence, found.overdue) == ("pause", True)
    assert Alarm.objects.get(kind="anomaly_overdue").count == 1
    last = found.raised_at + timedelta(days=1)
    with clock_set(lambda: last):
        anomalies_watch(actor=BEAT)
        anomalies_watch(actor=BEAT)
    found.refresh_from_db()
    assert (found.consequence, found.review_by) == ("lock", None)
    assert room.store.again(room.terminal).state == "locked"
    review(found, room.store.first)
    assert not Alarm.objects.filter(kind="anomaly_overdue", closed_at=None).exists()


def test_upheld_ends_the_session_and_lets_none_begin_in_this_visit(
    room: Room, session: Session
) -> None:
    review(pours(session), room.store.first, AnomalyVerdict.UPHELD)
    ends = judged(session).verdict.ends
    assert ends is not None
    assert ends.code == "anomaly_upheld"
    session_end(session_id=session.pk, why=ends.code, actor=CONTROL)
    assert room.against() == ["anomaly_upheld"]
    assert activities_learn(actor=BEAT) == 0
    assert not ActivityBaseline.objects.exists()


def test_upheld_the_laptop_is_to_be_taken_from_him_until_it_is_back(
    room: Room, session: Session
) -> None:
    stands = Alarm.objects.filter(
        kind="anomaly_upheld", subject=session.terminal.asset_tag, closed_at=None
    )
    review(pours(session), room.store.first)
    assert not stands.exists()
    review(pours(session), room.store.first, AnomalyVerdict.UPHELD)
    assert stands.get().gravity == "act"
    session_end(session_id=session.pk, why="anomaly_upheld", actor=CONTROL)
    room.store.returned(session.terminal)
    assert not stands.exists()


def test_only_another_person_with_the_role_reviews_once_and_with_a_reason(
    room: Room, session: Session
) -> None:
    found = pours(session)
    officer = room.store.first
    himself = Actor.user(officer.user_id or session.pk, session.person_id)
    with pytest.raises(Refused, match="Nobody reviews his own activity"):
        review(found, himself)
    with pytest.raises(Anomaly.DoesNotExist):
        review(found, room.store.guard)
    with pytest.raises(Anomaly.DoesNotExist):
        review(found, room.store.world.stranger)
    with pytest.raises(Refused, match="Say what was found"):
        anomaly_review(
            anomaly_id=found.pk, verdict=AnomalyVerdict.UPHELD, reason=" ", actor=officer
        )
    review(found, officer)
    with pytest.raises(Refused, match="has been reviewed"):
        review(found, room.store.second)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "upheld"},
        {"reason": "Rewritten"},
        {"kind": "leak"},
        {"raised_at": None},
        {"consequence": "flag"},
    ],
)
def test_a_reviewed_anomaly_stands_in_the_database(
    room: Room, session: Session, change: dict[str, Any]
) -> None:
    found = review(pours(session), room.store.first)
    rows = Anomaly.objects.filter(pk=found.pk)
    told = {key: now() if value is None else value for key, value in change.items()}
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**told)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()


def test_the_database_takes_no_anomaly_of_somebody_else_nor_a_review_by_himself(
    session: Session,
) -> None:
    found = pours(session)
    other = Anomaly(
        session=session, person=Person.objects.exclude(pk=session.person_id)[0], kind="leak",
        raised_at=now(),
        params={}, plot={}, policy_version="x", consequence="flag",
    )  # fmt: skip
    with pytest.raises(DatabaseError, match="session's person"), transaction.atomic():
        other.save()
    with pytest.raises(DatabaseError, match="anomaly_reviewed_by_another"), transaction.atomic():
        Anomaly.objects.filter(pk=found.pk).update(
            verdict="false_alarm", reason="Me", reviewed_by=session.person_id, reviewed_at=now()
        )


def test_a_session_that_is_over_is_learnt_from_once_and_not_while_something_waits(
    room: Room, session: Session
) -> None:
    for _ in range(10):  # of five minutes
        assert sees(session, seconds_us=300_000_000, bytes_down=20_000, packets_up=2) == ()
    assert activities_learn(actor=BEAT) == 0  # it runs
    found = pours(session)
    session_end(session_id=session.pk, why="expired", actor=CONTROL)
    assert activities_learn(actor=BEAT) == 0
    review(found, room.store.first)
    assert activities_learn(actor=BEAT) == 1
    assert activities_learn(actor=BEAT) == 0
    row = ActivityBaseline.objects.get()
    assert (row.person_id, row.kind) == (session.person_id, session.engagement.kind)
    (learnt,) = Baseline.of(row.record).sessions
    assert learnt.usual_bytes == pytest.approx(20_000, rel=0.03)
    # What is told after that belongs to no baseline, and is looked at all the same.
    assert pours(session, windows=8).kind == "burst"
    assert SessionActivity.objects.get().learnt_at == row.learnt_at


def test_sums_live_on_from_session_to_session(room: Room, session: Session) -> None:
    assert sees(session, bytes_down=4 * BUSY, packets_down=9, bursts=1) == ()
    session_end(session_id=session.pk, why="expired", actor=CONTROL)
    again = room.session()
    assert pours(again, windows=3).session == again
    assert ActivitySums.objects.count() == 1


def test_what_cannot_be_judged_is_an_alarm_and_ends_nothing(room: Room, session: Session) -> None:
    for _ in range(2):
        told = anomaly_observe(session_id=session.pk, features={"bytes_down": -1}, actor=CONTROL)
        assert told == ()
    alarm = Alarm.objects.get(kind="activity_unwatched")
    assert (alarm.subject, alarm.count) == (room.terminal.asset_tag, 1)
    sees(session)
    ActivitySums.objects.update(record={"version": 0})
    assert pours(session).kind == "burst"  # it begins anew
    assert judged(session).verdict.granted


def test_a_policy_that_says_nothing_judges_nothing_and_lets_next_to_nothing_pass(
    room: Room, session: Session
) -> None:
    found = pours(session)
    room.policy(activity_slow_rate=None, anomaly_window_seconds=None)
    assert judged(session).rate == (1, 1)
    assert sees(session, bytes_down=99 * BUSY) == ()
    assert Alarm.objects.filter(kind="activity_unwatched").exists()
    with clock_set(lambda: found.raised_at + timedelta(hours=2)):
        anomalies_watch(actor=BEAT)
    found.refresh_from_db()
    assert found.consequence == "lock"  # an error denies


def test_counts_are_forgotten_in_time_and_the_finding_stays(room: Room, session: Session) -> None:
    found = pours(session)
    session_end(session_id=session.pk, why="expired", actor=CONTROL)
    much_later = now() + timedelta(days=181)
    with clock_set(lambda: much_later):
        activities_forget(actor=BEAT)
    assert SessionActivity.objects.exists()  # somebody still has to look at it
    review(found, room.store.first)
    assert activities_learn(actor=BEAT) == 1
    with clock_set(lambda: much_later):
        activities_forget(actor=BEAT)
    assert not SessionActivity.objects.exists()
    assert ActivityBaseline.objects.exists()
    assert entries("activity.") == ["activity.forgotten"]
    with clock_set(lambda: much_later + timedelta(days=731)):
        activities_forget(actor=BEAT)
    assert not ActivityBaseline.objects.exists()
    assert not ActivitySums.objects.exists()
    assert anomalies_of_engagement(session.engagement).get().words


def test_the_officer_reads_reviews_and_finds_it_again(room: Room, session: Session) -> None:
    found = pours(session)
    client = Client()
    client.force_login(User.objects.get(username="p.ngata"))
    listed = client.get("/admin/terminals/anomaly/?reviewed_at__isempty=1").content.decode()
    assert room.terminal.asset_tag in listed
    page = client.get(f"/admin/terminals/anomaly/{found.pk}/change/").content.decode()
    assert found.words in page
    assert found.look in page
    assert 'role="img"' in page
    assert "at most 700 kB, usual is 20.0 kB" in page
    url = f"/admin/act/anomaly-false/{found.pk}/"
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "An upload of results"}).status_code == 302
    assert client.post(url, {"reason": "Again"}).status_code == 409
    found.refresh_from_db()
    assert found.reason == "An upload of results"
    assert (
        "No anomaly, or none"
        in client.get("/admin/terminals/anomaly/?reviewed_at__isempty=1").content.decode()
    )
    assert (
        "An upload" in client.get(f"/admin/terminals/anomaly/{found.pk}/change/").content.decode()
    )


def test_who_lifts_a_lock_before_the_review_reads_that_it_is_not_enough(
    room: Room, session: Session
) -> None:
    pours(session)
    types(session)
    client = Client()
    client.force_login(User.objects.get(username="p.ngata"))
    url, words = f"/admin/act/terminal-unlock/{room.terminal.pk}/", "review it first"
    assert words in client.get(url).content.decode()
    for found in Anomaly.objects.all():
        review(found, room.store.first)
    assert words not in client.get(url).content.decode()
