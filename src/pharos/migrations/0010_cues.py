"""What the words of a person suggest. What follows is made one by one, so that no two tables are held at once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pharos", "0009_opens_needs"),
    ]

    operations = [
        # Which alarms there may be is no matter of the tables.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="alarm",
                    name="sort",
                    field=models.CharField(
                        choices=[
                            ("danger", "Danger"),
                            ("danger_words", "Danger Words"),
                            ("escalated", "Escalated"),
                            ("urgent_soon_unanswered", "Urgent Soon Unanswered"),
                            ("urgent_unanswered", "Urgent Unanswered"),
                            ("promise_at_risk", "Promise At Risk"),
                            ("promise_broken", "Promise Broken"),
                            ("oldest", "Oldest"),
                            ("update_overdue", "Update Overdue"),
                            ("nobody_can_serve", "Nobody Can Serve"),
                            ("delivery_failed", "Delivery Failed"),
                        ],
                        max_length=24,
                    ),
                ),
            ]
        ),
        migrations.CreateModel(
            name="Cue",
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
                ("score", models.FloatField()),
                ("places", models.JSONField(default=list)),
                ("kinds", models.JSONField(blank=True, default=list)),
                ("language", models.CharField(blank=True, max_length=8)),
                (
                    "source",
                    models.CharField(
                        choices=[("lexicon", "Lexicon"), ("model", "Model"), ("both", "Both")], max_length=8
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("confirmed", "Confirmed"), ("dismissed", "Dismissed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("found_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cues", to="pharos.contact"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cues", to="pharos.message"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("sort", "danger"), ("state", "open")),
                        fields=["contact"],
                        name="cue_of_danger",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("message", "sort", "code"), name="cue_once_a_message")],
            },
        ),
    ]
