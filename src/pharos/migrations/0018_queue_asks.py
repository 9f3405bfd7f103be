"""At what level, and with what further training, a queue is answered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0017_front_head")]

    operations = [
        migrations.AddField(
            model_name="queue", name="level", field=models.PositiveSmallIntegerField(db_default=1, default=1)
        ),
        migrations.AddField(model_name="queue", name="training", field=models.JSONField(default=list, null=True)),
    ]
