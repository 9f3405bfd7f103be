"""New rows by one plain statement, whose text is worked out once and kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import JSONField, Model

PLAIN = frozenset({type(None), bool, int, float, str})  # what every database takes as it is


def insert(rows: Sequence[Model], cursor: CursorWrapper) -> None:
    """Write rows of one table and give them their keys: `bulk_create` for what is written again and again.

    A row beside them that was written just before gives its key; `auto_now` is not looked at.
    """
    if not rows:
        return
    text, values = _insertion(rows)
    cursor.execute(f"{text} RETURNING id", values)
    for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias


def insert_all(tables: Iterable[Sequence[Model]], cursor: CursorWrapper) -> None:
    """Write rows of several tables, without their keys; PostgreSQL gets them in one message."""
    insertions = [_insertion(rows) for rows in tables if rows]
    if insertions and connection.vendor == "postgresql":
        texts, values = zip(*insertions, strict=True)
        cursor.execute("; ".join(texts), list(chain.from_iterable(values)))
        return
    for insertion in insertions:
        cursor.execute(*insertion)


def _insertion(rows: Sequence[Model]) -> tuple[str, list[Any]]:
    fields, begin, group = _statement(type(rows[0]))
    values: list[Any] = []
    for row in rows:
        held, beside = row.__dict__, row._state.fields_cache
        for field, name, attribute, is_json in fields:
            if beside.get(name) is not None:
                held[attribute] = beside[name].pk
            value = held[attribute]
            values.append(value if type(value) in PLAIN and not is_json else _prepared(field, value))
    return f"{begin} {', '.join([group] * len(rows))}", values


def _prepared(field: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, str) and not isinstance(field, JSONField):
        return str(value)
    return field.get_db_prep_save(value, connection)


@lru_cache(maxsize=64)
def _moment(value: datetime) -> Any:
    """Most rows of a transaction are of one moment."""
    return connection.ops.adapt_datetimefield_value(value)


@cache
def _statement(kind: type[Model]) -> tuple[list[tuple[Any, str, str, bool]], str, str]:
    """The fields, and the two parts of the statement that are always the same."""
    fields = [field for field in kind._meta.concrete_fields if not field.primary_key]
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(field.column) for field in fields if field.column)
    begin = f"INSERT INTO {quoted(kind._meta.db_table)} ({names}) VALUES"
    known = [(field, field.name, field.attname, isinstance(field, JSONField)) for field in fields]
    return known, begin, f"({', '.join(['%s'] * len(fields))})"
