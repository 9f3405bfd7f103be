"""Contacts of which a colleague said that they are not of the same person."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _contact() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pharos.contact")


class Migration(migrations.Migration):
    dependencies = [("pharos", "0043_merges")]

    operations = [
        migrations.CreateModel(
            name="NotSame",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", _contact()),
                ("second", _contact()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="notsame",
            constraint=models.UniqueConstraint(fields=("first", "second"), name="not_same_once"),
        ),
    ]
