"""Reading the live log by id, in the order of commits, missing nothing."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import close_old_connections
from django.db.models import Max, Min, Q

from pharos.models import LiveEvent

KEEP = 5_000  # newest rows a new follower begins with, so that pages which come back can go on where they were
LATE_S = 60.0  # on PostgreSQL a transaction may commit this long after its ids were given out
GAP_MAX = 1_000
SETTLED = timedelta(seconds=2)
FIELDS = ("id", "organisation_id", "topic", "at")


class Event(NamedTuple):
    """Something of this organisation and topic changed."""

    id: int
    organisation_id: int
    topic: str
    at: datetime


class Log:
    """A follower's place in the log.

    On SQLite ids appear in their order. On PostgreSQL a lower id may be committed later: ids that were passed over are
    asked for again until they appear or their transaction can no longer be alive.
    """

    def __init__(self) -> None:
        self.last = 0
        self._missing: dict[int, float] = {}

    def begin(self) -> list[Event]:
        """The newest rows; the place is after them."""
        close_old_connections()
        newest = LiveEvent.objects.order_by("-id").values_list(*FIELDS)[:KEEP]
        events = [Event(*row) for row in newest][::-1]
        self.last = events[0].id - 1 if events else 0
        self._pass(events)
        return events

    def read(self) -> list[Event]:
        """What was committed since, by id."""
        close_old_connections()
        wanted = Q(id__gt=self.last)
        if self._missing:
            self._missing = {id_: seen for id_, seen in self._missing.items() if time.monotonic() - seen < LATE_S}
            wanted |= Q(id__in=list(self._missing))
        rows = LiveEvent.objects.filter(wanted).order_by("id").values_list(*FIELDS)
        events = [Event(*row) for row in rows[:KEEP]]
        self._pass(events)
        return events

    def _pass(self, events: Iterable[Event]) -> None:
        for event in events:
            if not settings.SQLITE and event.id > self.last:
                skipped = range(max(self.last + 1, event.id - GAP_MAX), event.id)
                self._missing.update(dict.fromkeys(skipped, time.monotonic()))
            self._missing.pop(event.id, None)
            self.last = max(self.last, event.id)


def cursor(*, now: datetime) -> int:
    """The place from which a page that is being made must follow: all that it may not show yet comes after it."""
    settled = LiveEvent.objects.filter(at__lte=now - SETTLED).aggregate(last=Max("id"))["last"]
    if settled is None:
        first = LiveEvent.objects.aggregate(first=Min("id"))["first"]
        return 0 if first is None else int(first) - 1
    return int(settled)
