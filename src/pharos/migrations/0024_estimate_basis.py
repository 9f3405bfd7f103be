"""What a published wait rests on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0023_promise_medians")]

    operations = [
        migrations.AddField(model_name="waitestimate", name="basis", field=models.JSONField(null=True)),
    ]
