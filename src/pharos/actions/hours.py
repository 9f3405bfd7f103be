"""When the centre is open, per kind of channel."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos import live
from pharos.actions.errors import Refused
from pharos.models import Kind, OpeningHours, Organisation, SpecialDay

DAY = 24 * 60
BAD_SPAN = _("Closing comes after opening. Past midnight? Close at 24:00 and open the next day at 00:00.")


class Week(NamedTuple):
    """One open span, in minutes of the local day; Monday is 0, midnight at the end of a day is 1440."""

    weekday: int
    opens: int
    closes: int


class Exceptional(NamedTuple):
    """Other hours on one date; without minutes the centre is closed that day."""

    kind: Kind
    date: date
    opens: int | None = None
    closes: int | None = None


ALWAYS = tuple(Week(weekday, 0, DAY) for weekday in range(7))


def set_hours(
    *,
    organisation: Organisation,
    weekly: Mapping[Kind, Sequence[Week] | None],
    special: Iterable[Exceptional],
    now: datetime,
) -> None:
    """Replace all hours at once. `None` for a kind: always open, but for the special days."""
    days = list(special)
    rows = [
        OpeningHours(
            organisation=organisation,
            kind=kind,
            weekday=span.weekday,
            opens_minute=span.opens,
            closes_minute=span.closes,
        )
        for kind in Kind
        for span in _spans(kind, weekly.get(kind), days)
    ]
    _refuse_bad_days(days)
    with transaction.atomic():
        OpeningHours.objects.filter(organisation=organisation).delete()
        SpecialDay.objects.filter(organisation=organisation).delete()
        OpeningHours.objects.bulk_create(rows)
        SpecialDay.objects.bulk_create(
            SpecialDay(
                organisation=organisation,
                kind=day.kind,
                date=day.date,
                opens_minute=day.opens,
                closes_minute=day.closes,
            )
            for day in days
        )
        live.nudge(organisation_id=organisation.pk, topics=["board", "queue"], now=now)


def _spans(kind: Kind, spans: Sequence[Week] | None, days: list[Exceptional]) -> Sequence[Week]:
    if spans is None:
        # No rows mean always open whatever the day; a special day needs weekly rows to be an exception from.
        return ALWAYS if any(day.kind == kind for day in days) else ()
    if not spans:
        raise Refused("no_hours", _("Give at least one day its hours, or choose always open."))
    ordered = sorted(spans)
    for span in ordered:
        if not 0 <= span.opens < span.closes <= DAY:
            raise Refused("bad_span", BAD_SPAN)
    for before, after in pairwise(ordered):
        if before.weekday == after.weekday and after.opens < before.closes:
            raise Refused("overlap", _("Two spans of one day overlap."))
    return ordered


def _refuse_bad_days(days: list[Exceptional]) -> None:
    seen: set[tuple[Kind, date]] = set()
    for day in days:
        if (day.opens is None) != (day.closes is None):
            raise Refused("half_day", _("Give a special day both times, or none to stay closed."))
        if day.opens is not None and day.closes is not None and not 0 <= day.opens < day.closes <= DAY:
            raise Refused("bad_span", BAD_SPAN)
        if (day.kind, day.date) in seen:
            raise Refused("twice", _("A special day is named twice."))
        seen.add((day.kind, day.date))
