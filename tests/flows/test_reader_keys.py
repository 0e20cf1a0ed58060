"""A key of its own for each reader: the window that an officer opens, and how it ends."""

from base64 import b64encode, urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from psycopg import sql

from access.services.rewiring import reader_replace_ask, rewiring_confirm
from hardware.drivers.osdp_fingerprint import fingerprint
from hardware.models import InboxEvent, Rewiring, SnapshotDelta
from hardware.services.ingest import INGESTER
from hardware.services.installation import gateway_publish, key_open
from hardware.services.reader_key import (
    reader_provision,
    reader_window_close,
    reader_windows_expire,
)
from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from tests.factories import Place
from tests.flows.plant_world import (
    gateway,
    officer_of,
    plant_place,
    reader,
    report,
    second_officer,
    told,
)
from tests.policies import policy_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    return plant_place()


@pytest.fixture
def officer(place: Place) -> Actor:
    return officer_of(place)


def journaled(kind: str) -> list[dict[str, Any]]:
    return [dict(row.data) for row in Outbox.objects.all() if row.fields["kind"] == kind]


def keyed(place: Place, seq: int, mark: str) -> None:
    """The gateway reports that the reader took a key."""
    report(place, seq, "device.keyed", device=reader(place).code, fingerprint=mark)


def test_a_replaced_reader_takes_a_key_by_two_officers_only(place: Place, officer: Actor) -> None:
    device = reader(place)
    Rewiring.objects.update(state="withdrawn")
    with pytest.raises(Refused) as none:
        reader_replace_ask(device_id=device.pk, reason="new", actor=officer)
    assert none.value.code == "no_key"
    reader_provision(device_id=device.pk, reason="new", actor=officer)
    offered = bytes.fromhex(told(place, "device", device.code)["provision"]["scbk"])
    keyed(place, 1, fingerprint(offered))
    with pytest.raises(Refused) as alone:
        reader_provision(device_id=device.pk, reason="broken", from_default=True, actor=officer)
    assert alone.value.code == "two_needed"
    order = reader_replace_ask(device_id=device.pk, reason="broken", actor=officer)
    assert reader(place).window_until is None
    rewiring_confirm(rewiring_id=order.pk, actor=second_officer(place))
    assert reader(place).window_until is not None
    assert told(place, "device", device.code)["provision"]["from_default"] is True
    assert journaled("reader.window_opened")[-1]["requested_by"] == str(officer.person_id)


def test_a_reader_takes_a_key_in_its_window(place: Place, officer: Actor) -> None:
    code = reader(place).code
    reader_provision(device_id=reader(place).pk, reason="new at door 1", actor=officer)
    record = told(place, "device", code)
    offered = bytes.fromhex(record["provision"]["scbk"])
    assert record["provision"]["from_default"] is True
    assert "scbk" not in record
    assert len(offered) == 16
    keyed(place, 1, fingerprint(offered))
    taken = reader(place)
    assert (taken.next_key, taken.window_until) == (None, None)
    assert key_open(bytes(taken.key or b""), code) == offered
    record = told(place, "device", code)
    assert (record["scbk"], record.get("provision")) == (offered.hex(), None)
    reader_provision(device_id=taken.pk, reason="yearly", actor=officer)
    record = told(place, "device", code)
    assert record["provision"]["from_default"] is False
    assert record["provision"]["scbk"] != record["scbk"] == offered.hex()


def test_no_key_is_in_the_journal(place: Place, officer: Actor) -> None:
    reader_provision(device_id=reader(place).pk, reason="new", actor=officer)
    offered = told(place, "device", reader(place).code)["provision"]["scbk"]
    keyed(place, 1, fingerprint(bytes.fromhex(offered)))
    assert [body["reason"] for body in journaled("reader.window_opened")] == ["new"]
    assert offered not in str([row.data for row in Outbox.objects.all()])


def test_no_table_shows_a_readers_key(place: Place, officer: Actor) -> None:
    """Whoever dumps the database, or reads it as the web role does, finds no key in it."""
    reader_provision(device_id=reader(place).pk, reason="new", actor=officer)
    taken = told(place, "device", reader(place).code)["provision"]["scbk"]
    keyed(place, 1, fingerprint(bytes.fromhex(taken)))
    reader_provision(device_id=reader(place).pk, reason="again", actor=officer)
    record = told(place, "device", reader(place).code)
    assert record["scbk"] == taken
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')"
        )
        tables = [table for (table,) in cursor.fetchall()]
        assert "hardware_snapshotdelta" in tables
        dump = ""
        for table in tables:
            cursor.execute(sql.SQL("SELECT r::text FROM {} AS r").format(sql.Identifier(table)))
            dump += "\n".join(text for (text,) in cursor.fetchall())
    assert "wrapped:" in dump
    for key in (taken, record["provision"]["scbk"]):
        plain = bytes.fromhex(key)
        assert key not in dump.lower()
        assert b64encode(plain).decode().rstrip("=") not in dump
        assert urlsafe_b64encode(plain).decode().rstrip("=") not in dump


def test_what_says_nothing_new_is_not_told_again(place: Place, officer: Actor) -> None:
    reader_provision(device_id=reader(place).pk, reason="new", actor=officer)
    before = SnapshotDelta.objects.count()
    gateway_publish(gateway=gateway(place), actor=officer)
    assert SnapshotDelta.objects.count() == before


def test_a_key_that_nobody_offered_is_quarantined(place: Place, officer: Actor) -> None:
    keyed(place, 1, "00" * 8)
    reader_provision(device_id=reader(place).pk, reason="new", actor=officer)
    keyed(place, 2, "00" * 8)
    assert reader(place).key is None
    quarantined = InboxEvent.objects.exclude(quarantine="")
    assert [event.seq for event in quarantined.order_by("seq")] == [1, 2]


def test_the_window_closes_by_itself_with_an_alarm(place: Place, officer: Actor) -> None:
    code = reader(place).code
    reader_provision(device_id=reader(place).pk, reason="new", actor=officer)
    offered = told(place, "device", code)["provision"]["scbk"]
    assert reader_windows_expire(actor=INGESTER) == 0
    later = now() + timedelta(seconds=301)
    with clock_set(lambda: later):
        assert reader_windows_expire(actor=INGESTER) == 1
        assert reader_windows_expire(actor=INGESTER) == 0
    assert told(place, "device", code).get("provision") is None
    assert Alarm.objects.filter(kind="reader_not_keyed", subject=code).exists()
    # What a gateway that was cut off tells late is still true.
    keyed(place, 1, fingerprint(bytes.fromhex(offered)))
    assert told(place, "device", code)["scbk"] == offered


def test_a_window_is_opened_once_with_a_reason_and_closed_by_hand(
    place: Place, officer: Actor
) -> None:
    device = reader(place)
    with pytest.raises(Refused, match="Say why"):
        reader_provision(device_id=device.pk, reason="  ", actor=officer)
    reader_provision(device_id=device.pk, reason="new", actor=officer)
    with pytest.raises(Refused, match="open already"):
        reader_provision(device_id=device.pk, reason="again", actor=officer)
    reader_window_close(device_id=device.pk, reason="wrong reader", actor=officer)
    assert told(place, "device", device.code).get("provision") is None
    with pytest.raises(Refused):
        reader_window_close(device_id=device.pk, reason="again", actor=officer)


def test_a_policy_that_states_no_window_opens_none(place: Place, officer: Actor) -> None:
    policy_with(place.world.facility, without=["provision_window"])
    with pytest.raises(Refused) as refused:
        reader_provision(device_id=reader(place).pk, reason="new", actor=officer)
    assert refused.value.code == "policy_incomplete"


def test_an_officer_opens_a_key_window_at_the_screen(place: Place, client: Client) -> None:
    client.force_login(place.users["officer"])
    device = reader(place)
    page = f"/admin/hardware/device/{device.pk}/change/"
    assert b"reader-provision" in client.get(page).content
    client.post(f"/admin/act/reader-provision/{device.pk}/", {"reason": "new reader"})
    shown = client.get(page).content
    assert b"reader-window-close" in shown
    assert b"reader-provision" not in shown
