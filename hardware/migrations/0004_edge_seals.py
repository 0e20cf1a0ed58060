"""Seals of gateways on what they report, and rows that no seal leads back to."""

from django.db import migrations, models

GRANT = "GRANT UPDATE (forged) ON hardware_inboxevent TO scif_web;"


class Migration(migrations.Migration):
    dependencies = [("hardware", "0003_gateways")]
    operations = [
        migrations.AddField("inboxevent", "seal", models.BinaryField(null=True)),
        migrations.AddField("inboxevent", "forged", models.BooleanField(db_default=False)),
        migrations.RemoveConstraint("inboxevent", "inbox_event_once"),
        migrations.AddConstraint(
            "inboxevent",
            models.UniqueConstraint(
                fields=["gateway", "epoch", "seq", "hash"], name="inbox_event_once"
            ),
        ),
        migrations.AddConstraint(
            "inboxevent",
            models.UniqueConstraint(
                fields=["gateway", "epoch", "seq"],
                condition=models.Q(forged=False, applied_at__isnull=False),
                name="inbox_applied_once",
            ),
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
