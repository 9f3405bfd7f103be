"""Contacts that became one place in line."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _staff() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
    )


def _contact(name: str) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=name, to="pharos.contact")


class Migration(migrations.Migration):
    dependencies = [("pharos", "0042_merged_into")]

    operations = [
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pharos.organisation"
                    ),
                ),
                ("keep", _contact("merges")),
                ("join", _contact("merged")),
                ("by", _staff()),
                ("at", models.DateTimeField()),
                ("reasons", models.JSONField(default=list)),
                ("probability", models.FloatField(null=True)),
                ("after_silence", models.BooleanField(default=False)),
                ("own", models.JSONField(default=dict)),
                ("before", models.JSONField(default=dict)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("confirmed_by", _staff()),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", _staff()),
            ],
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)), fields=("join",), name="joined_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("keep", models.F("join")), _negated=True), name="joined_to_another"
            ),
        ),
        migrations.AddIndex(
            model_name="merge", index=models.Index(fields=["organisation", "-at"], name="merge_newest")
        ),
    ]
