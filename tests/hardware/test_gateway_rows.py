"""What of the centre's tables a gateway reaches, and what is left there of what it was told."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from hardware.gateway.centre import CentreAway, Status
from hardware.gateway.database import Connection, PostgresCentre
from hardware.gateway.seals import sealed
from hardware.gateway.snapshot import Snapshot
from scif.kernel.canonical import canonical_json
from scif.runtime.postgres import Postgres
from tests.gateway_rig import INSTALLED, Rig
from tests.hardware.links_rig import Connect, all_deltas, downlink, inbox, publish

ROOT = Path(__file__).resolve().parents[2]


# Compaction


def compact(owner: Connection, rig: Rig) -> None:
    """As the centre does it (hardware.services.snapshot_compaction), with the rig's key."""
    version = rig.snapshot.version
    owner.execute("SELECT hardware_snapshot_compact(%s, %s)", [rig.code, version])
    rows = owner.execute(
        "SELECT signature FROM hardware_snapshotdelta WHERE version <= %s ORDER BY version",
        [version],
    ).fetchall()
    digest = hashlib.sha256(b"".join(bytes(each) for (each,) in rows)).hexdigest()
    body = {"gateway": rig.code, "floor": version, "digest": digest}
    owner.execute(
        "INSERT INTO hardware_snapshotfloor VALUES (%s, %s, %s, %s)",
        [rig.code, version, digest, rig.signer.sign(canonical_json(body))],
    )


def records(snapshot: Snapshot) -> dict[tuple[str, str], Any]:
    return {(kind, key): record for kind, key, record in snapshot.export()["records"]}


@pytest.fixture
def compacted(rig: Rig, connect: Connect, owner: Connection) -> Rig:
    """A gateway that has confirmed everything, and whose overtaken deltas are gone."""
    publish(owner, *all_deltas(rig))
    for number in range(5):
        change = rig.delta("portal", "D1", {**rig.records["portal", "D1"], "held_seconds": number})
        publish(owner, change)
        rig.snapshot.apply([change])
    downlink(rig, connect).step()
    compact(owner, rig)
    return rig


def test_a_gateway_that_starts_from_nothing_gets_the_full_state(
    compacted: Rig, connect: Connect, owner: Connection
) -> None:
    left = owner.execute("SELECT count(*) FROM hardware_snapshotdelta").fetchone()
    assert left == (len(compacted.records),)
    fresh = Snapshot(compacted.code, compacted.signer.public_key())
    known, compacted.snapshot = compacted.snapshot, fresh
    link, bulk = downlink(compacted, connect), list[int]()
    link.on_bulk = lambda: bulk.append(fresh.version)
    link.pull()
    assert records(fresh) == records(known)
    assert fresh.version == known.version
    assert fresh.heard_at is None
    link.pull()
    assert fresh.heard_at == compacted.time.clock()
    assert bulk == [known.version]


def test_one_that_lags_behind_the_floor_takes_the_full_state_and_one_ahead_goes_on(
    compacted: Rig, connect: Connect, owner: Connection
) -> None:
    known = compacted.snapshot
    later = compacted.delta("portal", "D1", None)
    publish(owner, later)
    downlink(compacted, connect).pull()
    assert known.get("portal", "D1") is None
    compacted.snapshot = Snapshot(compacted.code, compacted.signer.public_key())
    compacted.snapshot.apply(
        [compacted.delta(k, key, p, n) for n, ((k, key), p) in enumerate(INSTALLED.items(), 1)]
    )
    link = downlink(compacted, connect)
    while link.pull():
        pass
    assert compacted.snapshot.version == known.version
    assert compacted.snapshot.get("portal", "D1") is None


def test_a_full_state_from_which_something_was_withheld_is_refused(
    compacted: Rig, connect: Connect, owner: Connection
) -> None:
    owner.execute("DELETE FROM hardware_snapshotdelta WHERE kind = 'zone'")
    compacted.snapshot = Snapshot(compacted.code, compacted.signer.public_key())
    with pytest.raises(CentreAway, match="not whole"):
        downlink(compacted, connect).pull()
    assert compacted.snapshot.version == 0


def test_nothing_goes_that_the_gateway_has_not_confirmed_or_that_is_the_last_word(
    compacted: Rig, owner: Connection
) -> None:
    version = compacted.snapshot.version
    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("SELECT hardware_snapshot_compact('g1', %s)", [version + 1])
    removed = owner.execute("SELECT hardware_snapshot_compact('g1', %s)", [version]).fetchone()
    assert removed == (0,)


# A gateway among others


@pytest.fixture
def other(committed_database: str, postgres: Postgres) -> Connection:
    """The connection of another gateway, g2."""
    return postgres.connect("scif_gateway_g2", committed_database)


def test_a_gateway_reads_and_writes_nothing_of_another(
    rig: Rig, connect: Connect, owner: Connection, other: Connection
) -> None:
    publish(owner, *all_deltas(rig))
    link = downlink(rig, connect)
    link.step()
    compact(owner, rig)
    rig.badge("stranger")
    for table in ("hardware_snapshotdelta", "hardware_snapshotfloor", "hardware_gatewaystatus"):
        assert other.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        assert connect().execute(f"SELECT count(*) > 0 FROM {table}").fetchone() == (True,)
    as_g2 = PostgresCentre("g1", lambda: other)
    with pytest.raises(CentreAway, match="may not write as gateway g1"):
        as_g2.insert(sealed(rig.edge.after(0, 10), rig.signer))
    with pytest.raises(CentreAway, match="may not write as gateway g1"):
        as_g2.copy(sealed(rig.edge.after(0, 10), rig.signer))
    with pytest.raises(CentreAway, match="row-level security"):
        as_g2.report(Status("g1", 99, 0, None, {}))
    other.execute("UPDATE hardware_gatewaystatus SET version = 99")
    reported = owner.execute("SELECT version FROM hardware_gatewaystatus").fetchall()
    assert reported == [(rig.snapshot.version,)]
    assert inbox(owner) == []


def test_the_group_itself_can_neither_log_in_nor_read(
    rig: Rig, connect: Connect, owner: Connection, other: Connection, postgres: Postgres
) -> None:
    publish(owner, *all_deltas(rig))
    row = owner.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'scif_gateway'")
    assert row.fetchone() == (False,)
    other.execute("SET ROLE scif_gateway")
    assert other.execute("SELECT count(*) FROM hardware_snapshotdelta").fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.execute("SET ROLE scif_gateway_g1")


def test_the_owner_makes_a_gateways_role_with_its_password(
    committed_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = f"t-{uuid4().hex[:8]}"
    file = tmp_path / "password"
    file.write_text(postgres.password(f"scif_gateway_{code}") + "\n")
    environment = {**os.environ, "DB_USER": "scif_owner"}
    environment["DB_PASSWORD"] = postgres.password("scif_owner")
    for _ in range(2):
        subprocess.run(
            [sys.executable, "manage.py", "gateway_role", code, "--password-file", str(file)],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
        )
    mine = postgres.connect(f"scif_gateway_{code}", committed_database)
    assert mine.execute("SELECT count(*) FROM hardware_snapshotdelta").fetchone() == (0,)
