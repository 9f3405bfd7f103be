"""The contacts of one place in line, and those that are still to be compared. Beside everything that runs."""

from django.db import migrations, models

from pharos.models.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pharos", "0044_not_same")]

    operations = [
        AddIndexOnline(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)), fields=["merged_into"], name="contact_merged"
            ),
        ),
        AddIndexOnline(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("is_compared", False), ("state", "waiting")),
                fields=["id"],
                name="contact_uncompared",
            ),
        ),
    ]
