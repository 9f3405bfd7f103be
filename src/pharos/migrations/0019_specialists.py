"""Which skills make the specialist team."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def care_team(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The care team of an installation that is here already is its specialist team, as that of a new one is."""
    apps.get_model("pharos", "Skill").objects.filter(code="care").update(is_specialist=True)


class Migration(migrations.Migration):
    dependencies = [("pharos", "0018_queue_asks")]

    operations = [
        migrations.AddField(
            model_name="skill", name="is_specialist", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.RunPython(care_team, migrations.RunPython.noop),
    ]
