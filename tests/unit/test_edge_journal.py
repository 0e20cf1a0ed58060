"""The edge journal: durable before it answers, unbroken after any end, honest when it is full."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.gateway.ballast import Ballast
from hardware.gateway.edge_journal import (
    Draft,
    EdgeEntry,
    EdgeError,
    EdgeFull,
    EdgeJournal,
    StatePut,
    entry_hash,
)
from hardware.gateway.edge_schema import connect
from hardware.gateway.recorder import Recorder
from hardware.rules.inbox import GENESIS
from scif.kernel.canonical import canonical_json

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def journal(directory: Path, capacity: int = 50_000_000, reserve: int = 0) -> EdgeJournal:
    return EdgeJournal(directory / "edge.sqlite", "g1", lambda: NOW, capacity, reserve)


def draft(n: int) -> Draft:
    return Draft("door.read", {"n": n, "text": "x" * 100})


def fill(edge: EdgeJournal, at_once: int, *, needs_reserve: bool) -> None:
    """Write until it is refused."""
    for n in range(100_000):
        try:
            edge.append([draft(n)] * at_once, needs_reserve=needs_reserve)
        except EdgeFull:
            return
    pytest.fail("the journal took more than it may hold")


def check_chain(entries: list[EdgeEntry]) -> None:
    """Contiguous from 1, each with the hash of the one before, each hash right."""
    last = GENESIS
    for expected, entry in enumerate(entries, start=1):
        assert entry.seq == expected
        assert entry.prev_hash == last
        assert entry.hash == entry_hash(
            gateway=entry.gateway,
            epoch=entry.epoch,
            seq=entry.seq,
            kind=entry.kind,
            occurred_at=entry.occurred_at,
            clock_offset_ms=entry.clock_offset_ms,
            prev_hash=entry.prev_hash,
            body=entry.body.encode(),
        )
        last = entry.hash


def test_an_entry_is_there_for_the_next_who_opens(tmp_path: Path) -> None:
    first = journal(tmp_path)
    (entry,) = first.append([draft(1)], [StatePut("zone", "Z1", {"version": 1})])
    first.close()
    second = journal(tmp_path)
    assert second.after(0, 10) == [entry]
    assert second.states("zone") == {"Z1": {"version": 1}}
    assert second.epoch == first.epoch
    (following,) = second.append([draft(2)])
    assert (following.seq, following.prev_hash) == (2, entry.hash)


def test_the_hash_is_that_of_the_canonical_json_of_all_fields(tmp_path: Path) -> None:
    import hashlib

    (entry,) = journal(tmp_path).append([Draft("a.b", {"ä": [1, None], "z": "…"}, NOW)])
    whole = {
        "gateway": "g1",
        "epoch": entry.epoch,
        "seq": 1,
        "kind": "a.b",
        "occurred_at": "2026-03-02T09:00:00.000000Z",
        "clock_offset_ms": None,
        "prev_hash": GENESIS,
        "body": {"ä": [1, None], "z": "…"},
    }
    assert entry.hash == hashlib.sha256(canonical_json(whole)).hexdigest()


def test_the_store_of_another_gateway_is_refused(tmp_path: Path) -> None:
    import sqlite3

    journal(tmp_path).close()
    with pytest.raises(sqlite3.DatabaseError, match="gateway g1"):
        EdgeJournal(tmp_path / "edge.sqlite", "g2", lambda: NOW)


def test_a_body_that_is_not_canonical_harms_nobody_else(tmp_path: Path) -> None:
    edge = journal(tmp_path)
    with pytest.raises(TypeError):
        edge.append([Draft("a.b", {"x": 0.5})])
    edge.append([draft(1)])
    check_chain(edge.after(0, 10))


def test_many_threads_make_one_chain_and_share_commits(tmp_path: Path) -> None:
    edge = journal(tmp_path)
    acknowledged: list[EdgeEntry] = []
    start = threading.Barrier(8)

    def write(worker: int) -> None:
        start.wait()
        for n in range(50):
            acknowledged.extend(edge.append([draft(worker * 1000 + n)]))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = edge.after(0, 1000)
    check_chain(entries)
    assert sorted(acknowledged, key=lambda e: e.seq) == entries


def test_grants_stop_at_the_reserve_and_facts_go_on(tmp_path: Path) -> None:
    edge = journal(tmp_path, capacity=400_000, reserve=200_000)
    fill(edge, 1, needs_reserve=True)
    edge.append([draft(1)])
    check_chain(edge.after(0, 1_000_000))


def test_when_even_the_reserve_is_used_it_says_so_and_recovers_without_restart(
    tmp_path: Path,
) -> None:
    edge = journal(tmp_path, capacity=200_000, reserve=50_000)
    fill(edge, 10, needs_reserve=False)
    kept = edge.seq
    assert edge.after(0, 1_000_000)[-1].seq == kept
    while edge.prune(drained=kept):
        pass
    edge.append([draft(1)])
    newest = edge.after(kept - 1, 10)
    assert [entry.seq for entry in newest] == [kept, kept + 1]
    assert newest[1].prev_hash == newest[0].hash


def test_pruning_takes_only_what_the_centre_has(tmp_path: Path) -> None:
    edge = journal(tmp_path, capacity=200_000, reserve=0)
    while edge.seq < 500:
        edge.append([draft(n) for n in range(100)])
    while edge.prune(drained=120):
        pass
    assert edge.after(0, 1)[0].seq == 121


def test_on_a_small_disk_what_the_centre_has_makes_room_before_the_disk_is_full(
    tmp_path: Path,
) -> None:
    """What the disk has left is told by hand; this one is larger."""
    left = [10_000_000]
    edge = journal(tmp_path, reserve=50_000)
    edge.free = lambda: left[0]
    while edge.seq < 2_000:
        edge.append([draft(n) for n in range(100)])
    assert not edge.prune(drained=edge.seq)
    left[0] = 0  # the line was away for long
    with pytest.raises(EdgeFull):
        edge.append([draft(1)], needs_reserve=True)
    while edge.prune(drained=edge.seq):
        pass
    # The file gives nothing back to the disk, and grants go on within it.
    edge.append([draft(1)], needs_reserve=True)
    assert not edge.low


def test_one_ticket_that_is_refused_does_not_take_others_along(tmp_path: Path) -> None:
    edge = journal(tmp_path, capacity=1_000_000, reserve=2_000_000)
    with pytest.raises(EdgeFull):
        edge.append([draft(1)], needs_reserve=True)
    assert [entry.seq for entry in edge.append([draft(2)])] == [1]


def test_facts_that_had_to_wait_come_before_the_next_intent(tmp_path: Path) -> None:
    edge = journal(tmp_path, capacity=200_000)
    fill(edge, 10, needs_reserve=False)
    recorder = Recorder(edge)
    assert not recorder.fact([Draft("door.opened", {"text": "x" * 50_000})])
    with pytest.raises(EdgeFull):
        recorder.intent([Draft("door.command", {})])
    edge.limits(50_000_000, 0)
    recorder.intent([Draft("door.command", {})])
    assert [entry.kind for entry in edge.after(edge.seq - 2, 2)] == ["door.opened", "door.command"]
    assert recorder.waiting == 0


def test_each_commit_reaches_the_disk_before_it_is_told(tmp_path: Path) -> None:
    """What only a real loss of power would show: the two settings that it depends on."""
    journal(tmp_path).close()
    with closing(connect(tmp_path / "edge.sqlite", 1_000_000)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


FULL_DISK = """
import json, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from hardware.gateway.edge_journal import Draft, EdgeError, EdgeJournal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
edge = EdgeJournal(Path(sys.argv[1]), "g1", lambda: datetime.now(UTC))
edge.append([Draft("a.b", {"n": 0})])
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
taken = 1
try:
    while taken < 100_000:
        edge.append([Draft("a.b", {"n": taken, "text": "x" * 500})])
        taken += 1
    refused = False
except EdgeError:
    refused = True
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
edge.append([Draft("a.b", {"n": taken})])
print(json.dumps({"refused": refused, "taken": taken + 1}))
"""


def test_a_disk_that_takes_no_more_is_an_error_and_space_is_used_at_once(tmp_path: Path) -> None:
    """The kernel refuses to let the file grow, as a full disk does, and later allows it."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "edge.sqlite")],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout)
    assert told["refused"]
    entries = journal(tmp_path).after(0, 1_000_000)
    check_chain(entries)
    bodies = [json.loads(entry.body)["n"] for entry in entries]
    # An entry whose commit failed may not count as acknowledged, and none that did may be missing.
    assert sorted(set(bodies)) == list(range(told["taken"]))


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from hardware.gateway.edge_journal import Draft, EdgeJournal

edge = EdgeJournal(Path(sys.argv[1]), "g1", lambda: datetime.now(UTC))
while True:
    entry, = edge.append([Draft("door.read", {"text": "x" * 200})])
    print(entry.seq, entry.hash, flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "edge.sqlite"
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(100)]
        os.kill(child.pid, signal.SIGKILL)
        lines += child.stdout.readlines()
        child.wait()
        child.stdout.close()
        acknowledged = [line.split() for line in lines if line.endswith("\n")]
        edge = journal(tmp_path)
        entries = edge.after(0, 1_000_000)
        edge.close()
        check_chain(entries)
        stored = {(str(entry.seq), entry.hash) for entry in entries}
        assert {(seq, digest) for seq, digest in acknowledged} <= stored


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.floats(0, 1), flip=st.booleans())
def test_power_loss_in_mid_write_leaves_an_unbroken_prefix(
    tmp_path_factory: pytest.TempPathFactory, cut: float, flip: bool
) -> None:
    """What a disk held at some moment: the log cut anywhere, or damaged there."""
    directory = tmp_path_factory.mktemp("power")
    edge = journal(directory)
    acknowledged = [entry for n in range(30) for entry in edge.append([draft(n)])]
    lost = directory / "lost"
    lost.mkdir()
    for name in ("edge.sqlite", "edge.sqlite-wal"):
        shutil.copy(directory / name, lost / name)
    edge.close()
    log = lost / "edge.sqlite-wal"
    content = bytearray(log.read_bytes())
    at = int(cut * (len(content) - 1))
    if flip:
        content[at] ^= 0xFF
    else:
        del content[at:]
    log.write_bytes(content)
    found = journal(lost)
    entries = found.after(0, 1000)
    check_chain(entries)
    if found.epoch == edge.epoch:
        assert entries == acknowledged[: len(entries)]
    else:
        assert entries == []  # not even the store's making had reached the disk
    (following,) = found.append([draft(99)])
    assert following.seq == len(entries) + 1
    found.close()


def test_the_reserve_is_the_gateways_own_until_the_disk_is_full(tmp_path: Path) -> None:
    """What others leave free is told by hand; that this very disk fills up would hurt others."""
    left = [10_000_000]
    reserve = tmp_path / "edge.reserve"
    ballast = Ballast(reserve, lambda: left[0])
    edge = journal(tmp_path)
    edge.ballast = ballast
    edge.limits(50_000_000, 1_000_000)
    edge.keep_reserve()
    taken = reserve.stat()
    assert taken.st_size == 1_000_000
    assert taken.st_blocks * 512 >= 1_000_000  # blocks, and no hole
    edge.limits(1, 0)
    with pytest.raises(EdgeFull):
        write_until_full(edge)
    assert reserve.exists()  # the journal is full by its own limit, and the disk is not
    left[0] = 0
    edge.limits(1, 1_000_000)
    with pytest.raises(EdgeFull):
        write_until_full(edge)
    assert not reserve.exists()
    left[0] = 1_500_000
    edge.keep_reserve()
    assert not reserve.exists()  # there is room for it, and for nothing beside it
    left[0] = 10_000_000
    edge.keep_reserve()
    assert reserve.exists()


def test_the_reserve_is_given_where_a_write_is_refused_though_the_disk_has_room(
    tmp_path: Path,
) -> None:
    """A limit of this process's file size stands for the account's quota: SQLite tells both so."""
    edge = journal(tmp_path)
    edge.ballast = Ballast(tmp_path / "edge.reserve", lambda: 10_000_000)
    edge.limits(50_000_000, 100_000)
    edge.keep_reserve()
    edge.append([draft(1)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(EdgeError):
            write_until_full(edge)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not edge.ballast.held
    assert not (tmp_path / "edge.reserve").exists()
    edge.append([draft(2)])
    check_chain(edge.after(0, 10_000))


def write_until_full(edge: EdgeJournal) -> None:
    """Write until the journal takes no more."""
    for _ in range(1000):
        edge.append([Draft("a.b", {"text": "x" * 1000})])
