"""Where a message came in or goes out."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0029_entry_points")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="entry",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="pharos.entrypoint",
            ),
        ),
    ]
