"""By what two mails under one id are told apart where they are kept aside."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0051_not_given")]

    operations = [
        migrations.AddField(
            model_name="quarantined",
            name="digest",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
