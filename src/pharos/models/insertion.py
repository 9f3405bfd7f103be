"""New rows by one plain statement, whose text is worked out once and kept."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model

PLAIN = frozenset({type(None), bool, int, float, str})  # what every database takes as it is


def insert(rows: Sequence[Model]) -> None:
    """Write rows of one table and give them their keys: `bulk_create` for what is written again and again.

    A row beside them that was written just before gives its key; `auto_now` is not looked at.
    """
    if not rows:
        return
    fields, begin, group = _statement(type(rows[0]))
    values = [_value(field, row) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{begin} {', '.join([group] * len(rows))} RETURNING id", values)
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, connection.alias


def _value(field: Any, row: Model) -> Any:
    if field.is_relation and (beside := row._state.fields_cache.get(field.name)) is not None:
        row.__dict__[field.attname] = beside.pk
    value = row.__dict__[field.attname]
    if type(value) in PLAIN and not isinstance(field, JSONField):
        return value
    return field.get_db_prep_save(value, connection)


@cache
def _statement(kind: type[Model]) -> tuple[list[Any], str, str]:
    fields = [field for field in kind._meta.concrete_fields if not field.primary_key]
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(field.column) for field in fields if field.column)
    begin = f"INSERT INTO {quoted(kind._meta.db_table)} ({names}) VALUES"
    return fields, begin, f"({', '.join(['%s'] * len(fields))})"
