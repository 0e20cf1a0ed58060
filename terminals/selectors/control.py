"""Whether a control process works: one holds the lock of the watch, and has looked just now."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection

from scif.kernel.clock import now
from terminals.models import ControlLook

# Of one database: the process that works holds it for as long as it is connected.
LOCK_NAME: Final = "terminals_control"
_HELD: Final = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32) | objid::bigint = hashtextextended(%s, 0))
"""


def control_works() -> bool:
    """Whether one holds it and looks. A standby does not, nor does one that lost the database.

    One that hangs keeps the lock, and looks at nothing: the bastion has ended its sessions.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [LOCK_NAME])
        row = cursor.fetchone()
    recent = now() - timedelta(seconds=settings.CONTROL_SILENT)
    return bool(row and row[0]) and ControlLook.objects.filter(at__gt=recent).exists()
