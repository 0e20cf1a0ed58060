"""The inbox is the ingester's: what the web role, and the ingester itself, can do with it."""

from collections.abc import Callable

import psycopg
import pytest

Connection = psycopg.Connection[tuple[object, ...]]
ARRIVE = (
    "INSERT INTO hardware_inboxevent"
    " (gateway, epoch, seq, kind, occurred_at, prev_hash, hash, body, applied_at)"
    " VALUES ('g', 1, %s, 'door.forced', now(), '', %s, '{}', %s)"
)
APPLIED = ("applied_at = now()", "applied_at = NULL", "forged = true", "quarantine = 'x'")


def test_only_the_ingester_says_what_was_applied_and_says_it_once(
    committed_database: str, role_connection: Callable[[str], Connection]
) -> None:
    web, ingester = role_connection("scif_web"), role_connection("scif_ingester")
    web.execute(ARRIVE, [1, "a", None])
    for changed in APPLIED:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(f"UPDATE hardware_inboxevent SET {changed}".encode())
    # Nor may anybody plant an event as applied, which would hide the true one.
    for role in (web, ingester):
        with pytest.raises(psycopg.errors.RestrictViolation, match="refuses INSERT"):
            role.execute(ARRIVE, [2, "b", "2026-11-26T00:00Z"])
    ingester.execute("UPDATE hardware_inboxevent SET applied_at = now()")
    for changed in APPLIED:
        with pytest.raises(psycopg.errors.RestrictViolation, match="refuses UPDATE"):
            ingester.execute(f"UPDATE hardware_inboxevent SET {changed}".encode())


def test_the_web_role_cannot_end_the_ingester(
    committed_database: str, role_connection: Callable[[str], Connection]
) -> None:
    ingester = role_connection("scif_ingester")
    backend = ingester.info.backend_pid
    for act in ("pg_terminate_backend", "pg_cancel_backend"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            role_connection("scif_web").execute(f"SELECT {act}(%s)".encode(), [backend])
    for become in ("SET ROLE scif_ingester", "SET SESSION AUTHORIZATION scif_ingester"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            role_connection("scif_web").execute(become.encode())
    assert ingester.execute("SELECT 1").fetchone() == (1,)
