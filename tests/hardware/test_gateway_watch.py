"""What the centre watches: orders without an outcome, deliveries, clocks, wrong PINs."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from hardware.gateway.database import PostgresCentre
from hardware.gateway.snapshot import Snapshot
from hardware.gateway.uplink import Uplink
from hardware.models import Command, CommandState, Gateway, SnapshotDelta
from hardware.services.command import command_expire, command_mark
from hardware.services.delivery import delivery_watch
from hardware.services.ingest import INGESTER, EdgeEvent
from hardware.services.snapshot import control_signer, snapshot_tell
from hardware.services.snapshot_compaction import snapshots_compact
from scif.alarms.models import Alarm
from scif.kernel.clock import clock_set, now
from scif.kernel.events import publish
from scif.runtime.postgres import Postgres
from tests.factories import Place
from tests.gateway_rig import INSTALLED, Rig, credential_of
from tests.hardware.links_rig import Report, downlink
from tests.policies import policy_with
from tests.roles import ingest


def tell(code: str, key: str, payload: dict[str, object] | None) -> None:
    with transaction.atomic():
        snapshot_tell(gateway=code, records=[("credential", key, payload)])


def heard(code: str, kind: str, **body: object) -> None:
    gateway = Gateway.objects.select_related("facility").get(code=code)
    with transaction.atomic():
        publish(EdgeEvent(gateway, kind, now(), 1, body))


def open_alarms() -> list[str]:
    return sorted(Alarm.objects.filter(closed_at=None).values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("verb", "patience"), [("unlock", 2 + 3), ("locker_open", 3 + 3), ("card_encode", 15 + 3)]
)
def test_an_order_without_an_outcome_is_an_alarm_once_its_device_had_its_time(
    place: Place, verb: str, patience: int
) -> None:
    command = Command.objects.get()
    issued, deadline = now(), now() + timedelta(seconds=10)
    Command.objects.update(state="sent", verb=verb, issued_at=issued, deadline=deadline)
    with clock_set(lambda: deadline + timedelta(seconds=patience - 1)):
        assert command_expire(actor=INGESTER) == 0
    with clock_set(lambda: deadline + timedelta(seconds=patience + 1)):
        assert command_expire(actor=INGESTER) == 1
        assert command_expire(actor=INGESTER) == 0
    command.refresh_from_db()
    assert command.state == "unconfirmed"
    assert command.result["waited_seconds"] == 10 + patience + 1
    assert open_alarms() == ["command_unconfirmed"]
    command_mark(command_id=str(command.pk), state=CommandState.CONFIRMED, result={})
    command.refresh_from_db()
    assert command.state == "unconfirmed"


def test_what_a_gateway_has_not_confirmed_in_time_is_an_alarm_until_it_has(
    place: Place, report: Report
) -> None:
    report("g1", version=0)
    tell("g1", "badge", {"state": "revoked"})
    delivery_watch(actor=INGESTER)
    assert open_alarms() == []
    late = datetime.now(UTC) + timedelta(seconds=4)
    with clock_set(lambda: late):
        for _ in range(2):
            delivery_watch(actor=INGESTER)
        alarm = Alarm.objects.get(kind="not_delivered")
        assert (alarm.subject, alarm.count, alarm.closed_at) == ("g1", 1, None)
        report("g1", version=SnapshotDelta.objects.get().version)
        delivery_watch(actor=INGESTER)
    assert open_alarms() == []
    alarm.refresh_from_db()
    assert alarm.closed_at == late


def test_a_gateway_that_is_silent_is_an_alarm_until_it_speaks(place: Place, report: Report) -> None:
    report("g1", version=0)
    begun = datetime.now(UTC)
    with clock_set(lambda: begun + timedelta(seconds=9)):
        delivery_watch(actor=INGESTER, since=begun)
    assert open_alarms() == []
    with clock_set(lambda: begun + timedelta(seconds=11)):
        for _ in range(2):
            delivery_watch(actor=INGESTER, since=begun)
    alarm = Alarm.objects.get(kind="gateway_silent")
    assert (alarm.subject, alarm.gravity, alarm.count, alarm.closed_at) == ("g1", "act", 1, None)
    report("g1", version=0)
    delivery_watch(actor=INGESTER, since=begun)
    assert open_alarms() == []


def test_the_centres_own_absence_is_no_silence_of_a_gateway(place: Place, report: Report) -> None:
    report("g1", version=0)
    back = datetime.now(UTC) + timedelta(hours=3)
    for seconds, alarms in ((9, []), (11, ["gateway_silent"])):
        with clock_set(partial(lambda at: at, back + timedelta(seconds=seconds))):
            delivery_watch(actor=INGESTER, since=back)
        assert open_alarms() == alarms


def test_how_long_a_gateway_may_be_silent_is_the_policys(place: Place, report: Report) -> None:
    policy_with(place.world.facility, gateway_silent_seconds=60)
    report("g1", version=0)
    begun = datetime.now(UTC)
    for seconds, alarms in ((59, []), (61, ["gateway_silent"])):
        with clock_set(partial(lambda at: at, begun + timedelta(seconds=seconds))):
            delivery_watch(actor=INGESTER)
        assert open_alarms() == alarms


@pytest.mark.parametrize("offset", [5_100, -5_100])
def test_a_clock_that_is_off_is_an_alarm_until_it_is_right(
    place: Place, report: Report, offset: int
) -> None:
    report("g1", version=0, offset=offset)
    delivery_watch(actor=INGESTER)
    assert open_alarms() == ["clock_offset"]
    report("g1", version=0, offset=4_000)
    delivery_watch(actor=INGESTER)
    assert open_alarms() == []


def test_a_gateway_whose_disk_is_full_is_an_alarm_until_it_records_again(
    place: Place, report: Report
) -> None:
    report("g1", version=0, state={"journal_low": True, "waiting": 3})
    delivery_watch(actor=INGESTER)
    assert open_alarms() == ["edge_journal_full"]
    report("g1", version=0, state={"journal_low": False, "waiting": 0})
    delivery_watch(actor=INGESTER)
    assert open_alarms() == []


def test_wrong_pins_are_told_to_the_other_gateways_that_know_the_badge(place: Place) -> None:
    tell("g2", "c1", {"person": "p"})
    at = now().isoformat()
    heard("g1", "pin.failed", credential="c1", count=2, until=None, last_at=at)
    heard("g1", "pin.failed", credential="c2", count=2, until=None, last_at=at)
    told = SnapshotDelta.objects.filter(kind="pin_lock")
    (delta,) = told
    assert (delta.gateway, delta.key) == ("g2", "c1")
    assert delta.payload == {"count": 2, "last_at": at, "until": None}
    heard("g1", "pin.cleared", credential="c1", count=0, until=None, last_at=at)
    assert SnapshotDelta.objects.filter(kind="pin_lock").latest("version").payload is None


def test_the_service_compacts_what_is_confirmed_and_signs_what_is_left(
    place: Place, report: Report, committed_database: str, postgres: Postgres
) -> None:
    for number in range(5):
        tell("g1", "a", {"n": number})
    tell("g1", "b", {"n": 1})
    tell("g1", "b", None)
    report("g1", version=6)
    assert snapshots_compact(actor=INGESTER) == 4
    assert snapshots_compact(actor=INGESTER) == 0
    versions = list(SnapshotDelta.objects.order_by("version").values_list("version", flat=True))
    assert versions == [5, 6, 7]
    snapshot = Snapshot("g1", control_signer(settings.KEY_DIR).public_key())
    centre = PostgresCentre("g1", lambda: postgres.connect("scif_gateway_g1", committed_database))
    full = centre.full("g1")
    assert full is not None
    snapshot.rebase(*full)
    snapshot.apply(centre.deltas("g1", 7, 10))
    assert snapshot.of_kind("credential") == {"a": {"n": 4}}
    centre.close()


def test_wrong_pins_at_one_gateway_lock_the_badge_out_at_the_other(
    place: Place, tmp_path: Path, committed_database: str, postgres: Postgres
) -> None:
    signer = control_signer(settings.KEY_DIR)
    one, other = (Rig(tmp_path / code, code=code, signer=signer) for code in ("g1", "g2"))
    for rig in (one, other):
        rig.directory.mkdir()
    one.start().admit("ann", pin="1234")
    until = (other.time.wall + timedelta(hours=8)).isoformat()
    credential = {"person_id": "person-ann", "until": until, "pin": "1234"}
    known = {**INSTALLED, ("credential", credential_of("ann")): credential}
    with transaction.atomic():
        snapshot_tell(gateway="g2", records=[(kind, key, p) for (kind, key), p in known.items()])
    other.start(told=False, shut=False)
    link = downlink(other, lambda: postgres.connect("scif_gateway_g2", committed_database))
    while link.pull():
        pass
    other.run()
    for _ in range(5):
        one.badge("ann")
        one.keys("0000#")
    up = PostgresCentre("g1", lambda: postgres.connect("scif_gateway_g1", committed_database))
    Uplink(one.edge, up, signer).drain()
    ingest(key_of=lambda _code: signer.public_key())
    while link.pull():
        pass
    other.badge("ann")
    other.keys("1234#")
    (read,) = [body for body in other.events("door.read") if body["outcome"] == "refused"]
    assert [each["code"] for each in read["objections"]] == ["pin_locked"]
    assert other.bus.pulses == []
    up.close()
