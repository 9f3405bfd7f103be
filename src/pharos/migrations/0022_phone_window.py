"""For whom the phone is, while lines are full."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0021_fit")]

    operations = [
        migrations.AddField(
            model_name="incident", name="phone_window_days", field=models.PositiveSmallIntegerField(null=True)
        )
    ]
