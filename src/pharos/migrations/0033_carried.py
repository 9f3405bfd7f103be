"""Messages of ours by the carrier's id, for words that answer them. Beside everything that runs."""

from django.db import migrations, models

from pharos.models.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pharos", "0032_identity_proofs")]

    operations = [
        AddIndexOnline(
            model_name="message",
            index=models.Index(
                condition=models.Q(("direction", "out"), models.Q(("carrier_id", ""), _negated=True)),
                fields=["organisation", "carrier_id"],
                name="message_carried",
            ),
        ),
    ]
