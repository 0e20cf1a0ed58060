"""The links to the centre over the real database, as the role of a gateway."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.gateway.centre import CentreAway
from hardware.gateway.database import Connection, PostgresCentre
from hardware.gateway.edge_journal import Draft, entry_hash
from hardware.gateway.seals import sealed
from hardware.gateway.uplink import Uplink
from scif.kernel.canonical import canonical_json
from scif.runtime.postgres import Postgres
from tests.gateway_rig import Rig, credential_of
from tests.hardware.links_rig import Connect, all_deltas, downlink, inbox, publish


def edge(rig: Rig) -> list[tuple[int, str]]:
    return [(entry.seq, entry.hash) for entry in rig.entries()]


# Up


@pytest.mark.parametrize("count", [3, 450])
def test_everything_arrives_once_few_or_many(
    rig: Rig, connect: Connect, owner: Connection, count: int
) -> None:
    for n in range(count):
        rig.gateway.recorder.fact([Draft("door.read", {"n": n, "text": "ä\\\t\n'"})])
    uplink = Uplink(rig.edge, PostgresCentre(rig.code, connect), rig.signer)
    while uplink.drain():
        pass
    assert inbox(owner) == edge(rig)
    assert uplink.cursor == rig.edge.seq


def test_the_hash_can_be_checked_from_what_the_database_keeps(
    rig: Rig, connect: Connect, owner: Connection
) -> None:
    rig.badge("stranger")
    Uplink(rig.edge, PostgresCentre(rig.code, connect), rig.signer).drain()
    rows = owner.execute(
        "SELECT gateway, epoch, seq, kind, occurred_at, clock_offset_ms, prev_hash, hash, body"
        " FROM hardware_inboxevent ORDER BY seq"
    ).fetchall()
    assert rows
    for gateway, epoch, seq, kind, occurred_at, offset, prev_hash, digest, body in rows:
        assert digest == entry_hash(
            gateway=str(gateway),
            epoch=int(epoch),
            seq=int(seq),
            kind=str(kind),
            occurred_at=occurred_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            clock_offset_ms=offset,
            prev_hash=str(prev_hash),
            body=canonical_json(body),
        )


@pytest.mark.parametrize("count", [5, 450])
def test_a_lost_cursor_sends_again_and_nothing_doubles(
    rig: Rig, connect: Connect, owner: Connection, count: int
) -> None:
    for n in range(count):
        rig.gateway.recorder.fact([Draft("door.read", {"n": n})])
    centre = PostgresCentre(rig.code, connect)
    centre.insert(sealed(rig.edge.after(3, count // 2), rig.signer))
    uplink = Uplink(rig.edge, centre, rig.signer)
    while uplink.drain():
        pass
    assert inbox(owner) == edge(rig)


def test_while_the_database_is_away_the_door_decides_and_then_all_arrives(
    rig: Rig, connect: Connect, owner: Connection, postgres: Postgres
) -> None:
    centre = PostgresCentre(rig.code, connect)
    uplink = Uplink(rig.edge, centre, rig.signer)
    uplink.drain()
    rig.admit("ann")
    with postgres.connect() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = %s AND datname = %s",
            ["scif_gateway_g1", owner.info.dbname],
        )
    rig.badge("ann")
    assert len(rig.bus.pulses) == 1
    with pytest.raises(CentreAway):
        uplink.drain()
    uplink.drain()
    assert inbox(owner) == edge(rig)


def test_the_cursor_survives_a_restart(rig: Rig, connect: Connect) -> None:
    centre = PostgresCentre(rig.code, connect)
    Uplink(rig.edge, centre, rig.signer).drain()
    sent = rig.edge.seq
    rig.crash()
    rig.start()
    assert Uplink(rig.edge, centre, rig.signer).cursor == sent


def test_a_gateway_may_neither_read_nor_change_the_inbox(connect: Connect) -> None:
    for statement in (
        "SELECT * FROM hardware_inboxevent",
        "UPDATE hardware_inboxevent SET kind = 'x'",
        "DELETE FROM hardware_inboxevent",
        "SELECT * FROM people_person",
    ):
        with connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


# Down


def test_deltas_arrive_in_order_and_the_report_tells_the_version(
    tmp_path: Path, connect: Connect, owner: Connection
) -> None:
    rig = Rig(tmp_path).start(told=False, shut=False)
    publish(
        owner,
        *(rig.delta(k, key, p, n) for n, ((k, key), p) in enumerate(rig.records.items(), 1)),
    )
    link = downlink(rig, connect)
    link.step()
    rig.run()
    assert rig.snapshot.version == len(rig.records)
    assert rig.snapshot.heard_at == rig.time.clock()
    assert "B1" in rig.buses
    rig.time.advance(1)
    publish(owner, rig.delta("portal", "D1", None))
    link.step()
    row = owner.execute("SELECT version, edge_seq, state FROM hardware_gatewaystatus").fetchone()
    assert row is not None
    assert row[0] == rig.snapshot.version == len(rig.records) + 1
    assert "devices" in row[2]


def test_a_revocation_is_heard_by_notification(
    rig: Rig, connect: Connect, owner: Connection
) -> None:
    centre = PostgresCentre(rig.code, connect)
    centre.wait(0)
    owner.execute("SELECT pg_notify('snapshot_g1', '7')")
    centre.wait(30)  # comes back at once; the test would last half a minute otherwise


def test_a_forged_delta_is_not_applied_and_the_snapshot_grows_old(
    rig: Rig, connect: Connect, owner: Connection
) -> None:
    publish(owner, *all_deltas(rig))
    link = downlink(rig, connect)
    link.pull()
    heard, version = rig.snapshot.heard_at, rig.snapshot.version
    forger = Rig(rig.directory, signer=Ed25519PrivateKey.generate())
    forger.snapshot = rig.snapshot
    publish(owner, forger.delta("credential", credential_of("mallory"), {"person_id": "m"}))
    rig.time.advance(60)
    for _ in range(3):
        with pytest.raises(CentreAway):
            link.pull()
    assert rig.snapshot.version == version
    assert rig.snapshot.heard_at == heard
    assert len(rig.events("snapshot.refused")) == 1


def test_a_centre_that_lost_its_history_does_not_refresh_the_snapshot(
    rig: Rig, connect: Connect, owner: Connection
) -> None:
    publish(owner, *all_deltas(rig)[:-1])
    heard = rig.snapshot.heard_at
    rig.time.advance(60)
    with pytest.raises(CentreAway, match="no longer has version"):
        downlink(rig, connect).pull()
    assert rig.snapshot.heard_at == heard


def test_the_clocks_are_compared(rig: Rig, connect: Connect, owner: Connection) -> None:
    publish(owner, *all_deltas(rig))
    row = owner.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    rig.time.wall = row[0] - timedelta(hours=2)
    downlink(rig, connect).report()
    assert rig.edge.clock_offset_ms == pytest.approx(7_200_000, abs=60_000)
    rig.badge("stranger")
    assert rig.entries()[-1].clock_offset_ms == rig.edge.clock_offset_ms
