"""What a side answered to our own writes, what a person accepted, and several records of the left for one of the right."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0017_links_with_one_index_less"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="linkrow",
            name="one_link_a_right_record",
        ),
        migrations.AddField(
            model_name="linkrow",
            name="accepted",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="linkrow",
            name="echo",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="linkrow",
            name="shared",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="linkrow",
            index=models.Index(
                condition=models.Q(("shared", True)), fields=["integration", "kind", "right_id"], name="shared_links"
            ),
        ),
        migrations.AddConstraint(
            model_name="linkrow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("shared", False)), fields=("integration", "kind", "right_id"), name="one_link_a_right_record"
            ),
        ),
    ]
