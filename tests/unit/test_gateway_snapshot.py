"""The snapshot: only what the control plane signed, in its order, and never older than it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.gateway.edge_journal import EdgeJournal
from hardware.gateway.policy import GatewayPolicy
from hardware.gateway.snapshot import Delta, Snapshot, SnapshotRefused
from hardware.gateway.snapshot_store import SnapshotStore
from scif.kernel.canonical import canonical_json
from tests.gateway_rig import STORE_KEY, Rig, Time, credential_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIGNER = Ed25519PrivateKey.generate()


def delta(version: int, key: str = "a", payload: dict[str, object] | None = None) -> Delta:
    body = {"gateway": "g1", "version": version, "kind": "person", "key": key, "payload": payload}
    return Delta("g1", version, "person", key, payload, SIGNER.sign(canonical_json(body)))


def snapshot() -> Snapshot:
    return Snapshot("g1", SIGNER.public_key())


def store(directory: Path, of: Snapshot, key: bytes = STORE_KEY) -> SnapshotStore:
    edge = EdgeJournal(directory / "edge.sqlite", "g1", lambda: NOW)
    return SnapshotStore(directory / "snapshot.bin", key, of, edge, Time().monotonic)


def test_deltas_put_replace_and_remove() -> None:
    known = snapshot()
    known.apply([delta(1, "a", {"n": 1}), delta(2, "b", {"n": 2}), delta(3, "a", {"n": 3})])
    assert known.get("person", "a") == {"n": 3}
    known.apply([delta(4, "b")])
    assert known.of_kind("person") == {"a": {"n": 3}}
    assert known.version == 4


@pytest.mark.parametrize(
    "change",
    [{"payload": {"n": 2}}, {"key": "z"}, {"kind": "zone"}, {"version": 3}, {"gateway": "g2"}],
    ids=str,
)
def test_an_altered_delta_is_refused(change: dict[str, object]) -> None:
    known = snapshot()
    known.apply([delta(1, "a", {"n": 1})])
    with pytest.raises(SnapshotRefused):
        known.apply([replace(delta(2, "a", {"n": 9}), **change)])  # type: ignore[arg-type] # the fields above
    assert known.version == 1
    assert known.get("person", "a") == {"n": 1}


def test_a_gap_stops_and_a_repeat_changes_nothing() -> None:
    known = snapshot()
    with pytest.raises(SnapshotRefused, match="does not follow"):
        known.apply([delta(1, "a", {"n": 1}), delta(3, "a", {"n": 3})])
    assert known.version == 1
    known.apply([delta(1, "a", {"n": 7}), delta(2, "a", {"n": 2})])
    assert known.get("person", "a") == {"n": 2}


def test_the_stored_snapshot_comes_back_whole_and_tells_nothing(tmp_path: Path) -> None:
    known = snapshot()
    known.apply([delta(1, "secret-person", {"n": 1})])
    known.heard(NOW)
    store(tmp_path, known).save()
    assert b"secret-person" not in (tmp_path / "snapshot.bin").read_bytes()
    found = snapshot()
    assert store(tmp_path, found).load()
    assert found.export() == known.export()
    assert found.heard_at == NOW


def test_no_file_is_no_snapshot(tmp_path: Path) -> None:
    assert not store(tmp_path, snapshot()).load()


@pytest.mark.parametrize("at", [0, 7, 20, -1])
def test_a_damaged_file_is_refused(tmp_path: Path, at: int) -> None:
    known = snapshot()
    known.apply([delta(1, "a", {"n": 1})])
    store(tmp_path, known).save()
    path = tmp_path / "snapshot.bin"
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    found = snapshot()
    with pytest.raises(SnapshotRefused):
        store(tmp_path, found).load()
    assert found.version == 0


def test_a_file_of_another_key_or_gateway_is_refused(tmp_path: Path) -> None:
    known = snapshot()
    known.apply([delta(1, "a", {"n": 1})])
    store(tmp_path, known).save()
    with pytest.raises(SnapshotRefused):
        store(tmp_path, snapshot(), bytes(32)).load()
    with pytest.raises(SnapshotRefused):
        store(tmp_path, Snapshot("g2", SIGNER.public_key())).load()


def test_yesterdays_file_put_back_revives_no_badge(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    rig.admit("ann")
    rig.run(2)
    yesterday = (tmp_path / "snapshot.bin").read_bytes()
    rig.tell("credential", credential_of("ann"), None)
    rig.run(2)
    rig.crash()
    (tmp_path / "snapshot.bin").write_bytes(yesterday)
    rig.start(told=False, shut=False)
    assert rig.snapshot.version == 0
    assert "was known" in rig.events("snapshot.refused")[0]["reason"]


def test_it_starts_and_decides_with_nothing_but_its_disk(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    rig.admit("ann")
    time_told(rig)
    rig.run(2)
    rig.crash()
    rig.time.advance(3600)
    rig.start(told=False)
    rig.badge("ann")
    (read,) = rig.events("door.read")
    assert (read["outcome"], read["stale"]) == ("granted", True)
    assert len(rig.bus.pulses) == 1


def time_told(rig: Rig) -> None:
    """The centre says what time it is."""
    rig.gateway.time_told(rig.time.clock(), rig.time.monotonic())


def refused_for(rig: Rig) -> list[str]:
    rig.badge("ann")
    return [each["code"] for each in rig.events("door.read")[-1]["objections"]]


def test_no_clock_decides_alone_that_nobody_has_seen_right(tmp_path: Path) -> None:
    """The machine was switched off meanwhile: what its clock was set to nobody knows."""
    rig = Rig(tmp_path).start()
    rig.admit("ann")
    time_told(rig)
    rig.run(2)
    rig.gateway.stop()
    rig.time.advance(3600)
    rig.time.monotonic_seconds = 5.0
    rig.start(told=False)
    assert refused_for(rig) == ["clock_off"]
    rig.badge("ann", "R1X")
    assert rig.events("door.read")[-1]["outcome"] == "granted"  # the way out asks no clock
    time_told(rig)
    assert refused_for(rig) == []


@pytest.mark.parametrize("seconds", [-7200, 7200])
def test_a_clock_that_was_set_decides_nothing_over_a_restart(tmp_path: Path, seconds: int) -> None:
    rig = Rig(tmp_path).start()
    rig.admit("ann")
    time_told(rig)
    rig.run(2)
    rig.crash()
    rig.time.wall += timedelta(seconds=seconds)
    rig.time.advance(10)
    rig.start(told=False)
    assert refused_for(rig) == ["clock_off"]
    rig.time.wall -= timedelta(seconds=seconds)
    rig.run(1)
    assert refused_for(rig) == []


def test_expiry_closes_offline_too(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    rig.admit("ann", hours=1)
    rig.run(2)
    rig.crash()
    rig.time.advance(2 * 3600)
    rig.start(told=False)
    rig.badge("ann")
    assert rig.events("door.read")[0]["objections"][0]["code"] == "expired"


def test_policy_values_are_read_in_the_profiles_form_and_wrong_types_change_nothing() -> None:
    values = {
        "pin_timeout_seconds": {"value": 9, "unit": "s"},
        "pin_max_digits": 6,
        "clock_jump_ms": "soon",
        "bus_stuck_seconds": True,
    }
    policy = GatewayPolicy.of({"values": values})
    default = GatewayPolicy()
    assert (policy.pin_timeout_seconds, policy.pin_max_digits) == (9, 6)
    assert policy.clock_jump_ms == default.clock_jump_ms
    assert policy.bus_stuck_seconds == default.bus_stuck_seconds
    assert GatewayPolicy.of(None) == default
