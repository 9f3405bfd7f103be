"""Where people reach an organisation."""

import django.db.models.deletion
from django.db import migrations, models

import pharos.models.sealing


class Migration(migrations.Migration):
    dependencies = [("pharos", "0028_identity_checks")]

    operations = [
        migrations.CreateModel(
            name="EntryPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=8)),
                ("adapter", models.CharField(max_length=24)),
                ("address", models.CharField(max_length=320)),
                ("token", models.CharField(max_length=64, unique=True)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("options", models.JSONField(blank=True, default=dict)),
                ("secret", pharos.models.sealing.SealedField(blank=True)),
                ("is_on", models.BooleanField(default=True)),
                ("cursor", models.JSONField(blank=True, default=dict)),
                ("read_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="entry_points",
                        to="pharos.incident",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entry_points",
                        to="pharos.organisation",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="entrypoint",
            constraint=models.UniqueConstraint(fields=("organisation", "channel", "address"), name="entry_point_once"),
        ),
    ]
