"""The index by which dispatch finds who was brought to the front."""

from django.db import migrations, models

from pharos.models.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pharos", "0016_front")]

    operations = [
        AddIndexOnline(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("front_at__isnull", False), ("state", "waiting")),
                fields=["lane", "virtual_arrival", "id"],
                name="front_head",
            ),
        )
    ]
