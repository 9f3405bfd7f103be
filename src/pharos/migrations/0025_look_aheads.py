"""How waits are worked out, and what a centre's own days have taught."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0024_estimate_basis")]

    operations = [
        migrations.CreateModel(
            name="LookAhead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(null=True)),
                ("paths", models.PositiveIntegerField(default=0)),
                ("without", models.CharField(blank=True, max_length=300)),
                ("learned_at", models.DateTimeField(null=True)),
                ("lessons", models.PositiveIntegerField(default=0)),
                ("residual", models.JSONField(null=True)),
                ("gain", models.FloatField(null=True)),
                ("usual", models.JSONField(null=True)),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="look_ahead", to="pharos.organisation"
                    ),
                ),
            ],
        ),
    ]
