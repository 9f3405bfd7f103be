"""When a person spoke whose words are keyed in later: on the clock of the wall, not of the device."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

AHEAD: Final = timedelta(minutes=5)  # a clock on the wall may be as wrong as that
NIGHT: Final = 6  # o'clock: until then a late hour is last evening's
NOON: Final = 12 * 60
DAY: Final = timedelta(days=1)


def kept(kept_at: datetime | None, sent_at: datetime | None, *, now: datetime) -> datetime:
    """When a record was kept: as long ago as the device says, by our clock. Its own clock may be wrong."""
    if kept_at is None or sent_at is None:
        return now
    return now - max(sent_at - kept_at, timedelta(0))


def spoken(day: date | None, minutes: int | None, *, zone: str, kept_at: datetime) -> datetime | None:
    """The moment that a day and a time of day mean, in minutes after midnight; None when neither was said.

    A day alone means its noon, so that nobody gains a morning by not having looked at the clock.
    """
    clock = ZoneInfo(zone)
    local = kept_at.astimezone(clock)
    if minutes is None:
        if day is None:
            return None
        noon = _at(day, NOON, clock)
        return min(noon, kept_at) if day == local.date() else noon
    if day is None and local.hour < NIGHT and minutes > 60 * local.hour + local.minute:
        return _at(local.date() - DAY, minutes, clock)
    return _at(day or local.date(), minutes, clock)


def counts_from(at: datetime, *, oldest_days: int, now: datetime) -> datetime:
    """From when a place in line counts: when they spoke, but not from the future and from no earlier than that."""
    return min(max(at, now - oldest_days * DAY), now)


def _at(day: date, minutes: int, clock: ZoneInfo) -> datetime:
    more, within = divmod(minutes, 24 * 60)  # 24:00 is the next day's 0:00
    moment = datetime.combine(day + more * DAY, time(within // 60, within % 60), tzinfo=clock)
    return moment.astimezone(UTC)
