"""Local days and wall-clock times as exact instants, also where clocks jump."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)


@lru_cache(maxsize=4096)
def wall_instant(day: date, minute: int, zone: str) -> datetime:
    """The first instant (UTC) at which clocks in `zone` show this minute of this day or, where it is skipped, later.

    Minutes run from 0 to beyond 1440 (the next day). A minute shown twice counts as its first showing.
    """
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    instant = wall.replace(tzinfo=tz).astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == wall:
        return instant
    return _end_of_gap(wall, instant, tz)


def _end_of_gap(wall: datetime, instant: datetime, tz: ZoneInfo) -> datetime:
    """The instant of the jump over `wall`; a skipped time read with the old offset is never before it: search back."""
    before, after = instant - 2 * _DAY, instant
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle <= before:
            middle = before + _SECOND
        if middle.astimezone(tz).replace(tzinfo=None) >= wall:
            after = middle
        else:
            before = middle
    return after


def day_start(day: date, zone: str) -> datetime:
    """The first instant (UTC) of a local day; of the next one that exists where the whole day was skipped."""
    return wall_instant(day, 0, zone)


def next_day_start(after: datetime, day: date, zone: str) -> datetime:
    """The first instant later than `after` at which this local day, or a later one, starts.

    Clocks that go back across midnight start the new day twice, and both count.
    """
    while True:
        first = day_start(day, zone)
        again = datetime.combine(day, time(fold=1), ZoneInfo(zone)).astimezone(UTC)
        for start in (first, again):
            if start > after:
                return start
        day += _DAY


def local_day(at: datetime, zone: str) -> date:
    """The date on a calendar in `zone` at this instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def aware(at: datetime) -> datetime:
    """The same instant in UTC; a time without a zone is refused."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)
