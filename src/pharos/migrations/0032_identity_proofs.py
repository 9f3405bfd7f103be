"""What shows that an address is a person's own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pharos", "0031_public_messages")]

    operations = [
        migrations.AddField(
            model_name="identity",
            name="verified_by",
            field=models.CharField(
                blank=True,
                choices=[("code", "Code"), ("thread", "Thread"), ("carrier", "Carrier"), ("staff", "Staff")],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
    ]
