"""Waits as they were worked out for some who then came."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0025_look_aheads")]

    operations = [
        migrations.CreateModel(
            name="WaitReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("band", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(choices=[("live", "Live"), ("written", "Written")], max_length=8)),
                ("at", models.DateTimeField()),
                ("ahead_s", models.FloatField()),
                ("low_s", models.FloatField()),
                ("median_s", models.FloatField()),
                ("high_s", models.FloatField()),
                ("said_low_s", models.FloatField()),
                ("said_high_s", models.FloatField()),
                ("state", models.JSONField()),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pharos.contact"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pharos.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "band", "kind", "-at"], name="reading_last"),
                    models.Index(fields=["at"], name="reading_age"),
                ],
            },
        ),
    ]
