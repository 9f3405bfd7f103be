"""What people said of suggestions, without whom and what it was about."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0010_cues")]

    operations = [
        migrations.CreateModel(
            name="SignalVerdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("danger", "Danger"),
                            ("distress", "Distress"),
                            ("frustration", "Frustration"),
                            ("hostility", "Hostility"),
                            ("confusion", "Confusion"),
                            ("urgency", "Urgency"),
                            ("request", "Request"),
                            ("need", "Need"),
                            ("style", "Style"),
                        ],
                        max_length=12,
                    ),
                ),
                ("code", models.CharField(max_length=32)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("is_right", models.BooleanField()),
                (
                    "source",
                    models.CharField(
                        choices=[("lexicon", "Lexicon"), ("model", "Model"), ("both", "Both")], max_length=8
                    ),
                ),
                ("tenth", models.PositiveSmallIntegerField()),
                ("day", models.DateField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signal_verdicts",
                        to="pharos.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "day"], name="verdicts_by_day")],
            },
        ),
    ]
