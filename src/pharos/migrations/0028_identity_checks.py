"""That it was checked who a person is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pharos", "0027_code_purpose"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("code", "Code"),
                            ("page", "Page"),
                            ("booking", "Booking"),
                            ("called_back", "Called Back"),
                            ("document", "Document"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("holds_until", models.DateTimeField()),
                (
                    "by",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="identity_checks", to="pharos.contact"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["contact", "-holds_until"], name="identity_check_holds")],
            },
        ),
    ]
