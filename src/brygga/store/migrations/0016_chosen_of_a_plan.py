from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0015_tallies_and_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="planrow",
            name="chosen",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="planrow",
            name="changed",
            field=models.JSONField(null=True),
        ),
    ]
