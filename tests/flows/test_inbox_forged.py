"""Rows that somebody else wrote into the inbox: refused, told, and in nobody's way."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import IntegrityError, connection, transaction

from hardware.gateway.edge_journal import Draft, EdgeJournal, entry_hash
from hardware.gateway.seals import Sealed, sealed
from hardware.models import Gateway, InboxEvent
from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.kernel.canonical import canonical_json
from tests.factories import make_place
from tests.roles import ingest

pytestmark = pytest.mark.django_db
SIGNER = Ed25519PrivateKey.generate()


@pytest.fixture
def gateway() -> Gateway:
    return Gateway.objects.get(pk=make_place("own").records["hardware.gateway"].pk)


@pytest.fixture
def edge(gateway: Gateway, tmp_path: Path) -> Iterator[EdgeJournal]:
    journal = EdgeJournal(tmp_path / "edge.sqlite", gateway.code, lambda: datetime.now(UTC))
    yield journal
    journal.close()


def sends(edge: EdgeJournal, *kinds: str) -> list[InboxEvent]:
    """The gateway writes entries and sends them, the last one sealed."""
    for kind in kinds:
        edge.append([Draft(kind, {"n": edge.seq})])
    entries = edge.after(edge.seq - len(kinds), len(kinds))
    return InboxEvent.objects.bulk_create([row(each) for each in sealed(entries, SIGNER)])


def row(each: Sealed) -> InboxEvent:
    entry = each.entry
    return InboxEvent(
        gateway=entry.gateway,
        epoch=entry.epoch,
        seq=entry.seq,
        kind=entry.kind,
        occurred_at=datetime.fromisoformat(entry.occurred_at),
        prev_hash=entry.prev_hash,
        hash=entry.hash,
        body=json.loads(entry.body),
        seal=each.seal,
    )


IMPOSSIBLE = ("infinity", "-infinity", "0044-03-15 00:00:00+00 BC", "12026-01-01 00:00:00+00")


@pytest.mark.parametrize("at", IMPOSSIBLE)
def test_a_time_that_nobody_can_read_is_refused_and_the_queue_goes_on(
    edge: EdgeJournal, at: str
) -> None:
    sends(edge, "gateway.started")
    with (
        pytest.raises(IntegrityError, match="inbox_event_in_time"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO hardware_inboxevent"
            " (gateway, epoch, seq, kind, occurred_at, prev_hash, hash, body)"
            " VALUES (%s, %s, 2, 'door.forced', %s::timestamptz, '', 'f', '{}')",
            [edge.gateway, edge.epoch, at],
        )
    sends(edge, "door.closed")
    assert ingest(key_of=lambda _code: SIGNER.public_key()) == 2


@pytest.mark.parametrize("year", [1970, 9999])
def test_a_clock_that_has_lost_its_date_stops_no_queue(edge: EdgeJournal, year: int) -> None:
    """What a gateway says under its seal is a fact, whatever its clock showed."""
    at = datetime(year, 6, 1, tzinfo=UTC)
    edge.append([Draft("door.forced", {"portal": "own-d1"}, at)])
    sends(edge, "gateway.started")
    first = sealed(edge.after(0, 1), SIGNER)
    InboxEvent.objects.bulk_create([row(each) for each in first])
    assert ingest(key_of=lambda _code: SIGNER.public_key()) == 2
    assert not InboxEvent.objects.exclude(quarantine="").exists()


def plant(edge: EdgeJournal, seq: int, prev_hash: str, seal: bytes | None) -> InboxEvent:
    """A stranger's row, whose hash is that of what it says."""
    digest = entry_hash(
        gateway=edge.gateway,
        epoch=edge.epoch,
        seq=seq,
        kind="door.opened",
        occurred_at="2026-11-26T00:00:00.000000Z",
        clock_offset_ms=None,
        prev_hash=prev_hash,
        body=canonical_json({"portal": "D1"}),
    )
    return InboxEvent.objects.create(
        gateway=edge.gateway,
        epoch=edge.epoch,
        seq=seq,
        kind="door.opened",
        occurred_at=datetime(2026, 11, 26, tzinfo=UTC),
        prev_hash=prev_hash,
        hash=digest,
        body={"portal": "D1"},
        seal=seal,
    )


def apply() -> int:
    return ingest(key_of=lambda _code: SIGNER.public_key())


def journaled() -> list[str]:
    kinds = (json.loads(each.header)["kind"] for each in Outbox.objects.order_by("id"))
    return [kind for kind in kinds if kind.startswith(("door.", "inbox.", "test."))]


def alarms() -> list[tuple[str, str, int]]:
    kinds = ("inbox_forged", "edge_key_missing", "event_quarantined")
    return list(Alarm.objects.filter(kind__in=kinds).values_list("kind", "gravity", "count"))


def test_what_the_gateway_sealed_is_applied(edge: EdgeJournal) -> None:
    sends(edge, "test.one", "test.two")
    assert apply() == 2
    sends(edge, "test.three")
    assert apply() == 1
    assert journaled() == ["test.one", "test.two", "test.three"]
    assert not alarms()


def test_a_row_planted_ahead_keeps_the_true_one_in_its_place(edge: EdgeJournal) -> None:
    first = sends(edge, "test.one")[0]
    apply()
    planted = plant(edge, 2, first.hash, None)
    assert apply() == 0
    sends(edge, "test.true")
    assert apply() == 1
    planted.refresh_from_db()
    assert planted.forged
    assert sorted(journaled()) == ["inbox.refused", "test.one", "test.true"]
    assert alarms() == [("inbox_forged", "respond", 1)]


def test_a_copied_seal_fits_nothing_else(edge: EdgeJournal) -> None:
    first = sends(edge, "test.one")[0]
    apply()
    plant(edge, 2, first.hash, bytes(first.seal or b""))
    plant(edge, 3, "0" * 64, b"not a signature")
    assert apply() == 0
    assert "door.opened" not in journaled()


def test_an_altered_body_is_refused(edge: EdgeJournal) -> None:
    edge.append([Draft("test.one", {"n": 0})])
    altered = row(sealed(edge.after(0, 1), SIGNER)[0])
    altered.body = {"n": 99}
    altered.save()
    assert apply() == 0
    assert journaled() == ["inbox.refused"]


def test_a_flood_of_rows_that_wait_does_not_hide_the_true_ones(edge: EdgeJournal) -> None:
    first = sends(edge, "test.one")[0]
    apply()
    template = plant(edge, 2, first.hash, None)
    InboxEvent.objects.bulk_create(
        InboxEvent(
            gateway=edge.gateway,
            epoch=edge.epoch,
            seq=2,
            kind="door.opened",
            occurred_at=template.occurred_at,
            prev_hash=first.hash,
            hash=f"{number:064x}",
            body={},
        )
        for number in range(60)
    )
    sends(edge, "test.true")
    assert ingest(limit=10, key_of=lambda _code: SIGNER.public_key()) == 1
    assert "test.true" in journaled()


def test_without_the_gateways_key_its_events_wait_and_one_alarm_says_so(edge: EdgeJournal) -> None:
    sends(edge, "test.one")
    assert ingest(key_of=lambda _code: None) == 0
    assert ingest(key_of=lambda _code: None) == 0
    assert alarms() == [("edge_key_missing", "act", 1)]
    assert apply() == 1
