"""Whether people are hurt or enclosed in an incident."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0013_unheard")]

    operations = [
        migrations.AddField(
            model_name="incident", name="people_in_danger", field=models.BooleanField(db_default=False, default=False)
        ),
    ]
