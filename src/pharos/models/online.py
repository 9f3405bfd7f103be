"""Changes of the schema while everything runs."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex
from django.db.migrations.state import ProjectState


class AddIndexOnline(AddIndexConcurrently):
    """Adds an index without stopping a writer, in a migration with `atomic = False`.

    What an attempt that was broken off has left behind is dropped first.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """PostgreSQL builds it beside the writers; SQLite, with one machine and one writer, builds it at once."""
        name = schema_editor.quote_name(self.index.name)
        if schema_editor.connection.vendor != "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        with schema_editor.connection.cursor() as sql:
            sql.execute("SHOW lock_timeout")
            before = sql.fetchone()[0]
        schema_editor.execute("SET lock_timeout = 0")  # it waits for old readers, and stops nobody while it does
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.execute("SELECT set_config('lock_timeout', %s, false)", [before])

    def database_backwards(self, *arguments: Any) -> None:
        """Take the index away again."""
        schema_editor = arguments[1]
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(*arguments)
        else:
            AddIndex.database_backwards(self, *arguments)
