"""What is known of waits that were told: for what is told next, and for everyone who wants to judge it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Any, cast

from django.db.models.functions import Coalesce

from pharos.engine.classes import BANDS, KINDS, Kind
from pharos.engine.residual import Lesson, Residual
from pharos.engine.telling import LAST, NUMBERS, Came, Record, Teller, record
from pharos.models import LookAhead, Organisation, WaitReading
from pharos.queries import measures

RECENT = timedelta(days=7)  # older ranges say nothing of those of today
READ = 2 * LAST  # readings of a class, the newest: some of their waits go on
LESSONS = 20_000
TAUGHT_BY = timedelta(days=28)


def teller(*, organisation: Organisation, now: datetime) -> Teller:
    """How waits are told now."""
    residual = LookAhead.objects.filter(organisation=organisation).values_list("residual", flat=True).first()
    records = {(band, kind): _record(organisation, band, kind, now=now) for band, kind in product(BANDS, KINDS)}
    answering_s = measures.answering_s(organisation=organisation, now=now)
    return Teller({key: found for key, found in records.items() if found}, residual_of(residual), answering_s)


def _record(organisation: Organisation, band: int, kind: Kind, *, now: datetime) -> Record | None:
    rows = WaitReading.objects.filter(organisation=organisation, band=band, kind=kind, at__gt=now - RECENT)
    columns = ("low_s", "median_s", "high_s", "said_low_s", "said_high_s", "at", "until", "contact__first_answered_at")
    until = Coalesce("contact__first_answered_at", "contact__closed_at")
    found = rows.annotate(until=until).order_by("-at").values_list(*columns)[:READ]
    came = [
        Came(low, median, high, least, most, max(((end or now) - at).total_seconds(), 0.0), answered is not None)
        for low, median, high, least, most, at, end, answered in found
    ]
    return record(came) if came else None


def residual_of(kept: Mapping[str, Any] | None) -> Residual | None:
    """A residual as it was kept; one of another release's numbers is not believed."""
    if kept is None:
        return None
    try:
        tuples = {name: tuple(kept[name]) for name in ("centre", "scale", "weights")}
        shape = tuple(map(tuple, kept["shape"]))
        if len(tuples["centre"]) != NUMBERS:
            return None
        return Residual(**tuples, shape=shape, reach=float(kept["reach"]), lessons=int(kept["lessons"]))
    except (KeyError, TypeError, ValueError):
        return None


def lessons(*, organisation: Organisation, now: datetime) -> list[Lesson]:
    """Waits that were worked out in the last weeks and are over or were given up, the oldest first."""
    rows = WaitReading.objects.filter(organisation=organisation, at__gt=now - TAUGHT_BY)
    over = rows.annotate(until=Coalesce("contact__first_answered_at", "contact__closed_at")).filter(until__isnull=False)
    columns = ("state", "ahead_s", "at", "until", "contact__first_answered_at")
    found = list(over.order_by("-at").values_list(*columns)[:LESSONS])
    return [
        Lesson(tuple(cast("list[float]", state)), ahead_s, max((until - at).total_seconds(), 0.0), answered is not None)
        for state, ahead_s, at, until, answered in reversed(found)
        if len(cast("list[float]", state)) == NUMBERS
    ]
