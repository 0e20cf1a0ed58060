"""Real writers, real processes, real kills: no gap, no loss, no duplicate."""

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connections, transaction

from scif.journal.models import Checkpoint, Entry, Outbox
from scif.journal.services import append, settle
from scif.journal.verification import verify_journal
from scif.kernel.actor import Actor
from scif.runtime.postgres import Postgres
from tests.flows.journal_lab import Lab, write

WRITERS = 8
ACTOR = Actor.system("test")


@pytest.fixture
def lab(
    committed_database: str,
    postgres: Postgres,
    role_connection: Callable[[str], psycopg.Connection[tuple[object, ...]]],
    tmp_path: Path,
) -> Lab:
    return Lab(postgres, role_connection, tmp_path)


class _Writer(threading.Thread):
    """Commits transactions of one to three entries, rolls every fourth one back."""

    def __init__(self, number: int, rounds: int, stop: threading.Event) -> None:
        super().__init__()
        self.number, self.rounds, self.stop = number, rounds, stop
        self.committed: list[str] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            for turn in range(self.rounds):
                if self.stop.wait(0.02):
                    return
                self._turn(turn)
        except Exception as error:
            self.error = error
        finally:
            connections.close_all()

    def _turn(self, turn: int) -> None:
        names = [f"{self.number}.{turn}.{part}" for part in range(turn % 3 + 1)]
        with transaction.atomic():
            for name in names:
                append(kind="test.written", actor=ACTOR, subject=("writer", name))
            if turn % 4 == 3:
                transaction.set_rollback(True)
                return
        self.committed += names


def _write_all(rounds: int, stop: threading.Event) -> list[_Writer]:
    writers = [_Writer(number, rounds, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    return writers


def _assert_contiguous_and_whole(writers: list[_Writer]) -> None:
    assert [writer.error for writer in writers] == [None] * WRITERS
    entries = list(Entry.objects.values_list("position", "subject_id"))
    assert [position for position, _ in entries] == list(range(len(entries)))
    for writer in writers:
        mine = [name for _, name in entries if name.startswith(f"{writer.number}.")]
        # Once each, and in the order in which they were committed.
        assert mine == writer.committed
    assert len(entries) == sum(len(writer.committed) for writer in writers)


def test_eight_writers_leave_no_gap(lab: Lab) -> None:
    with lab.running():
        writers = _write_all(60, threading.Event())
        for writer in writers:
            writer.join()
        checkpoint = settle(timeout_seconds=20)
    _assert_contiguous_and_whole(writers)
    assert checkpoint is not None
    result = verify_journal(key=lab.signer.verifier)
    assert result.entries == result.signed == checkpoint.size


def test_kills_lose_nothing_and_leave_no_gap(lab: Lab) -> None:
    stop = threading.Event()
    writers = _write_all(100_000, stop)
    for delay in (0.0, 0.02, 0.05, 0.11, 0.17):
        process = lab.start()
        # A kill at some moment of its work, in the middle of a batch or of a signature.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(delay)
        process.kill()
        process.communicate()
    stop.set()
    for writer in writers:
        writer.join()
    with lab.running():
        settle(timeout_seconds=20)
    _assert_contiguous_and_whole(writers)
    assert len(Checkpoint.objects.all()) > 1
    published = (lab.folder / "checkpoint").read_text()
    assert verify_journal(key=lab.signer.verifier, published=published).entries > 0


def test_a_second_sequencer_waits_and_takes_over(lab: Lab) -> None:
    first = lab.start()
    with lab.running():
        write(3)
        settle()
        first.kill()
        first.communicate()
        write(4)
        checkpoint = settle(timeout_seconds=20)
        refused = lab.manage("scif_sequencer", "journal_recover", "--reason", "test")
    assert checkpoint is not None
    assert checkpoint.size == 7
    assert refused.returncode == 1
    assert "stop it first" in refused.stderr


def test_what_a_transaction_has_not_committed_is_not_sequenced(lab: Lab) -> None:
    with lab.running():
        with transaction.atomic():
            append(kind="test.written", actor=ACTOR, subject=("early", str(uuid4())))
            other = threading.Thread(target=_write_one)
            other.start()
            other.join()
            # The later identity value is committed first, and gets the first position.
            settle_elsewhere = threading.Thread(target=_settle)
            settle_elsewhere.start()
            settle_elsewhere.join()
            assert list(Entry.objects.values_list("subject_type", flat=True)) == ["late"]
        settle()
    assert list(Entry.objects.values_list("subject_type", flat=True)) == ["late", "early"]
    assert not Outbox.objects.exists()


def _write_one() -> None:
    with transaction.atomic():
        append(kind="test.written", actor=ACTOR, subject=("late", str(uuid4())))
    connections.close_all()


def _settle() -> None:
    settle()
    connections.close_all()
