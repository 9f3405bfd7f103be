"""Where a code counts: on the person's page, or told to a colleague."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0026_wait_readings")]

    operations = [
        migrations.AddField(
            model_name="pagecode",
            name="purpose",
            field=models.CharField(
                choices=[("page", "Page"), ("desk", "Desk")], db_default="page", default="page", max_length=4
            ),
        )
    ]
