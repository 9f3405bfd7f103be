"""In which messages signals were looked for already."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0011_signal_verdicts")]

    operations = [
        migrations.AddField(
            model_name="message", name="is_heard", field=models.BooleanField(db_default=False, default=False)
        ),
    ]
