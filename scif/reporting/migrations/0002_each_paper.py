"""A report may wait once for each paper, so that no paper that was asked for is dropped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial")]
    operations = [
        migrations.RemoveConstraint("report", "report_requested_once"),
        migrations.AddConstraint(
            "report",
            models.UniqueConstraint(
                fields=["kind", "subject_id", "paper"],
                condition=models.Q(state="requested"),
                name="report_requested_once",
            ),
        ),
    ]
