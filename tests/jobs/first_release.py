"""A database as the first release left it: `python -m tests.jobs.first_release`.

Its rows are in `first_release.json`, by model, as that release wrote them.
"""

import json
import os
from pathlib import Path
from typing import Any

import django
from django.core.management.color import no_style
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

ROWS: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_suffix(".json").read_text())
FIRST = ("pharos", "0001_first")
TOKEN = "pharos_MhGm3weDmIfQ-mTpZSWhbKeUzDh-YWy5DsReH_tW5yg"  # of another system, as its API token's digest knows it


def make() -> None:
    """Lay out the tables of the first release and fill them."""
    executor = MigrationExecutor(connection)
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] != "pharos"]
    executor.migrate([*others, FIRST])
    apps = MigrationExecutor(connection).loader.project_state([FIRST]).apps
    with connection.constraint_checks_disabled(), connection.cursor() as sql:
        for name, rows in ROWS.items():
            model = apps.get_model("pharos", name)
            fields = {field.attname: field for field in model._meta.concrete_fields}
            model.objects.bulk_create(
                model(**{key: fields[key].to_python(value) for key, value in row.items()}) for row in rows
            )
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            sql.execute(statement)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "pharos.settings"
    django.setup()
    make()
