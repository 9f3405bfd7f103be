"""The messages that wait for that. Beside everything that runs."""

from django.db import migrations, models

from pharos.models.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pharos", "0012_heard")]

    operations = [
        AddIndexOnline(
            model_name="message",
            index=models.Index(
                condition=models.Q(("direction", "in"), ("is_heard", False)), fields=["id"], name="message_unheard"
            ),
        ),
    ]
