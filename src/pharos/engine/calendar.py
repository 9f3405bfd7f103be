"""Opening hours: open time measured and added, exact where clocks jump."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from pharos.engine.zones import aware, day_start, local_day, wall_instant

_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CENTURY_DAYS: Final = 36_525


class Span(NamedTuple):
    """One weekly opening: Monday is 0; minutes of the local day, closing up to 2880 (into the next day)."""

    weekday: int
    open_minute: int
    close_minute: int


class SpecialDay(NamedTuple):
    """A date on which these (opening, closing) minutes hold and not the weekly ones; none of them: closed."""

    day: date
    hours: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a channel is open, on the clocks of `zone`. Hours that touch or overlap are one opening."""

    zone: str = "UTC"
    weekly: tuple[Span, ...] = ()
    exceptions: tuple[SpecialDay, ...] = ()
    always_open: bool = False

    def __post_init__(self) -> None:
        for weekday, opens, closes in self.weekly:
            if not 0 <= weekday <= 6:
                raise ValueError(f"weekday {weekday}: Monday is 0 and Sunday is 6")
            _check_hours(opens, closes)
        for special in self.exceptions:
            for opens, closes in special.hours:
                _check_hours(opens, closes)

    def is_open(self, at: datetime) -> bool:
        """Whether the channel is open at this instant; the closing instant is closed."""
        if self.always_open:
            return True
        moment = _micros(at)
        return any(start <= moment < end for start, end in self._openings(moment, moment + 1))

    def next_open(self, at: datetime) -> datetime | None:
        """The first open instant from `at` on, in UTC; None if it never opens again."""
        if self.always_open:
            return aware(at)
        moment = _micros(at)
        for start, _end in self._forward(moment):
            return _instant(max(start, moment))
        return None

    def last_open(self, at: datetime) -> datetime | None:
        """The last instant up to `at` at which open time had run (a closing counts), in UTC; None if never."""
        if self.always_open:
            return aware(at)
        moment = _micros(at)
        for _start, end in self._backward(moment):
            return _instant(min(end, moment))
        return None

    def open_seconds(self, start: datetime, end: datetime) -> float:
        """The open time between two instants, in seconds; zero when `end` is not after `start`."""
        first, last = _micros(start), _micros(end)
        if last <= first:
            return 0.0
        if self.always_open:
            return (last - first) / 1e6
        return sum(min(closes, last) - max(opens, first) for opens, closes in self._openings(first, last)) / 1e6

    def add_open_seconds(self, start: datetime, seconds: float) -> datetime | None:
        """The first instant (UTC) by which this much open time has run; None if it never opens long enough again."""
        left = _checked(seconds)
        moment = _micros(start)
        if left == 0 or self.always_open:
            return _instant(moment + left)
        for opens, closes in self._forward(moment):
            begins = max(opens, moment)
            if closes - begins >= left:
                return _instant(begins + left)
            left -= closes - begins
        return None

    def subtract_open_seconds(self, end: datetime, seconds: float) -> datetime | None:
        """The last instant (UTC) from which this much open time runs up to `end`; None if there never was as much."""
        left = _checked(seconds)
        moment = _micros(end)
        if left == 0 or self.always_open:
            return _instant(moment - left)
        for opens, closes in self._backward(moment):
            ends = min(closes, moment)
            if ends - opens >= left:
                return _instant(ends - left)
            left -= ends - opens
        return None

    def _openings(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Openings that share time with [first, last), in microseconds since 1970, disjoint and in order."""
        for opening in self._forward(first):
            if opening[0] >= last:
                return
            yield opening

    def _forward(self, moment: int) -> Iterator[tuple[int, int]]:
        day = local_day(_instant(moment), self.zone)
        for _ in range(self._days_to(max, day)):
            yield from (opening for opening in _openings_on(self, day) if opening[1] > moment)
            day += _DAY

    def _backward(self, moment: int) -> Iterator[tuple[int, int]]:
        day = local_day(_instant(moment), self.zone)
        for _ in range(self._days_to(min, day)):
            yield from (opening for opening in reversed(_openings_on(self, day)) if opening[0] < moment)
            day -= _DAY

    def _days_to(self, last: Callable[[Iterable[date]], date], day: date) -> int:
        """How many days are worth a look: with no weekly hours none but the special days can be open."""
        if self.weekly:
            return _CENTURY_DAYS
        if not self.exceptions:
            return 0
        return abs((last([day, *(special.day for special in self.exceptions)]) - day).days) + 2


@lru_cache(maxsize=8192)
def _openings_on(calendar: Calendar, day: date) -> tuple[tuple[int, int], ...]:
    """What is open on one local day, hours that began the day before included: disjoint, in order, in microseconds."""
    starts, ends = (_micros(day_start(edge, calendar.zone)) for edge in (day, day + _DAY))
    merged: list[tuple[int, int]] = []
    for opens, closes in sorted([*_spans(calendar, day - _DAY), *_spans(calendar, day)]):
        opening = max(opens, starts), min(closes, ends)
        if opening[0] >= opening[1]:
            continue
        if merged and opening[0] <= merged[-1][1]:
            opening = merged[-1][0], max(merged.pop()[1], opening[1])
        merged.append(opening)
    return tuple(merged)


def _spans(calendar: Calendar, day: date) -> Iterator[tuple[int, int]]:
    for opens, closes in _hours_of(calendar, day):
        yield _micros(wall_instant(day, opens, calendar.zone)), _micros(wall_instant(day, closes, calendar.zone))


def _hours_of(calendar: Calendar, day: date) -> tuple[tuple[int, int], ...]:
    special = [exception.hours for exception in calendar.exceptions if exception.day == day]
    if special:
        return tuple(hours for each in special for hours in each)
    weekday = day.weekday()
    return tuple((span.open_minute, span.close_minute) for span in calendar.weekly if span.weekday == weekday)


def _check_hours(opens: int, closes: int) -> None:
    if not 0 <= opens < closes <= 2880 or opens >= 1440:
        raise ValueError(f"hours {opens} to {closes}: minutes of the day, opening before closing")


def _checked(seconds: float) -> int:
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{seconds} s of open time")
    return round(seconds * 1e6)


def _micros(at: datetime) -> int:
    return (aware(at) - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND
