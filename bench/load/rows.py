"""Contacts by the million, written in bulk: whoever measures does not wait for the doors."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from pharos.engine.references import ALPHABET, LENGTH
from pharos.models import Contact, Message, Organisation, Person

SHAPE_S = 6 * 3600  # arrivals are spread over this long before now


def add_contacts(
    organisation: Organisation,
    lanes: Sequence[int],
    *,
    begin: int,
    end: int,
    now: datetime,
    fields: Mapping[str, str] | None = None,
    incident_id: int | None = None,
    words: str = "",
    names: str = "",
) -> None:
    """Contacts numbered from `begin` up to `end`, each with a person, over these lanes in turn.

    `fields`: SQL over `n`, the number, for further columns; `words`: SQL for a first message; `names`: for the person.
    """
    one, two = connection.ops.quote_name(Person._meta.db_table), connection.ops.quote_name(Contact._meta.db_table)
    with connection.cursor() as sql:
        first_person = _next(sql, one)
        first_contact = _next(sql, two)
        offset = {"person": first_person - begin, "contact": first_contact - begin}
        insert(
            sql,
            one,
            {
                "id": f"n + {offset['person']}",
                "organisation_id": str(organisation.pk),
                "name": names or "'Person ' || n",
                "language": "'en'",
                "time_zone": "''",
                "created_at": _moment(now),
            },
            begin,
            end,
        )
        chosen = " ".join(f"WHEN {place} THEN {lane}" for place, lane in enumerate(lanes))
        arrived = _moment(now, f"{SHAPE_S} - n * {SHAPE_S / max(end, 1)!r}")
        contact = {
            "id": f"n + {offset['contact']}",
            "organisation_id": str(organisation.pk),
            "incident_id": str(incident_id) if incident_id else "NULL",
            "person_id": f"n + {offset['person']}",
            "reference": _reference("n"),
            "channel": "'web'",
            "language": "'en'",
            "request_type": "''",
            "booking": "''",
            "time_zone": "'UTC'",
            "danger": "false",
            "needs": "'[]'",
            "reasons": "'[]'",
            "lane_id": f"CASE n % {len(lanes)} {chosen} END",
            "state": "'waiting'",
            "arrived_at": arrived,
            "virtual_arrival": arrived,
            "last_inbound_at": arrived,
            "guard_at": _moment(now, "n % 977 - 97"),
            "promise_by": _moment(now, "n % 977 - 97"),
            "disposition": "''",
            "summary": "''",
            "rating_words": "''",
            **(fields or {}),
        }
        insert(sql, two, contact, begin, end)
        if words:
            message = {
                "organisation_id": str(organisation.pk),
                "contact_id": f"n + {offset['contact']}",
                "direction": "'in'",
                "sort": "'request'",
                "channel": "'web'",
                "state": "'received'",
                "language": "'en'",
                "address": "''",
                "subject": "''",
                "body": words,
                "created_at": arrived,
                "attempts": "0",
                "carrier_id": "''",
                "failure": "''",
                "maybe_twice": "false",
            }
            insert(sql, connection.ops.quote_name(Message._meta.db_table), message, begin, end)
        _count_on(sql, one, two)


def settle() -> None:
    """Let the database know how much there is, as it would by itself in time."""
    with connection.cursor() as sql:
        sql.execute("ANALYZE")


def _next(sql: object, table: str) -> int:
    sql.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")  # type: ignore[attr-defined]
    return int(sql.fetchone()[0])  # type: ignore[attr-defined]


def insert(sql: object, table: str, columns: Mapping[str, str], begin: int, end: int) -> None:
    """A row for each number from `begin` up to `end`; the values are SQL over `n`."""
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    if connection.vendor == "postgresql":
        numbers = f"generate_series({begin}, {end - 1}) AS numbers(n)"
        sql.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {numbers}")  # type: ignore[attr-defined]
    else:
        series = (
            f"WITH RECURSIVE numbers(n) AS (SELECT {begin} UNION ALL SELECT n + 1 FROM numbers WHERE n < {end - 1})"
        )
        sql.execute(f"{series} INSERT INTO {table} ({names}) SELECT {values} FROM numbers")  # type: ignore[attr-defined]


def _moment(now: datetime, seconds_ago: str = "0") -> str:
    if connection.vendor == "postgresql":
        return f"timestamptz '{now.isoformat()}' - ({seconds_ago}) * interval '1 second'"
    plain = f"{now.replace(tzinfo=None):%Y-%m-%d %H:%M:%S.%f}"
    return f"strftime('%Y-%m-%d %H:%M:%f', '{plain}', (-({seconds_ago})) || ' seconds') || '000'"


def _reference(number: str) -> str:
    mixed = f"CAST(CAST({number} AS bigint) * 7919 % 481890304 AS integer)"
    letters = [f"substr('{ALPHABET}', {mixed} / {28**place} % 28 + 1, 1)" for place in range(LENGTH)]
    return " || ".join([*letters[:3], "'-'", *letters[3:]])


def _count_on(sql: object, *tables: str) -> None:
    """On PostgreSQL the counters do not know of ids that were given by hand."""
    if connection.vendor == "postgresql":
        for table in tables:
            name = table.strip('"')
            sql.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {table}))")  # type: ignore[attr-defined]
