"""A quote with which a session is asked for is bound to the key of that session."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("terminals", "0008_approvals_and_checks")]

    operations = [
        migrations.AddField(
            model_name="attestation",
            name="session_key",
            field=models.CharField(
                blank=True, default="", max_length=64, verbose_name="digest of the session's key"
            ),
            preserve_default=False,
        ),
    ]
