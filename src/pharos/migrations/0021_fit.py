"""Why an offer went to this agent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0020_has_needs")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="fit",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        )
    ]
