"""The register of what people need. Its other tables follow one by one, so that no two tables are held at once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import pharos.models.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("pharos", "0004_unfindable"),
    ]

    operations = [
        migrations.CreateModel(
            name="NeedsKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=16, unique=True)),
                ("since", models.DateTimeField()),
            ],
        ),
        # What a message may be is no matter of the tables.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="message",
                    name="sort",
                    field=models.CharField(
                        choices=[
                            ("request", "Request"),
                            ("words", "Words"),
                            ("reply", "Reply"),
                            ("note", "Note"),
                            ("acknowledgement", "Acknowledgement"),
                            ("promise_moved", "Promise Moved"),
                            ("summary", "Summary"),
                            ("code", "Code"),
                            ("check_in", "Check In"),
                        ],
                        max_length=16,
                    ),
                ),
            ]
        ),
        migrations.CreateModel(
            name="SupportNeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", pharos.models.sealing.SealedField(blank=True, default=dict)),
                ("weight", models.PositiveSmallIntegerField(default=0)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("declared", "Declared"),
                            ("recorded", "Recorded"),
                            ("observed", "Observed"),
                            ("imported", "Imported"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("consent", "Consent"),
                            ("vital_interest", "Vital Interest"),
                            ("legal_duty", "Legal Duty"),
                            ("care", "Care"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_verified", models.BooleanField()),
                ("may_pass_on", models.BooleanField(default=False)),
                (
                    "consent_way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("form", "Form"),
                            ("spoken", "Spoken"),
                            ("written", "Written"),
                            ("page", "Page"),
                            ("other_system", "Other System"),
                        ],
                        max_length=16,
                    ),
                ),
                ("consented_at", models.DateTimeField(null=True)),
                ("notice_version", models.CharField(blank=True, max_length=24)),
                ("noted_at", models.DateTimeField()),
                ("review_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "end",
                    models.CharField(
                        blank=True, choices=[("withdrawn", "Withdrawn"), ("expired", "Expired")], max_length=12
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="pharos.contact"
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="support_needs",
                        to="pharos.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="support_needs", to="pharos.person"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="supportneed",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["person"], name="need_of_person"
            ),
        ),
        migrations.AddIndex(
            model_name="supportneed",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["review_at"], name="need_review"
            ),
        ),
        migrations.AddIndex(
            model_name="supportneed",
            index=models.Index(condition=models.Q(("ended_at__isnull", True)), fields=["ends_at"], name="need_ends"),
        ),
    ]
