"""What we say in public."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pharos", "0040_person_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=320)),
                ("answers", models.CharField(blank=True, max_length=255)),
                ("to", models.CharField(blank=True, max_length=320)),
                ("language", models.CharField(max_length=8)),
                ("body", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("kept", "Kept"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("carrier_id", models.CharField(blank=True, max_length=255)),
                ("failure", models.CharField(blank=True, max_length=300)),
                ("settled_at", models.DateTimeField(null=True)),
                ("maybe_twice", models.BooleanField(default=False)),
                (
                    "advisory",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="pharos.advisory",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="public_answers",
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
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pharos.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "queued")), fields=["due_at", "id"], name="post_due"),
                    models.Index(condition=models.Q(("state", "sending")), fields=["lease_until"], name="post_lease"),
                    models.Index(fields=["entry", "created_at"], name="post_of_entry"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("contact__isnull", False)), fields=("contact",), name="answered_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("advisory__isnull", False), ("entry__isnull", False)),
                        fields=("advisory", "entry"),
                        name="posted_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("advisory__isnull", True), ("contact__isnull", False)),
                            models.Q(("advisory__isnull", False), ("contact__isnull", True)),
                            _connector="OR",
                        ),
                        name="post_says_one_thing",
                    ),
                ],
            },
        ),
    ]
