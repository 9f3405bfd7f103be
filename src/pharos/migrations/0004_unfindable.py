"""The messages whose words are not yet to be found. Beside everything that runs."""

from django.db import migrations, models

from pharos.models.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pharos", "0003_findable")]

    operations = [
        AddIndexOnline(
            model_name="message",
            index=models.Index(condition=models.Q(("is_findable", False)), fields=["id"], name="message_unfindable"),
        ),
    ]
