"""The control process says when it looked last; nobody else can say so for it."""

from django.db import migrations, models

ROLES = """
GRANT SELECT, INSERT, UPDATE ON terminals_controllook TO scif_control;
REVOKE INSERT, UPDATE, DELETE ON terminals_controllook FROM scif_web;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("terminals", "0015_signed_stays"),
    ]

    operations = [
        migrations.CreateModel(
            name="ControlLook",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "look of the control process",
                "verbose_name_plural": "looks of the control process",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="control_look_once")
                ],
            },
        ),
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
    ]
