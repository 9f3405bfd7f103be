"""Whether the person of a contact has confirmed needs. By itself, so that no two tables are held at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0019_specialists")]

    operations = [
        migrations.AddField(
            model_name="contact", name="has_needs", field=models.BooleanField(db_default=False, default=False)
        )
    ]
