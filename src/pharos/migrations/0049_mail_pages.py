"""Mails as they were sent."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0048_not_reached")]

    operations = [
        migrations.CreateModel(
            name="MailPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("html", models.TextField()),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="page", to="pharos.message"
                    ),
                ),
            ],
        ),
    ]
