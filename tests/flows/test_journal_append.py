"""What services may journal, what waits in the outbox, who follows."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from scif.alarms.models import Alarm
from scif.alarms.services import erasures_tell
from scif.journal.models import Body, Entry, Follower, Outbox
from scif.journal.selectors import (
    entries_about,
    entries_at,
    entries_of_kind,
    freshness,
    head_position,
    tail,
)
from scif.journal.services import GatewaySource, append, body_purge, follow
from scif.journal.services.append import timestamp
from scif.journal.verification import verify_journal
from scif.journal.verifier import Fault
from scif.kernel.actor import Actor
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from scif.people.models import User
from tests.factories import make_place
from tests.flows.journal_lab import ACTOR, FACILITY, Lab, write
from tests.roles import as_ingester


@pytest.mark.django_db
def test_an_entry_waits_in_its_transaction() -> None:
    moment = datetime(2026, 3, 1, 10, tzinfo=UTC)
    source = GatewaySource("gate-1", 2, 3, "ab" * 32, -40)
    user = User.objects.create(username="ada")
    with clock_set(lambda: moment), as_ingester():
        append(
            kind="user.registered",
            actor=ACTOR,
            subject=user,
            facility=FACILITY,
            body={"name": "Ada \x00 Lovelace", "number": 2**70},
            occurred_at=moment - timedelta(hours=1),
            source=source,
        )
    waiting = Outbox.objects.get()
    assert waiting.fields == {
        "v": 1,
        "kind": "user.registered",
        "actor": {"kind": "system", "ref": "test"},
        "subject": {"type": "people.user", "id": str(user.pk)},
        "facility": str(FACILITY),
        "recorded_at": "2026-03-01T10:00:00.000000Z",
        "occurred_at": "2026-03-01T09:00:00.000000Z",
        "source": {
            "gateway": "gate-1",
            "epoch": 2,
            "seq": 3,
            "hash": "ab" * 32,
            "clock_offset_ms": -40,
        },
    }
    assert waiting.data == {"name": "Ada \x00 Lovelace", "number": 2**70}
    assert "Ada" not in waiting.header
    assert freshness().waiting == 1
    assert freshness().behind


def test_outside_a_transaction_nothing_is_journaled(lab: Lab) -> None:
    with pytest.raises(TransactionManagementError):
        append(kind="test.written", actor=ACTOR, subject=("test", "1"))
    with pytest.raises(TransactionManagementError):
        follow("mail")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["written", "Test.written", "test.", "a.b.c", "test written"])
def test_a_kind_is_noun_and_verb(kind: str) -> None:
    with pytest.raises(ValueError, match="noun"):
        append(kind=kind, actor=ACTOR, subject=("test", "1"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"kind": ""},
        {"kind": None},
        {"actor": {"kind": "user"}},
        {"actor": "somebody"},
        {"subject": {"type": "t", "id": "x" * 300}},
        {"subject": {"type": "t", "id": "nul \x00"}},
        {"facility": "nowhere"},
        {"facility": 7},
        {"recorded_at": "yesterday"},
        {"recorded_at": "2026-03-01T10:00:00"},
        {"occurred_at": None},
        {"filler": "x" * 5000},
    ],
)
def test_the_outbox_takes_no_header_that_cannot_be_sequenced(change: dict[str, object]) -> None:
    write(1)
    fields = {**Outbox.objects.get().fields, **change}
    with connection.cursor() as cursor, pytest.raises((IntegrityError, DataError)):
        cursor.execute(
            "INSERT INTO journal_outbox (header, salt, content) VALUES (%s, %s, '')",
            [json.dumps(fields), bytes(16)],
        )


def test_positions_follow_in_order_and_can_be_found(lab: Lab) -> None:
    write(3)
    subject = uuid4()
    with transaction.atomic():
        append(kind="other.written", actor=ACTOR, subject=("test", str(subject)))
    sequencer = lab.fill(4)
    assert sequencer.size == 4
    assert sequencer.move() is None
    assert not Outbox.objects.exists()
    assert [entry.position for entry in tail(after=-1)] == [0, 1, 2, 3]
    assert [entry.subject_id for entry in tail(after=0, limit=2)] == ["1", "2"]
    assert [entry.position for entry in entries_about(("test", str(subject)))] == [3]
    assert entries_at(FACILITY).count() == 3
    assert entries_of_kind("other.written").get().facility_id is None
    assert head_position() == 3
    entry = entries_at(FACILITY)[0]
    assert entry.body.data == {"name": "Ada Lovelace 0"}
    assert (entry.actor_kind, entry.actor_reference) == ("system", "test")
    state = freshness()
    assert (state.size, state.signed_size, state.waiting) == (4, 4, 0)
    assert not state.behind
    assert state.age is not None


def test_a_follower_reads_each_entry_once_and_again_after_a_failure(lab: Lab) -> None:
    lab.fill(5)
    with transaction.atomic():
        assert [entry.position for entry in follow("mail", limit=2)] == [0, 1]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _fail_after_reading()
    with transaction.atomic():
        assert [entry.position for entry in follow("mail")] == [2, 3, 4]
        assert follow("mail") == []
        assert len(follow("webhooks")) == 5
    assert Follower.objects.get(pk="mail").position == 5


def _fail_after_reading() -> None:
    assert [entry.position for entry in follow("mail", limit=2)] == [2, 3]
    raise ZeroDivisionError


def test_a_follower_that_another_process_serves_gets_nothing(lab: Lab) -> None:
    lab.fill(1)
    with transaction.atomic():
        follow("mail", limit=0)
    other = lab.role("scif_web")
    with other.transaction():
        other.execute("SELECT 1 FROM journal_follower WHERE name = 'mail' FOR UPDATE")
        with transaction.atomic():
            assert follow("mail") == []
    with transaction.atomic():
        assert len(follow("mail")) == 1


ASKER, APPROVER = (Actor.user(uuid4(), uuid4()) for _ in range(2))


def test_two_people_purge_a_body_and_every_proof_still_holds(lab: Lab) -> None:
    sequencer = lab.fill(4)
    erased = body_purge(
        positions=[1, 2, 77], reason="spill", requested_by=ASKER, approved_by=APPROVER
    )
    assert erased == 2
    # Nothing is gone before its record has a position.
    assert verify_journal().erased == 0
    sequencer.move()
    sequencer.sign(at_once=True)
    assert [body.entry_id for body in Body.objects.filter(content=None)] == [1, 2]
    assert Body.objects.get(pk=1).data is None
    purges = entries_of_kind("body.purged")
    assert [(entry.subject_id, entry.facility_id) for entry in purges] == [
        ("1", FACILITY),
        ("2", FACILITY),
    ]
    assert purges[0].body.data == {"reason": "spill", "approved_by": APPROVER.reference}
    assert verify_journal().erased == 2
    again = body_purge(positions=[1], reason="spill", requested_by=ASKER, approved_by=APPROVER)
    assert again == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asker", "approver", "reason", "code"),
    [
        (ASKER, ASKER, "spill", "second_person"),
        (ASKER, Actor.user(uuid4(), ASKER.person_id), "spill", "second_person"),
        (ASKER, Actor.user(uuid4(), None), "spill", "second_person"),
        (ASKER, ACTOR, "spill", "second_person"),
        (ASKER, APPROVER, " ", "reason_missing"),
    ],
)
def test_a_purge_needs_two_people_and_a_reason(
    asker: Actor, approver: Actor, reason: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        body_purge(positions=[0], reason=reason, requested_by=asker, approved_by=approver)
    assert refused.value.code == code


def test_an_erasure_is_told_to_the_people_of_the_facility_once(lab: Lab) -> None:
    sequencer = lab.fill(4)
    own, other = make_place("own").world.facility, make_place("other").world.facility
    while sequencer.move():
        pass
    erasures_tell(actor=ACTOR)
    with transaction.atomic():
        append(kind="test.written", actor=ACTOR, subject=("test.subject", "x"), facility=own.pk)
    sequencer.move()
    last = Entry.objects.order_by("position").last()
    assert last is not None
    body_purge(positions=[last.position], reason="spill", requested_by=ASKER, approved_by=APPROVER)
    assert erasures_tell(actor=ACTOR) == 0  # nothing is gone yet
    sequencer.move()
    assert [erasures_tell(actor=ACTOR) for _ in range(2)] == [1, 0]
    told = Alarm.objects.filter(kind="text_erased")
    assert [alarm.facility for alarm in told] == [own]
    assert f"see entry {last.position + 1}" in told[0].message
    # A record that names no facility, as a thief would write it, is told at all of them.
    lab.role("scif_web").execute(
        "INSERT INTO journal_outbox (header, salt, content) VALUES (%s, sha256('x'), '{}')",
        [purge_header()],
    )
    while sequencer.move():
        pass
    assert erasures_tell(actor=ACTOR) == 1
    told = Alarm.objects.filter(kind="text_erased").order_by("count")
    assert [(alarm.facility, alarm.count) for alarm in told] == [(other, 1), (own, 2)]


def purge_header(target: str = "2", *, at: datetime | None = None, **more: Any) -> str:
    """The record of an erasure as whoever holds the web role may write it."""
    moment = timestamp(at or now())
    fields = {
        "v": 1,
        "kind": "body.purged",
        "actor": {"kind": "user", "ref": "h.marsh"},
        "subject": {"type": "journal.entry", "id": target},
        "facility": None,
        "recorded_at": moment,
        "occurred_at": moment,
        **more,
    }
    return canonical_json(fields).decode()


def test_only_the_sequencer_erases_and_only_what_a_record_of_two_names(lab: Lab) -> None:
    sequencer, web = lab.fill(4), lab.role("scif_web")
    for role in ("scif_web", "scif_ingester", "scif_gateway_g1"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            lab.role(role).execute("SELECT journal_body_erase(ARRAY[2])")
    lab.role("scif_sequencer").execute("SELECT journal_body_erase(ARRAY[0, 1, 2, 3])")
    insert = "INSERT INTO journal_outbox (header, salt, content) VALUES (%s, sha256('x'), %s)"
    for header, said in (
        (purge_header(), b"{}"),
        (purge_header(), b"\xff\x00 not JSON"),
        (purge_header(), b'{"approved_by": "h.marsh"}'),
        (purge_header("400000"), b'{"approved_by": "another"}'),
    ):
        web.execute(insert, [header, said])
    while sequencer.move():
        pass
    assert not Body.objects.filter(content=None).exists()
    web.execute(insert, [purge_header(), b'{"approved_by": "another"}'])
    sequencer.move()
    assert [body.entry_id for body in Body.objects.filter(content=None)] == [2]


def test_the_record_of_an_erasure_bears_the_time_of_the_database(lab: Lab) -> None:
    web = lab.role("scif_web")
    insert = "INSERT INTO journal_outbox (header, salt, content) VALUES (%s, sha256('x'), '{}')"
    for header in (
        purge_header(at=now() - timedelta(days=6)),
        purge_header(at=now() + timedelta(hours=1)),
        purge_header(occurred_at=timestamp(now() - timedelta(days=6))),
        purge_header("2x"),
        purge_header(subject={"type": "access.visit", "id": "2"}),
        purge_header().replace("body.purged", "body\\u002epurged"),
    ):
        with pytest.raises(psycopg.errors.RestrictViolation, match="no such record"):
            web.execute(insert, [header])
    web.execute(insert, [purge_header()])


def test_only_the_ingester_journals_what_a_gateway_reports(lab: Lab) -> None:
    insert = "INSERT INTO journal_outbox (header, salt, content) VALUES (%s, sha256('x'), '{}')"
    source = {"gateway": "g1", "epoch": 1, "seq": 1, "hash": "ab", "clock_offset_ms": None}
    told = purge_header(kind="door.opened", source=source)
    for header in (told, told.replace('"source"', '"sour\\u0063e"')):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="what a gateway reports"):
            lab.role("scif_web").execute(insert, [header])
    lab.role("scif_ingester").execute(insert, [told])


def test_an_erasure_past_the_guards_is_found(lab: Lab) -> None:
    lab.fill(4)
    lab.tamper("UPDATE journal_body SET salt = NULL, content = NULL WHERE position = 2")
    with pytest.raises(Fault, match="erased without record: entry 2"):
        verify_journal()


def test_the_columns_tell_what_was_hashed(lab: Lab) -> None:
    write(1, occurred_at=now() - timedelta(days=2))
    lab.fill(1)
    entry = Entry.objects.get()
    fields = entry.fields
    assert entry.kind == fields["kind"]
    assert entry.occurred_at == datetime.fromisoformat(fields["occurred_at"])
    assert entry.recorded_at == datetime.fromisoformat(fields["recorded_at"])
    assert entry.occurred_at < entry.recorded_at
