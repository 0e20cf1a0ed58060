from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("facilities", "0012_place_help"),
    ]

    operations = [
        migrations.AddField(
            model_name="area",
            name="temporary_since",
            field=models.DateField(
                blank=True,
                help_text="The first day of use of a temporary secure working area: without it nobody books the area. The policy profile says for how long and how many hours a month it is used.",
                null=True,
                verbose_name="temporary since",
            ),
        ),
    ]
