"""Which skills may read in full what people need."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def let_care_read(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The care team of an installation that is here already may read in full, as that of a new one may."""
    apps.get_model("pharos", "Skill").objects.filter(code="care").update(opens_needs=True)


class Migration(migrations.Migration):
    dependencies = [
        ("pharos", "0008_page_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="skill",
            name="opens_needs",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(let_care_read, migrations.RunPython.noop),
    ]
