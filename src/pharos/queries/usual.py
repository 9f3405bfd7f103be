"""How many usually come at which hour: what the present and the coming hours are held against."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count

from pharos.engine.calendar import Calendar
from pharos.models import Contact, LookAhead, Organisation
from pharos.queries import minutes as by_minute
from pharos.queries.calendars import calendars

MINUTES: Final = 15
QUARTER: Final = timedelta(minutes=MINUTES)
QUARTERS: Final = timedelta(days=1) // QUARTER
SEEN: Final = timedelta(days=28)
FEWEST_DAYS: Final = 5
LEAST: Final = 0.02  # of the mean: an hour in which hardly anyone comes is no proof that nobody will
# The coming hours in pieces: where they start, and the middle of each, in open seconds from now.
STARTS_S: Final = (*(300.0 * n for n in range(6)), *(1800.0 + 900.0 * n for n in range(15)))
MIDDLES_S: Final = tuple(
    (one + two) / 2 for one, two in zip(STARTS_S, (*STARTS_S[1:], STARTS_S[-1] + 900.0), strict=True)
)


class Profile(NamedTuple):
    """Contacts in each quarter of an hour of a usual day, on the organisation's clock; none: every hour is alike."""

    quarters: Sequence[float]
    zone: ZoneInfo
    hours: Calendar

    @classmethod
    def of(cls, organisation: Organisation) -> "Profile":
        """What the nights have taught."""
        usual = LookAhead.objects.filter(organisation=organisation).values_list("usual", flat=True).first()
        hours = calendars(organisation)["written"]
        return cls(usual or (), ZoneInfo(organisation.time_zone), hours)

    def behind(self, minutes: int, *, now: datetime) -> list[float] | None:
        """How many usually come in each of the last minutes, the newest first; None where that is not known."""
        if not self.quarters:
            return None
        return [self._at(now - timedelta(minutes=back)) for back in range(minutes)]

    def ahead(self, *, now: datetime) -> list[float]:
        """How many times as many as now usually come in each of the coming pieces."""
        present = self._at(now)
        moments = [self.hours.add_open_seconds(now, seconds) for seconds in MIDDLES_S] if self.quarters else []
        return [self._at(at) / present if at else 1.0 for at in moments] or [1.0] * len(MIDDLES_S)

    def _at(self, at: datetime) -> float:
        """The usual number in a minute, between the middles of the quarters."""
        if not self.quarters:
            return 1.0
        local = at.astimezone(self.zone)
        place = (local.hour * 60 + local.minute + local.second / 60) * 60 / QUARTER.total_seconds() - 0.5
        before, share = int(place // 1) % QUARTERS, place % 1
        value = (1 - share) * self.quarters[before] + share * self.quarters[(before + 1) % QUARTERS]
        return max(value, LEAST * sum(self.quarters) / QUARTERS) / MINUTES


def quarters(*, organisation: Organisation, now: datetime) -> list[float] | None:
    """Contacts in each quarter of an hour of a usual day, from the last weeks; None from too few days.

    The shape is the mean of the days' shapes and the size that of the middle day, so that one day of a crisis, which
    has as many contacts as all others together, weighs as much as any.
    """
    zone = ZoneInfo(organisation.time_zone)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Contact.objects.filter(
        organisation=organisation, state__in=Contact.State.values, arrived_at__gte=now - SEEN, arrived_at__lt=today
    )
    days: defaultdict[date, list[int]] = defaultdict(lambda: [0] * QUARTERS)
    for text, count in rows.values_list(by_minute.minute("arrived_at")).annotate(Count("pk")).order_by():
        local = datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(zone)
        days[local.date()][(local.hour * 60 + local.minute) // MINUTES] += count
    if len(days) < FEWEST_DAYS:
        return None
    size = median(map(sum, days.values()))
    shape = [sum(day[place] / sum(day) for day in days.values()) / len(days) for place in range(QUARTERS)]
    around = [(shape[place - 1] + 2 * one + shape[(place + 1) % QUARTERS]) / 4 for place, one in enumerate(shape)]
    return [round(size * one, 4) for one in around]
