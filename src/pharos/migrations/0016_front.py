"""Who was brought to the front. By itself, so that no two tables are held at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0015_overrides")]

    operations = [migrations.AddField(model_name="contact", name="front_at", field=models.DateTimeField(null=True))]
