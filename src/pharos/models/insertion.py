"""New rows, made and written by what is worked out once for each table and kept."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import JSONField, Model
from django.db.models.base import ModelState
from psycopg.adapt import Transformer

Row = TypeVar("Row", bound=Model)
PLAIN = frozenset({type(None), bool, int, float, str})  # what every database takes as it is


def fresh(kind: type[Row], /, **given: Any) -> Row:
    """A row that is not written yet, as `kind(**given)` makes it, at a fifth of the price: no signal is sent."""
    blank = _blank(kind)
    row = kind.__new__(kind)
    held, beside, state = row.__dict__, {}, ModelState()
    held["_state"] = state
    held.update(blank.always)
    for name, make in blank.made:
        held[name] = make()
    for name, value in given.items():
        if name in blank.related:
            beside[name] = value
            held[blank.related[name]] = None if value is None else value.pk
        elif name in held:
            held[name] = value
        else:
            raise TypeError(f"{kind.__name__} has no field {name}")
    state.fields_cache = beside
    return row


class _Blank(NamedTuple):
    """What a row holds before anything is given: the same for all, or made anew; and where a related row's key goes."""

    always: dict[str, Any]
    made: list[tuple[str, Callable[[], Any]]]
    related: dict[str, str]


@cache
def _blank(kind: type[Model]) -> _Blank:
    fields = kind._meta.concrete_fields
    return _Blank(
        always={field.attname: field.get_default() for field in fields if not callable(field.default)},
        made=[(field.attname, field.get_default) for field in fields if callable(field.default)],
        related={field.name: field.attname for field in fields if field.is_relation},
    )


def insert(rows: Sequence[Model], cursor: CursorWrapper) -> None:
    """Write rows of one table and give them their keys: `bulk_create` for what is written again and again.

    A row beside them that was written just before gives its key; `auto_now` is not looked at.
    """
    if not rows:
        return
    _run([rows], " RETURNING id", cursor)
    for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias


def insert_all(tables: Iterable[Sequence[Model]], cursor: CursorWrapper, *, then: str = "") -> None:
    """Write rows of several tables, without their keys. PostgreSQL gets them, and a last statement, in one message."""
    _run([rows for rows in tables if rows], f"; {then}" if then else "", cursor)


def _run(tables: Sequence[Sequence[Model]], end: str, cursor: CursorWrapper) -> None:
    if connection.vendor == "postgresql":
        cursor.execute("; ".join(_bound(rows) for rows in tables) + end)
        return
    for rows in tables:
        values = [value for row in rows for value in _values(row)]
        kind: type[Model] = type(rows[0])
        cursor.execute(f"{_begin(kind)} {_marks(len(_fields(kind)), len(rows))}{end}", values)


def _bound(rows: Sequence[Model]) -> str:
    """The statement with its values in it, as psycopg writes them: it would take the long text apart each time."""
    literal = Transformer(connection.connection).as_literal
    with connection.wrap_database_errors:  # as a cursor does: what cannot be stored is refused here
        groups = [b", ".join(b"NULL" if value is None else literal(value) for value in _values(row)) for row in rows]
    return f"{_begin(type(rows[0]))} ({b'), ('.join(groups).decode()})"


def _values(row: Model) -> list[Any]:
    held, beside = row.__dict__, row._state.fields_cache
    values: list[Any] = []
    for field, name, attribute, is_json in _fields(type(row)):
        if name in beside and beside[name] is not None:
            held[attribute] = beside[name].pk
        value = held[attribute]
        values.append(value if type(value) in PLAIN and not is_json else _prepared(field, value))
    return values


def _prepared(field: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(field, JSONField):
        return field.get_db_prep_save(value, connection) if value else _empty(field, value.__class__)
    return str(value) if isinstance(value, str) else field.get_db_prep_save(value, connection)


@cache
def _empty(field: Any, kind: type[object]) -> Any:
    return field.get_db_prep_save(kind(), connection)


@lru_cache(maxsize=64)
def _moment(value: datetime) -> Any:
    """Most rows of a transaction are of one moment."""
    return connection.ops.adapt_datetimefield_value(value)


@cache
def _fields(kind: type[Model]) -> list[tuple[Any, str, str, bool]]:
    fields = [field for field in kind._meta.concrete_fields if not field.primary_key]
    return [(field, field.name, field.attname, isinstance(field, JSONField)) for field in fields]


@cache
def _begin(kind: type[Model]) -> str:
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(field.column) for field, *_rest in _fields(kind))
    return f"INSERT INTO {quoted(kind._meta.db_table)} ({columns}) VALUES"


@lru_cache(maxsize=256)
def _marks(values: int, rows: int) -> str:
    group = f"({', '.join(['%s'] * values)})"
    return ", ".join([group] * rows)
