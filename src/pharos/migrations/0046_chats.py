"""Chats: whether their page is open, and how far it was read."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0045_merged_rows")]

    operations = [
        migrations.CreateModel(
            name="Chat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField()),
                ("away_at", models.DateTimeField(null=True)),
                ("handed_at", models.DateTimeField(null=True)),
                ("read_to", models.BigIntegerField(default=0)),
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="chat", to="pharos.contact"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("handed_at__isnull", True)), fields=["seen_at"], name="chat_left")
                ],
            },
        ),
    ]
