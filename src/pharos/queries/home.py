"""What the public reads on the organisation's own page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from pharos import content
from pharos.content import Picked
from pharos.models import Incident, Kind, OpeningHours, Organisation, SpecialDay
from pharos.queries import honesty, incidents

SPECIAL_DAYS_AHEAD: Final = timedelta(days=14)
Spans = tuple[tuple[int, int], ...]  # minutes of the local day


class Days(NamedTuple):
    """Weekdays in a row (0 is Monday) with the same open spans; no spans: closed."""

    first: int
    last: int
    spans: Spans


class OtherHours(NamedTuple):
    """A date on which other hours hold; no spans: closed."""

    on: date
    spans: Spans


class Hours(NamedTuple):
    """When one kind of channel is answered; no week: day and night."""

    kind: str
    week: tuple[Days, ...]
    soon: tuple[OtherHours, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePage:
    """What is going on, how to ask, when we are there."""

    organisation: Organisation
    language: str
    name: Picked
    incidents: tuple[tuple[Incident, Picked], ...]  # with its name
    hours: tuple[Hours, ...]  # one when both kinds have the same
    kept: float | None  # the share of promises kept in the last week; None from too few


def home(organisation: Organisation, *, language: str, now: datetime) -> HomePage:
    """The organisation's page as it reads now."""
    return HomePage(
        organisation=organisation,
        language=language,
        name=content.pick(organisation.name, language),
        incidents=tuple(
            (incident, content.pick(incident.name, language)) for incident in incidents.public(organisation)
        ),
        hours=_hours(organisation, now=now),
        kept=honesty.public_share(organisation=organisation, now=now),
    )


def _hours(organisation: Organisation, *, now: datetime) -> tuple[Hours, ...]:
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    weekly = list(OpeningHours.objects.filter(organisation=organisation).order_by("weekday", "opens_minute"))
    special = list(
        SpecialDay.objects.filter(
            organisation=organisation, date__gte=today, date__lte=today + SPECIAL_DAYS_AHEAD
        ).order_by("date", "opens_minute")
    )
    live, written = (
        Hours(
            kind,
            _week(row for row in weekly if row.kind == kind),
            _soon(day for day in special if day.kind == kind),
        )
        for kind in Kind.values
    )
    return (live,) if live[1:] == written[1:] else (live, written)


def _week(rows: Iterable[OpeningHours]) -> tuple[Days, ...]:
    spans: dict[int, list[tuple[int, int]]] = {}
    for row in rows:
        spans.setdefault(row.weekday, []).append((row.opens_minute, row.closes_minute))
    if not spans:
        return ()
    week = [(weekday, tuple(spans.get(weekday, ()))) for weekday in range(7)]
    runs = [list(run) for _, run in groupby(week, key=lambda one: one[1])]
    return tuple(Days(run[0][0], run[-1][0], run[0][1]) for run in runs)


def _soon(days: Iterable[SpecialDay]) -> tuple[OtherHours, ...]:
    found: dict[date, list[tuple[int, int]]] = {}
    for day in days:
        spans = found.setdefault(day.date, [])
        if day.opens_minute is not None and day.closes_minute is not None:
            spans.append((day.opens_minute, day.closes_minute))
    return tuple(OtherHours(on, tuple(spans)) for on, spans in found.items())
