"""Mail that a server lists and does not give."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0050_answered_together")]

    operations = [
        # Why a mail is kept aside is no matter of the tables.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="quarantined",
                    name="why",
                    field=models.CharField(
                        choices=[
                            ("unreadable", "Unreadable"),
                            ("failed", "Failed"),
                            ("too_large", "Too Large"),
                            ("not_given", "Not Given"),
                            ("automatic", "Automatic"),
                            ("own", "Own"),
                            ("bounce", "Bounce"),
                            ("part", "Part"),
                        ],
                        max_length=12,
                    ),
                ),
            ]
        ),
    ]
