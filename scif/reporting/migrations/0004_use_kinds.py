from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0003_cost_kind"),
    ]

    operations = [
        migrations.AlterField(
            model_name="report",
            name="kind",
            field=models.CharField(
                choices=[
                    ("visit", "visit record"),
                    ("cost", "cost of a room"),
                    ("engagement", "use of an engagement"),
                    ("egress", "egress of an engagement"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        # An engagement takes place at several facilities, each with reports of its own.
        migrations.RemoveConstraint(model_name="report", name="report_requested_once"),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "requested")),
                fields=("kind", "subject_id", "facility", "paper"),
                name="report_requested_once",
            ),
        ),
    ]
