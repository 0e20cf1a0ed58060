from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0008_pin_set_by"),
    ]

    operations = [
        migrations.AddField(
            model_name="eligibility",
            name="accepted_on",
            field=models.DateField(
                blank=True, null=True, verbose_name="accepted for compartments on"
            ),
        ),
        migrations.AddField(
            model_name="eligibility",
            name="accepted_by",
            field=models.CharField(
                blank=True, default="", max_length=120, verbose_name="accepted by"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="eligibility",
            name="acceptance",
            field=models.CharField(
                blank=True, default="", max_length=80, verbose_name="decision of acceptance"
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="eligibility",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acceptance", ""),
                    ("accepted_by", ""),
                    ("accepted_on", None),
                )
                | models.Q(
                    ("accepted_on__isnull", False),
                    models.Q(("accepted_by", ""), _negated=True),
                    models.Q(("acceptance", ""), _negated=True),
                ),
                name="eligibility_accepted_by_somebody",
                violation_error_message="A decision of the granting authority has a day, an author and a reference.",
            ),
        ),
    ]
