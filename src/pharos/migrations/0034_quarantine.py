"""Mail that could not be taken in as it came."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0033_carried")]

    operations = [
        migrations.CreateModel(
            name="Quarantined",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("unreadable", "Unreadable"),
                            ("failed", "Failed"),
                            ("too_large", "Too Large"),
                            ("automatic", "Automatic"),
                            ("own", "Own"),
                            ("bounce", "Bounce"),
                            ("part", "Part"),
                        ],
                        max_length=12,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("sender", models.CharField(blank=True, max_length=320)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("raw", models.BinaryField()),
                ("size", models.PositiveBigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("kept", "Kept"), ("taken", "Taken"), ("discarded", "Discarded")],
                        default="kept",
                        max_length=9,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="pharos.contact",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="pharos.entrypoint",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="originals",
                        to="pharos.message",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quarantined",
                        to="pharos.organisation",
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
                        condition=models.Q(("state", "kept")),
                        fields=["organisation", "-at"],
                        name="quarantined_kept",
                    ),
                    models.Index(fields=["at"], name="quarantined_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "key"), name="quarantined_once"),
                ],
            },
        ),
    ]
