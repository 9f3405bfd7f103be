"""Later migrations only add, so that the release before goes on beside the new one, and on PostgreSQL nobody waits.

One that has to take something away does so a release after nothing uses it any more, and says why in `REASONS`.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from pharos.models.online import AddIndexOnline

FIRST = "0001_first"
NOTHING_IN_THE_TABLES = (
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    migrations.SeparateDatabaseAndState,
)
REASONS = {
    ("0002_search", "RunPython"): "makes the index of a table that is made in the same step, and is empty",
    ("0009_opens_needs", "RunPython"): "sets a flag, in a column made in the same step, of the few skills there are",
    ("0019_specialists", "RunPython"): "sets a flag, in a column made in the same step, of the few skills there are",
}


def later() -> Iterator[tuple[str, Any]]:
    graph = MigrationLoader(None).disk_migrations
    return ((name, one) for (app, name), one in sorted(graph.items()) if app == "pharos" and name != FIRST)


def fault(operation: Operation, *, made: set[str], atomic: bool) -> str:
    """Why this may not run beside the release before, and beside requests; blank when it may. `made`: new tables."""
    if isinstance(operation, migrations.CreateModel):
        made.add(operation.name.lower())
        return ""
    if isinstance(operation, NOTHING_IN_THE_TABLES) or getattr(operation, "model_name", "").lower() in made:
        return ""
    if isinstance(operation, AddIndexOnline):
        return "an index is built online outside a transaction: atomic = False" if atomic else ""
    if isinstance(operation, migrations.AddIndex):
        return "stops every writer while the index is built: use AddIndexOnline"
    if isinstance(operation, migrations.AddField):
        return _fault_of_field(operation.field)
    return "does more than add"


def _fault_of_field(field: Any) -> str:
    if field.many_to_many:
        return ""
    if not field.null and not field.has_db_default():
        return "the release before writes rows without this column: null=True or db_default"
    if field.unique or field.db_index:
        return "its index is built while every writer waits: add the column plain, then AddIndexOnline"
    return ""


def held(operation: Any, made: set[str]) -> set[str]:
    """The tables with rows that this step locks."""
    if isinstance(operation, migrations.CreateModel):
        fields = [field for _name, field in operation.fields]
        touched: set[str] = set()
    else:
        fields = [operation.field] if isinstance(operation, migrations.AddField) else []
        touched = {getattr(operation, "model_name", "").lower()} - {""}
    others = {str(field.remote_field.model).rpartition(".")[2].lower() for field in fields if field.remote_field}
    return (touched | others) - made


def faults(name: str, migration: Any) -> list[str]:
    made: set[str] = set()
    found = []
    locks = [tables for one in migration.operations if (tables := held(one, {*made, *_made(migration)}))]
    if migration.atomic and len(locks) > 1 and len(set().union(*locks)) > 1:
        found.append(f"{name}: holds several tables at once, and so waits in a ring with requests: one migration each")
    for operation in migration.operations:
        sort = type(operation).__name__
        said = fault(operation, made=made, atomic=migration.atomic)
        if said and (name, sort) not in REASONS:
            found.append(f"{name}: {sort}: {said}")
    return found


def _made(migration: Any) -> set[str]:
    return {one.name.lower() for one in migration.operations if isinstance(one, migrations.CreateModel)}


def test_later_migrations_run_beside_the_release_before() -> None:
    assert [line for name, one in later() for line in faults(name, one)] == []


def test_reasons_are_of_steps_that_are_there() -> None:
    there = {(name, type(operation).__name__) for name, one in later() for operation in one.operations}
    assert set(REASONS) - there == set()


TEXT = models.TextField()


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("contact", "summary"),
        migrations.RenameField("contact", "summary", "told"),
        migrations.DeleteModel("Draft"),
        migrations.RenameModel("Draft", "Sketch"),
        migrations.AlterField("contact", "summary", TEXT),
        migrations.AlterModelTable("contact", "contacts"),
        migrations.AddField("contact", "extra", TEXT),
        migrations.AddField("contact", "extra", models.TextField(default="")),
        migrations.AddField("contact", "extra", models.TextField(null=True, unique=True)),
        migrations.AddField("contact", "extra", models.TextField(null=True, db_index=True)),
        migrations.AddField("contact", "draft", models.ForeignKey("pharos.Draft", models.CASCADE, null=True)),
        migrations.AddIndex("contact", models.Index(fields=["summary"], name="summary")),
        AddIndexOnline("contact", models.Index(fields=["summary"], name="summary")),
        migrations.AddConstraint("contact", models.UniqueConstraint(fields=["summary"], name="once")),
        migrations.RunSQL("DROP TABLE pharos_draft"),
        migrations.RunPython(migrations.RunPython.noop),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_does_not_run_beside_the_release_before_is_found(operation: Operation) -> None:
    assert fault(operation, made=set(), atomic=True)


def test_migration_that_holds_two_tables_at_once_is_found() -> None:
    extra = models.TextField(null=True)
    new = migrations.CreateModel("Told", [("contact", models.ForeignKey("pharos.Contact", models.CASCADE))])

    both = [new, migrations.AddField("message", "extra", extra)]
    one = [new, migrations.AddField("contact", "extra", extra), migrations.AddField("told", "extra", extra)]
    assert [line.partition(": ")[2][:14] for line in faults("both", _migration(both))] == ["holds several "]
    assert faults("one", _migration(one)) == []


def _migration(operations: list[Operation]) -> migrations.Migration:
    made = migrations.Migration("0009_made", "pharos")
    vars(made)["operations"] = operations
    return made


def test_what_only_adds_is_allowed() -> None:
    made: set[str] = set()
    index = models.Index(fields=["summary"], name="summary")
    for operation in (
        migrations.CreateModel("Told", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("told", "summary", TEXT),
        migrations.AddIndex("told", index),
        migrations.AddField("contact", "extra", models.TextField(null=True)),
        migrations.AddField("contact", "extra", models.BooleanField(default=False, db_default=False)),
    ):
        assert fault(operation, made=made, atomic=True) == ""
    assert fault(AddIndexOnline("contact", index), made=made, atomic=False) == ""
