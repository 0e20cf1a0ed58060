from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hardware", "0011_constraint_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="doorstate",
            name="told",
            field=models.CharField(
                choices=[
                    ("locked", "Locked"),
                    ("ajar", "Granted, opened"),
                    ("held", "Held open"),
                    ("forced", "Forced"),
                    ("unknown", "No answer"),
                ],
                default="unknown",
                max_length=10,
                verbose_name="told last",
            ),
        ),
        migrations.RunSQL("UPDATE hardware_doorstate SET told = status", migrations.RunSQL.noop),
    ]
