"""Whether tables and demonstration data are already those of this source code, of this day.

A start that finds them so needs neither `migrate` nor `seed_demo`, which take longer than the rest.
"""

import datetime as dt
import hashlib
from pathlib import Path

from scif.runtime.postgres import Postgres
from scif.runtime.processes import PROJECT

_SOURCES = ("scif", "hardware", "inspections", "access", "terminals")


def is_prepared(postgres: Postgres) -> bool:
    """Tell whether this database was prepared by this source, today (the seeded week moves on)."""
    mark = _mark(postgres)
    return mark.exists() and mark.read_text() == _fingerprint(postgres)


def note_prepared(postgres: Postgres) -> None:
    """Remember that tables and data are in place."""
    _mark(postgres).write_text(_fingerprint(postgres))


def _mark(postgres: Postgres) -> Path:
    return postgres.places.var / "prepared"


def _fingerprint(postgres: Postgres) -> str:
    digest = hashlib.sha256()
    for app in _SOURCES:
        for path in sorted((PROJECT / app).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes())
    with postgres.connect() as connection:
        row = connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
    cluster = row[0] if row else ""
    return f"{digest.hexdigest()} {cluster} {dt.datetime.now(dt.UTC).date()}"
