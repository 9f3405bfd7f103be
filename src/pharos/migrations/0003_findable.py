"""Which messages' words are to be found already. By itself, so that no two tables are held at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0002_search")]

    operations = [
        migrations.AddField(
            model_name="message", name="is_findable", field=models.BooleanField(db_default=False, default=False)
        ),
    ]
