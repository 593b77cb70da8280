from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    """The index of a link's integration: two others begin with it."""

    dependencies = [("store", "0016_chosen_of_a_plan")]

    operations = [
        migrations.AlterField(
            model_name="linkrow",
            name="integration",
            field=models.ForeignKey(db_index=False, on_delete=CASCADE, related_name="links", to="store.integration"),
        ),
    ]
