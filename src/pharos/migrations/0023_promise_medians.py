"""The middle of the told range, to be scored."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0022_phone_window")]

    operations = [
        migrations.AddField(model_name="promise", name="median_s", field=models.PositiveIntegerField(null=True)),
    ]
