"""Lists of contacts and search in them. Only adds: the release before goes on beside it, and its rows come in as due."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Words are separated by one space and hold letters and digits only, so that nothing has to be parsed.
POSTGRESQL = [
    "ALTER TABLE pharos_contactwords ADD COLUMN vector tsvector "
    "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX contact_words ON pharos_contactwords USING gin (vector)",
]
# Keeps no text of its own; the triggers go where the table goes, so whoever remakes that makes them again.
SQLITE = [
    "CREATE VIRTUAL TABLE pharos_contact_fts USING fts5("
    "words, content='pharos_contactwords', content_rowid='contact_id', detail=none, columnsize=0, "
    "tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER pharos_contact_fts_new AFTER INSERT ON pharos_contactwords BEGIN "
    "INSERT INTO pharos_contact_fts (rowid, words) VALUES (new.contact_id, new.words); END",
    "CREATE TRIGGER pharos_contact_fts_gone AFTER DELETE ON pharos_contactwords BEGIN "
    "INSERT INTO pharos_contact_fts (pharos_contact_fts, rowid, words) "
    "VALUES ('delete', old.contact_id, old.words); END",
    "CREATE TRIGGER pharos_contact_fts_other AFTER UPDATE ON pharos_contactwords BEGIN "
    "INSERT INTO pharos_contact_fts (pharos_contact_fts, rowid, words) "
    "VALUES ('delete', old.contact_id, old.words); "
    "INSERT INTO pharos_contact_fts (rowid, words) VALUES (new.contact_id, new.words); END",
]


def add_index(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The full-text index that each database has by itself."""
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop_index(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The table takes its index and triggers along."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE pharos_contact_fts")


class Migration(migrations.Migration):
    dependencies = [("pharos", "0001_first")]

    operations = [
        migrations.CreateModel(
            name="ContactWords",
            fields=[
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="pharos.contact",
                    ),
                ),
                ("words", models.TextField()),
            ],
        ),
        migrations.RunPython(add_index, drop_index),
    ]
