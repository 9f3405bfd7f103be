"""Messages by the address they came from or went to. Beside everything that runs."""

from django.db import migrations, models

from pharos.models.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pharos", "0036_quoted")]

    operations = [
        AddIndexOnline(
            model_name="message",
            index=models.Index(
                condition=models.Q(("address", ""), _negated=True),
                fields=["organisation", "address", "created_at"],
                name="message_by_address",
            ),
        ),
    ]
