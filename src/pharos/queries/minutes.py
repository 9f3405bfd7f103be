"""Moments cut to their minute, so that the database counts."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import CharField, F, Func
from django.db.models.functions import Cast


def minute(field: str) -> Func:
    """A time cut to its minute, as text in UTC: by the database's own function, not row by row in Python."""
    if settings.SQLITE:
        return Func(Cast(field, CharField()), 1, 16, function="substr", output_field=CharField())
    return Func(
        F(field),
        template="to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')",
        output_field=CharField(),
    )


def named(at: datetime) -> str:
    """The same text of a moment."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def last(count: int, *, now: datetime) -> list[datetime]:
    """The beginnings of the last minutes, the present one included, the oldest first."""
    present = now.astimezone(UTC).replace(second=0, microsecond=0)
    return [present - timedelta(minutes=back) for back in reversed(range(count))]
