"""When a message reached the person's device, and files that are still at their carrier."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0037_message_by_address")]

    operations = [
        migrations.AddField(model_name="message", name="delivered_at", field=models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="Enclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("url", models.TextField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("failure", models.CharField(blank=True, max_length=300)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="enclosures", to="pharos.message"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="enclosure_due")
                ],
                "constraints": [models.UniqueConstraint(fields=("message", "number"), name="enclosure_once")],
            },
        ),
    ]
