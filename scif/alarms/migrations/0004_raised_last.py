"""When an alarm was raised last; those on record were raised last when they were raised."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alarms", "0003_longer_message"),
    ]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="raised_last_at",
            field=models.DateTimeField(null=True, verbose_name="raised last at"),
        ),
        migrations.RunSQL(
            "UPDATE alarms_alarm SET raised_last_at = raised_at", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            model_name="alarm",
            name="raised_last_at",
            field=models.DateTimeField(verbose_name="raised last at"),
        ),
        migrations.AlterModelOptions(
            name="alarm",
            options={
                "ordering": ["-raised_last_at"],
                "verbose_name": "alarm",
                "verbose_name_plural": "alarms",
            },
        ),
    ]
