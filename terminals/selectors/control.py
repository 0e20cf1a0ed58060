"""Whether a control process works: the one that holds the lock of the watch."""

from typing import Final

from django.db import connection

# Of one database: the process that works holds it for as long as it is connected.
LOCK_NAME: Final = "terminals_control"
_HELD: Final = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32) | objid::bigint = hashtextextended(%s, 0))
"""


def control_works() -> bool:
    """Whether one holds it. A standby does not, nor does one that has lost the database."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [LOCK_NAME])
        row = cursor.fetchone()
    return bool(row and row[0])
