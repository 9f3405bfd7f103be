"""Addresses that mail does not reach."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0034_quarantine")]

    operations = [
        migrations.AddField(
            model_name="identity",
            name="undelivered",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(model_name="identity", name="undelivered_at", field=models.DateTimeField(null=True)),
    ]
