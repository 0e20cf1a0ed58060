"""The database itself refuses: every role, every table, every partition."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from scif.runtime.postgres import SUPERUSER, Postgres
from tests.flows.journal_lab import Lab

PARTITION = 1 << 20
REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation)
GUARDED = ("journal_tile", "journal_checkpoint", "journal_signer", "journal_body")


@pytest.fixture
def lab(
    committed_database: str,
    postgres: Postgres,
    role_connection: Callable[[str], psycopg.Connection[tuple[object, ...]]],
    tmp_path: Path,
) -> Lab:
    lab = Lab(postgres, role_connection, tmp_path)
    lab.fill(257)
    sequencer = lab.role("scif_sequencer")
    sequencer.execute("SELECT journal_partitions_ensure(%s)", [2 * PARTITION])
    for number in (1, 2, 3):
        sequencer.execute(
            "INSERT INTO journal_entry (position, header, body_hash, leaf_hash)"
            " SELECT %s, header, body_hash, leaf_hash FROM journal_entry WHERE position = 0",
            [number * PARTITION],
        )
    return lab


def _partitions(lab: Lab) -> list[str]:
    rows = lab.role("scif_owner").execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits"
        " WHERE inhparent = 'journal_entry'::regclass ORDER BY 1"
    )
    return [str(name) for (name,) in rows.fetchall()]


def _attempts(table: str) -> list[str]:
    column = {
        "journal_checkpoint": "note = note",
        "journal_signer": "vkey = vkey",
        "journal_tile": "hashes = hashes",
        "journal_body": "content = 'other'",
    }.get(table, "header = header")
    return [f"UPDATE {table} SET {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"]


def test_no_role_changes_an_entry_on_any_partition(lab: Lab) -> None:
    partitions = _partitions(lab)
    assert len(partitions) == 4
    for role in ("scif_web", "scif_sequencer", "scif_gateway_g1", "scif_owner"):
        connection = lab.role(role)
        for table in ("journal_entry", *partitions, *GUARDED):
            for attempt in _attempts(table):
                with pytest.raises(REFUSED):
                    connection.execute(attempt.encode())
    rows = lab.role("scif_owner").execute("SELECT count(*) FROM journal_entry").fetchone()
    assert rows == (260,)


def test_the_owner_is_refused_by_the_triggers(lab: Lab) -> None:
    owner = lab.role("scif_owner")
    for table in ("journal_entry", *_partitions(lab), *GUARDED):
        for attempt in _attempts(table):
            with pytest.raises(psycopg.errors.RestrictViolation, match="the journal refuses"):
                owner.execute(attempt.encode())


def test_playing_replica_silences_no_trigger(lab: Lab) -> None:
    superuser = lab.role(SUPERUSER)
    superuser.execute("SET session_replication_role = replica")
    for table in ("journal_entry", *_partitions(lab), *GUARDED):
        for attempt in _attempts(table):
            with pytest.raises(psycopg.errors.RestrictViolation):
                superuser.execute(attempt.encode())


ONLY_THE_SEQUENCER = (
    (
        "INSERT INTO journal_entry (position, header, body_hash, leaf_hash)"
        " SELECT 300, header, body_hash, leaf_hash FROM journal_entry WHERE position = 0"
    ),
    "INSERT INTO journal_body VALUES (300, NULL, NULL)",
    "INSERT INTO journal_tile SELECT 1, 0, hashes FROM journal_tile",
    "INSERT INTO journal_checkpoint SELECT 300, root, note, signed_at FROM journal_checkpoint",
    "INSERT INTO journal_signer VALUES ('x', 'y', now())",
    "SELECT journal_partitions_ensure(0)",
    "SELECT journal_guard('journal_outbox', 'UPDATE')",
    "UPDATE django_migrations SET app = app",
)


def test_only_the_sequencer_writes_the_tree(lab: Lab) -> None:
    for role in ("scif_web", "scif_gateway_g1"):
        connection = lab.role(role)
        for attempt in ONLY_THE_SEQUENCER:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(attempt.encode())


def test_what_waits_is_neither_changed_nor_withdrawn(lab: Lab) -> None:
    lab.role("scif_web").execute(
        "INSERT INTO journal_outbox (header, salt, content)"
        " SELECT header, sha256('x'), '{}' FROM journal_entry WHERE position = 0"
    )
    for role in ("scif_web", "scif_sequencer", "scif_owner", "scif_gateway_g1"):
        connection = lab.role(role)
        for attempt in _attempts("journal_outbox"):
            if role == "scif_sequencer" and attempt.startswith("DELETE"):
                continue
            with pytest.raises(REFUSED):
                connection.execute(attempt.encode())


def test_the_sequencer_and_the_gateways_see_nothing_else(lab: Lab) -> None:
    for role in ("scif_sequencer", "scif_gateway_g1"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            lab.role(role).execute("SELECT 1 FROM people_user")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        lab.role("scif_gateway_g1").execute("SELECT 1 FROM journal_entry")


def test_a_later_table_is_for_web_and_for_nobody_else(lab: Lab) -> None:
    lab.role("scif_owner").execute(
        "CREATE TABLE later (id bigint GENERATED BY DEFAULT AS IDENTITY, word text)"
    )
    web = lab.role("scif_web")
    web.execute("INSERT INTO later (word) VALUES ('a')")
    web.execute("UPDATE later SET word = 'b'")
    web.execute("DELETE FROM later")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("TRUNCATE later")
    for role in ("scif_sequencer", "scif_gateway_g1"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            lab.role(role).execute("SELECT 1 FROM later")
