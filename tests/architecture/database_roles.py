"""Which role may do what in the database, asked of PostgreSQL for docs/database-roles.md."""

from itertools import groupby
from typing import Any

import psycopg

ROLES = ("scif_web", "scif_ingester", "scif_sequencer", "scif_gateway")
CONTROL = "scif_control"
ACTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
WORDS = {"SELECT": "read", "INSERT": "add", "UPDATE": "change", "DELETE": "delete"}
EVERYTHING, NOTHING = "read, add, change, delete", "—"
HEAD = """# Which database role may write where

Read from a migrated database by `tests/architecture/test_docs.py`, which fails where this page says
something else; `UPDATE_DOCS=1 pytest tests/architecture/test_docs.py` writes it anew. The grants
stand in `scif/journal/migrations/` (`0001_roles.py`, `0002_journal.py`,
`0004_ingester_and_erasure.py`) and in `hardware/migrations/` (`0002_gateway_grants.py`,
`0003_gateways.py`, `0007_ingester.py`), and in `terminals/migrations/` (`0003_sessions.py`,
`0005_anomaly.py`, `0006_control.py`, `0013_last_counts.py`).

| Role | Processes |
|---|---|
| `scif_owner` | migrations; owns every table, and no process runs as it |
| `scif_web` | web, worker, beat |
| `scif_ingester` | ingester: a member of `scif_web`, not the other way round |
| `scif_sequencer` | sequencer |
| `scif_control` | the laptops' control process |
| `scif_gateway` | gateways: each logs in as `scif_gateway_CODE`, a member |

Triggers stand behind the grants: whoever is allowed or owns a table is still refused an UPDATE,
DELETE or TRUNCATE of journal entries; a body changes only to nothing, through `journal_body_erase`,
which the sequencer calls for an entry of two people. An event of the inbox arrives unapplied, and
once it is applied nothing about it changes. Only the ingester journals what bears a gateway's
number. A byte that left stays in the ledger. A published version of a policy profile neither
changes nor goes. A laptop takes only the steps of its table, and leaves quarantine only past a
release by two. What somebody could do with each role's password: [keys.md](keys.md).
A superuser can switch triggers off. That is not prevented; it is found: by `manage.py
journal_verify` and by every checkpoint that somebody outside kept.
"""


def document(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    """The whole page."""
    tables = _tables(connection)
    ordinary = [t for t, may in tables.items() if may == (EVERYTHING, EVERYTHING, NOTHING, NOTHING)]
    lines = [
        HEAD,
        "## Tables with rules of their own",
        "",
        "| Table | web | ingester | sequencer | gateway |",
        "|---|---|---|---|---|",
        *(f"| `{t}` | {' | '.join(may)} |" for t, may in tables.items() if t not in ordinary),
        "",
        "## Rows",
        "",
        "Of some tables a role sees and writes only some rows. In `hardware_inboxevent`, where",
        "row-level security would forbid COPY, a trigger holds a gateway to its own code.",
        "",
        "| Table | Role | Acts | Rows |",
        "|---|---|---|---|",
        *_policies(connection),
        "",
        "## Functions that run with the owner's rights",
        "",
        "| Function | Who may call it |",
        "|---|---|",
        *(f"| `{name}` | {', '.join(who) or 'nobody'} |" for name, who in _functions(connection)),
        "",
        "## The control process",
        "",
        f"It reads what sessions stand on: {', '.join(f'`{t}`' for t in _read(connection))}.",
        "",
        "| Table | Acts beside reading |",
        "|---|---|",
        *(f"| `{t}` | {may} |" for t, may in _written(connection)),
        "",
        "## All other tables",
        "",
        "Web and ingester may read, add, change and delete; sequencer and gateways may nothing.",
        "",
    ]
    for app, names in groupby(sorted(ordinary), key=lambda name: name.split("_")[0]):
        lines.append(f"- {app}: {', '.join(f'`{name}`' for name in names)}")
    return "\n".join(lines) + "\n"


def _tables(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[str, tuple[str, ...]]:
    """What each role may do, by table; partitions have what their table has."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
    ).fetchall()
    return {name: tuple(_may(connection, role, name) for role in ROLES) for (name,) in rows}


def _read(connection: psycopg.Connection[tuple[Any, ...]]) -> list[str]:
    """What the control process may read."""
    return [t for t in _tables(connection) if "read" in _may(connection, CONTROL, t)]


def _written(connection: psycopg.Connection[tuple[Any, ...]]) -> list[tuple[str, str]]:
    """What it may do beside."""
    found = [(t, _may(connection, CONTROL, t).removeprefix("read")) for t in _tables(connection)]
    return [(t, may.removeprefix(", ")) for t, may in found if may not in {"", NOTHING}]


def _may(connection: psycopg.Connection[tuple[Any, ...]], role: str, table: str) -> str:
    words = []
    for act in ACTS:
        if _one(connection, "SELECT has_table_privilege(%s, %s, %s)", [role, table, act]):
            words.append(WORDS[act])
        elif act in {"INSERT", "UPDATE"}:
            columns = connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND has_column_privilege(%s, attrelid, attnum, %s) ORDER BY attname",
                [table, role, act],
            ).fetchall()
            if columns:
                names = ", ".join(f"`{name}`" for (name,) in columns)
                words.append(f"{WORDS[act]} {names} only")
    return ", ".join(words) or NOTHING


def _policies(connection: psycopg.Connection[tuple[Any, ...]]) -> list[str]:
    rows = connection.execute(
        "SELECT tablename, array_to_string(roles, ', '), cmd, qual FROM pg_policies"
        " ORDER BY tablename, policyname"
    ).fetchall()
    return [
        f"| `{table}` | {roles.removeprefix('scif_')} | {WORDS.get(cmd, 'all')} | {_rows(qual)} |"
        for table, roles, cmd, qual in rows
    ]


def _rows(condition: str) -> str:
    return "all" if condition == "true" else f"{condition.replace('|', '&#124;')}"


def _functions(connection: psycopg.Connection[tuple[Any, ...]]) -> list[tuple[str, list[str]]]:
    rows = connection.execute(
        "SELECT oid, proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND prosecdef ORDER BY proname"
    ).fetchall()
    ask = "SELECT has_function_privilege(%s, %s::oid, 'EXECUTE')"
    return [
        (name, [f"`{role}`" for role in (*ROLES, CONTROL) if _one(connection, ask, [role, oid])])
        for oid, name in rows
    ]


def _one(connection: psycopg.Connection[tuple[Any, ...]], query: str, values: list[Any]) -> bool:
    found = connection.execute(query, values).fetchone()
    return found is not None and bool(found[0])
