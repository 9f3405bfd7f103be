"""Days, times and lengths of time as people say them: their words, calendar, digits, and whose clock it is."""

import math
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from persiantools import jdatetime

from pharos.content import words
from pharos.content.text import known_language

Style = Literal["short", "long", "full", "day"]

MINUTE_S: Final = 60
HOUR_S: Final = 3600
DAY_S: Final = 86_400
FAR: Final = timedelta(days=300)  # from here on a day is told with its year
# How far ahead a range ends, and the step of the clock its ends are rounded outward to.
GRAINS: Final = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(hours=4), timedelta(minutes=15)),
    (timedelta(days=1), timedelta(minutes=30)),
)
COARSEST: Final = timedelta(hours=1)

_Jalali: Any = jdatetime.JalaliDate
_PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_UTC_NAMES: Final = frozenset({"UTC", "UCT", "Universal", "Zulu", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich"})
# China names its one clock by another city than the time-zone database does.
_BEIJING_ZONES: Final = frozenset({"Asia/Shanghai", "Asia/Chongqing", "PRC"})


def local_digits(text: object, language: str) -> str:
    """The text with the digits of the language: Persian ones in Persian, the same elsewhere."""
    return str(text).translate(_PERSIAN_DIGITS) if known_language(language) == "fa" else str(text)


def local_date(day: date, language: str, style: Style = "long") -> str:
    """A day: "short" in figures, "long" in words, "full" with its weekday too, "day" with weekday but no year.

    In Persian by the Jalali calendar.
    """
    known = known_language(language)
    year, month, number = _calendar_day(day, known)
    name = words.MONTHS[known][month - 1]
    said = words.DATES[known][style].format(
        year=year, month=month, number=number, name=name, weekday=words.WEEKDAYS[known][day.weekday()]
    )
    return local_digits(said, known)


def local_time(moment: datetime, zone: str, language: str) -> str:
    """The time of day on the clock of a zone: 14:05."""
    return local_digits(f"{moment.astimezone(ZoneInfo(zone)):%H:%M}", language)


def local_moment(
    moment: datetime, zone: str, language: str, *, now: datetime | None = None, zone_named: bool = True
) -> str:
    """A clock time, with the day unless that is today, and whose clock it is: "14:05 London time".

    Without `now` the day is always told, with its year: for what is read later.
    """
    known = known_language(language)
    local = moment.astimezone(ZoneInfo(zone))
    said = words.CLOCK[known].format(time=local_time(moment, zone, known))
    day = _day_unless_today(local, known, now)
    if day:
        said = words.DAY_AND_CLOCK[known].format(day=day, clock=said)
    return words.WITH_ZONE[known].format(said=said, zone=zone_name(zone, known)) if zone_named else said


def local_range(low: datetime, high: datetime, zone: str, language: str, *, now: datetime) -> str:
    """From when to when, rounded outward: "between 14:05 and 14:40", or "any time until 14:40"; with days if needed."""
    known, clock = known_language(language), ZoneInfo(zone)
    step = next((step for reach, step in GRAINS if high - now <= reach), COARSEST)
    first, last = _down(low.astimezone(clock), step), _up(high.astimezone(clock), step)
    # Two times of one zone would be compared by their clocks, which lie when the clock is set back in between.
    if first.astimezone(UTC) <= now or first.astimezone(UTC) >= last.astimezone(UTC):
        until = local_moment(last, zone, known, now=now, zone_named=False)
        return words.UNTIL[known].format(high=until)
    if first.date() != last.date():
        ends = {"low": first, "high": last}
        said = {end: local_moment(at, zone, known, now=now, zone_named=False) for end, at in ends.items()}
        return words.BETWEEN_DAYS[known].format(**said)
    ends_said = {"low": local_time(first, zone, known), "high": local_time(last, zone, known)}
    between = words.BETWEEN[known].format(**ends_said)
    day = _day_unless_today(last, known, now)
    return words.DAY_AND_CLOCK[known].format(day=day, clock=between) if day else between


def zone_name(zone: str, language: str) -> str:
    """Whose clock it is, as people say it: "London time"; a zone without a city is told by its distance from UTC."""
    known = known_language(language)
    if zone.removeprefix("Etc/") in _UTC_NAMES:
        return "UTC"
    if zone.startswith("Etc/"):
        return local_digits(_offset(zone), known)
    return words.ZONE[known].format(city=_city(zone, known))


def about(seconds: float, language: str) -> str:
    """How far ahead, rounded kindly: "in about 20 minutes"; what is due or past is "any moment now"."""
    known = known_language(language)
    if seconds < MINUTE_S / 2:
        return words.ANY_MOMENT[known]
    return _say(words.IN_ABOUT[known], seconds, known)


def duration(seconds: float, language: str) -> str:
    """How long, rounded kindly: "about 20 minutes"."""
    known = known_language(language)
    return _say(words.ABOUT[known], seconds, known)


def duration_range(low_s: float, high_s: float, language: str) -> str:
    """How long from and to, in one unit, rounded outward: "20 to 40 minutes"; "up to 5 minutes" from nothing."""
    known = known_language(language)
    unit, unit_s = next((name, size) for name, size, most in _UNITS if high_s <= most)
    step = 5 if unit == "minute" and high_s > 10 * MINUTE_S else 1
    low = math.floor(low_s / unit_s / step) * step
    high = max(1, math.ceil(high_s / unit_s / step) * step)
    name = words.UNITS[known][unit]
    form = words.UP_TO if low <= 0 else words.FROM_TO if low < high else words.ABOUT_FIGURE
    return local_digits(form[known].format(low=low, high=high, unit=name[0] if high == 1 else name[-1]), known)


_UNITS: Final = (("minute", MINUTE_S, 90 * MINUTE_S), ("hour", HOUR_S, 36 * HOUR_S), ("day", DAY_S, math.inf))


def _say(forms: dict[str, str], seconds: float, language: str) -> str:
    minutes = _round_minutes(max(seconds, MINUTE_S / 2) / MINUTE_S)
    if minutes < 60:
        return local_digits(_one_or_many(forms, "minute", minutes), language)
    halves = round(minutes / 30)
    if halves < 12:
        if halves % 2 == 0:
            return local_digits(_one_or_many(forms, "hour", halves // 2), language)
        whole = halves // 2
        form = forms["half" if whole == 1 else "halves"]
        return local_digits(form.format(number=whole, word=words.HALVES_HY.get(whole, "")), language)
    hours = round(minutes / 60)
    if hours <= 36:
        return local_digits(_one_or_many(forms, "hour", hours), language)
    return local_digits(_one_or_many(forms, "day", round(hours / 24)), language)


def _round_minutes(minutes: float) -> int:
    whole = max(1, math.floor(minutes + 0.5))
    return whole if whole <= 10 else 5 * math.floor(whole / 5 + 0.5)


def _one_or_many(forms: dict[str, str], unit: str, number: int) -> str:
    return forms[unit] if number == 1 else forms[f"{unit}s"].format(number=number)


def _calendar_day(day: date, language: str) -> tuple[int, int, int]:
    if language != "fa":
        return day.year, day.month, day.day
    jalali = _Jalali(day)
    return jalali.year, jalali.month, jalali.day


def _day_unless_today(local: datetime, language: str, now: datetime | None) -> str:
    if now is None:
        return local_date(local.date(), language, "full")
    today = now.astimezone(local.tzinfo).date()
    if today == local.date():
        return ""
    return local_date(local.date(), language, "day" if abs(local.date() - today) < FAR else "full")


def _down(local: datetime, step: timedelta) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return _shift(local, -((local.replace(tzinfo=None) - midnight) % step))


def _up(local: datetime, step: timedelta) -> datetime:
    down = _down(local, step)
    return down if down == local else _shift(down, step)


def _shift(local: datetime, by: timedelta) -> datetime:
    """Moved by real time: a clock that jumps in between never turns an end around."""
    return (local.astimezone(UTC) + by).astimezone(local.tzinfo)


def _offset(zone: str) -> str:
    """The distance of a zone that keeps the same one all year."""
    offset = datetime(2000, 1, 1, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    return f"UTC{'+' if minutes >= 0 else '−'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@cache
def _city(zone: str, language: str) -> str:
    if zone in _BEIJING_ZONES:
        return words.BEIJING[language]
    from babel import Locale  # noqa: PLC0415 - only who names a zone pays for the names of all zones
    from babel.core import get_global  # noqa: PLC0415
    from babel.dates import get_timezone_location  # noqa: PLC0415

    # The names are kept under a zone's old identifier where it has one, and people set the new one.
    renamed = get_global("zone_aliases")
    today = renamed.get(zone, zone)
    names = Locale.parse(words.LOCALES[language]).time_zones
    for known in (zone, today, *(old for old, new in renamed.items() if new == today)):
        if "city" in names.get(known, {}):
            return str(names[known]["city"])
    location = get_timezone_location(zone, locale=words.LOCALES[language], return_city=True)
    return location.rpartition("/")[2].replace("_", " ")
