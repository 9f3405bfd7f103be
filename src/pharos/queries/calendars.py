"""Opening hours as calendars."""

from collections.abc import Mapping

from pharos.engine.calendar import Calendar, Span
from pharos.engine.calendar import SpecialDay as EngineSpecialDay
from pharos.engine.classes import KINDS, Kind
from pharos.models import OpeningHours, Organisation, SpecialDay


def calendars(organisation: Organisation) -> Mapping[Kind, Calendar]:
    """The calendar of each kind of channel; a kind without hours is always open."""
    spans: dict[str, list[Span]] = {}
    for row in OpeningHours.objects.filter(organisation=organisation):
        spans.setdefault(row.kind, []).append(Span(row.weekday, row.opens_minute, row.closes_minute))
    special: dict[str, dict[object, list[tuple[int, int]]]] = {}
    for day in SpecialDay.objects.filter(organisation=organisation):
        hours = special.setdefault(day.kind, {}).setdefault(day.date, [])
        if day.opens_minute is not None and day.closes_minute is not None:
            hours.append((day.opens_minute, day.closes_minute))
    return {
        kind: Calendar(
            zone=organisation.time_zone,
            weekly=tuple(spans.get(kind, ())),
            exceptions=tuple(EngineSpecialDay(day, tuple(hours)) for day, hours in special.get(kind, {}).items()),  # type: ignore[arg-type]
            always_open=kind not in spans,
        )
        for kind in KINDS
    }
