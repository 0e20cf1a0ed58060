"""Devices and buses that were taken out, and what a gateway may say of when something happened."""

from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Q

# A row that no program of ours can read: it is kept, as forged, under the time of its arrival.
UNREADABLE = """
UPDATE hardware_inboxevent
SET forged = forged OR applied_at IS NULL, quarantine = 'no time of this calendar',
    applied_at = coalesce(applied_at, now()), occurred_at = arrived_at
WHERE NOT (occurred_at >= '0001-01-02 00:00:00+00' AND occurred_at < '9999-12-31 00:00:00+00')
"""
# When a row arrived and what became of it is the centre's to say.
GRANT = """
REVOKE INSERT ON hardware_inboxevent FROM scif_gateway;
GRANT INSERT (gateway, epoch, seq, kind, occurred_at, clock_offset_ms, prev_hash, hash, body, seal)
    ON hardware_inboxevent TO scif_gateway;
"""


def _retired(model: str) -> migrations.AddField:
    field = models.DateTimeField(blank=True, editable=False, null=True, verbose_name="taken out at")
    return migrations.AddField(model, "retired_at", field)


class Migration(migrations.Migration):
    dependencies = [("hardware", "0005_device_grade")]
    operations = [
        _retired("bus"),
        _retired("device"),
        migrations.RemoveConstraint("device", "device_address_once"),
        migrations.AddConstraint(
            "device",
            models.UniqueConstraint(
                fields=["bus", "address"],
                condition=Q(retired_at=None),
                name="device_address_once",
            ),
        ),
        migrations.RunSQL(UNREADABLE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "inboxevent",
            models.CheckConstraint(
                condition=Q(
                    occurred_at__gte=datetime(1, 1, 2, tzinfo=UTC),
                    occurred_at__lt=datetime(9999, 12, 31, tzinfo=UTC),
                ),
                name="inbox_event_in_time",
            ),
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
