"""In whose place a contact waits, and which were looked for the same person. By itself: one table, no rows written."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0041_posts")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="merged_into",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="members",
                to="pharos.contact",
            ),
        ),
        migrations.AddField(
            model_name="contact", name="is_compared", field=models.BooleanField(db_default=False, default=False)
        ),
    ]
