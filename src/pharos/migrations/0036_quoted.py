"""What a mail repeats of earlier ones, and the files of it that could not be taken."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0035_undelivered")]

    operations = [
        migrations.AddField(
            model_name="message", name="not_taken", field=models.JSONField(db_default=[], default=list)
        ),
        migrations.AddField(
            model_name="message", name="quoted", field=models.TextField(blank=True, db_default="", default="")
        ),
    ]
