"""Times, days and lengths of time as people say them, in their language, calendar, digits and zone."""

import math
from datetime import date, datetime
from functools import cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_name
from persiantools.jdatetime import JalaliDate

from pharos.content.text import known_language

MINUTE_S: Final = 60
HOUR_S: Final = 3600
DAY_S: Final = 86_400
NBSP: Final = "\N{NO-BREAK SPACE}"

_LOCALES: Final = {"en": "en_GB", "fa": "fa", "hy": "hy", "zh-hans": "zh_Hans_CN"}
_DAY_PATTERNS: Final = {"en": "EEEE d MMMM", "hy": "EEEE, d MMMM", "zh-hans": "M月d日EEEE"}
_DAY_AND_TIME: Final = {
    "en": "{day}, {time}",
    "fa": "{day}، ساعت {time}",
    "hy": "{day}, ժամը {time}",
    "zh-hans": "{day}{time}",
}
_PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_UNITS: Final = {
    "en": {MINUTE_S: ("minute", "minutes"), HOUR_S: ("hour", "hours"), DAY_S: ("day", "days")},
    "fa": {MINUTE_S: ("دقیقه",), HOUR_S: ("ساعت",), DAY_S: ("روز",)},
    "hy": {MINUTE_S: ("րոպե",), HOUR_S: ("ժամ",), DAY_S: ("օր",)},
    "zh-hans": {MINUTE_S: ("分钟",), HOUR_S: ("小时",), DAY_S: ("天",)},
}
# How long a time is, and the step it is told in.
_STEPS: Final = (
    (10 * MINUTE_S, MINUTE_S),
    (90 * MINUTE_S, 5 * MINUTE_S),
    (36 * HOUR_S, HOUR_S),
)


class Range(NamedTuple):
    """The two ends of a wait in words, rounded outward; `low` is empty when it may be no time at all."""

    low: str
    high: str


def digits(text: object, language: str) -> str:
    """The text with the digits of the language."""
    return str(text).translate(_PERSIAN_DIGITS) if known_language(language) == "fa" else str(text)


def clock(at: datetime, *, language: str, zone: str) -> str:
    """The time of day in a zone: 14:05."""
    return digits(f"{at.astimezone(ZoneInfo(zone)):%H:%M}", language)


def day(on: date, *, language: str) -> str:
    """Weekday, day and month: Wednesday 11 March; in Persian by the Jalali calendar."""
    known = known_language(language)
    if known == "fa":
        return str(JalaliDate(on).strftime("%A %-d %B", locale="fa")).replace("  ", " ")
    return format_date(on, _DAY_PATTERNS[known], locale=_locale(known))


def moment(at: datetime, *, language: str, zone: str, now: datetime | None = None) -> str:
    """The time of day, and the day before it unless that is today: for anything kept longer give no `now`."""
    local = at.astimezone(ZoneInfo(zone)).date()
    time = clock(at, language=language, zone=zone)
    if now is not None and now.astimezone(ZoneInfo(zone)).date() == local:
        return time
    return _DAY_AND_TIME[known_language(language)].format(day=day(local, language=language), time=time)


def zone_name(zone: str, *, language: str) -> str:
    """Whose clock a time is told by: Iran Time."""
    if zone in {"UTC", "Etc/UTC"}:
        return "UTC"
    return str(
        get_timezone_name(ZoneInfo(zone), "long", zone_variant="generic", locale=_locale(known_language(language)))
    )


def length(seconds: float, *, language: str) -> str:
    """A length of time in its largest sensible unit, rounded up: 25 minutes, 3 hours, 2 days; at least a minute."""
    return _said(max(MINUTE_S, _rounded(seconds, up=True)), known_language(language))


def wait(low_s: float, high_s: float, *, language: str) -> Range:
    """A range of waits, rounded outward, so that the words never promise more than the numbers."""
    known = known_language(language)
    low, high = _rounded(low_s, up=False), max(MINUTE_S, _rounded(high_s, up=True))
    return Range("" if low <= 0 or low >= high else _said(low, known), _said(high, known))


def _rounded(seconds: float, *, up: bool) -> int:
    step = next((step for reach, step in _STEPS if seconds <= reach), DAY_S)
    return int((math.ceil if up else math.floor)(seconds / step)) * step


def _said(seconds: int, language: str) -> str:
    unit = DAY_S if seconds > 36 * HOUR_S else HOUR_S if seconds > 90 * MINUTE_S else MINUTE_S
    number = math.ceil(seconds / unit)
    names = _UNITS[language][unit]
    return f"{digits(number, language)}{NBSP}{names[0 if number == 1 else -1]}"


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])
