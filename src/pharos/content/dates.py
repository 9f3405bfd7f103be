"""A day as people type it: four languages, two calendars, any digits. What is unclear is refused, never guessed."""

import re
import unicodedata
from datetime import date
from typing import Any, Final, Literal

from persiantools import jdatetime

from pharos.content import words
from pharos.content.text import known_language

Unclear = Literal["empty", "unreadable", "no_year", "ambiguous", "impossible"]

GREGORIAN_YEARS: Final = range(1900, 2200)
JALALI_YEARS: Final = range(1250, 1500)
EXAMPLES: Final = {"en": "1/12/2026", "fa": "۱۴۰۵/۰۹/۱۰", "hy": "01.12.2026", "zh-hans": "2026年12月1日"}
MOST_CHARACTERS: Final = 60

_Jalali: Any = jdatetime.JalaliDate
_CHINESE_WEEKDAY = re.compile(r"(星期|礼拜|周)[一二三四五六日天]")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_BETWEEN = re.compile(r"[\s./\-‐-―,،、()（）«»:՝]*")
_ARABIC_LETTERS: Final = str.maketrans("يىك", "ییک")
_SHORTEST_MONTH: Final = 3


class DateError(ValueError):
    """A day that cannot be understood for certain; `code` says why, for a message in the reader's language."""

    def __init__(self, code: Unclear) -> None:
        super().__init__(code)
        self.code: Unclear = code


def date_example(language: str) -> str:
    """How a day may be typed in a language, to show beside the field."""
    return EXAMPLES[known_language(language)]


def plain_digits(text: str) -> str:
    """The text with every digit, of whatever script, as 0 to 9."""
    return "".join(str(unicodedata.digit(one)) if one.isdecimal() else one for one in text)


def parse_date(text: str, language: str) -> date:
    """The day that was typed: ISO, day first or year first, or with the month's name; a Jalali year is understood.

    Raises DateError: "empty", "unreadable", "no_year", "ambiguous" (a year of two figures, or a month first) or
    "impossible" (no such day).
    """
    numbers, month = _read(text)
    if month is not None:
        return _with_month_name(numbers, *month)
    if len(numbers) < 3:
        raise DateError("no_year" if len(numbers) == 2 else "unreadable")
    if len(numbers) > 3:
        raise DateError("unreadable")
    return _in_figures(numbers, known_language(language))


def _read(text: str) -> tuple[list[str], tuple[str, int] | None]:
    """The numbers in order, and the calendar and number of the month if it is named."""
    clean = _cleaned(text)
    if not clean:
        raise DateError("empty")
    if len(clean) > MOST_CHARACTERS or not _BETWEEN.fullmatch(_PARTS.sub("", clean)):
        raise DateError("unreadable")
    parts = _PARTS.findall(clean)
    named = [_MONTH_NAMES[part] for part in parts if part in _MONTH_NAMES]
    if len(named) > 1 or any(not part.isdecimal() and part not in _KNOWN for part in parts):
        raise DateError("unreadable")
    return [part for part in parts if part.isdecimal()], named[0] if named else None


def _cleaned(text: str) -> str:
    visible = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    letters = plain_digits(visible).translate(_ARABIC_LETTERS).casefold()
    return _CHINESE_WEEKDAY.sub(" ", letters).strip()


def _with_month_name(numbers: list[str], calendar: str, month: int) -> date:
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if len(numbers) == 1:
        raise DateError("no_year" if days else "unreadable")
    if len(numbers) != 2 or len(years) != 1 or len(days) != 1:
        raise DateError("ambiguous" if len(days) == 2 and len(numbers) == 2 else "unreadable")
    found = "jalali" if int(years[0]) in JALALI_YEARS else "gregorian"
    if found != calendar:
        raise DateError("impossible")
    return _day(calendar, int(years[0]), month, int(days[0]))


def _in_figures(numbers: list[str], language: str) -> date:
    lengths = [len(number) for number in numbers]
    if lengths[0] == 4 and max(lengths[1:]) <= 2:
        year, month, day = map(int, numbers)
    elif lengths[2] == 4 and max(lengths[:2]) <= 2:
        day, month, year = map(int, numbers)
        if language == "en" and month > 12 >= day:
            raise DateError("ambiguous")
    else:
        raise DateError("ambiguous" if max(lengths) <= 2 else "unreadable")
    return _day("jalali" if year in JALALI_YEARS else "gregorian", year, month, day)


def _day(calendar: str, year: int, month: int, day: int) -> date:
    if calendar == "gregorian" and year not in GREGORIAN_YEARS:
        raise DateError("impossible")
    try:
        if calendar == "gregorian":
            return date(year, month, day)
        found: date = _Jalali(year, month, day).to_gregorian()
    except ValueError:
        raise DateError("impossible") from None
    return found


def _month_names() -> dict[str, tuple[str, int]]:
    names: dict[str, tuple[str, int]] = {}
    for month, (english, armenian, jalali) in enumerate(
        zip(words.MONTHS_EN, words.MONTHS_HY, words.MONTHS_JALALI, strict=True), start=1
    ):
        for name in (english.casefold(), english[:_SHORTEST_MONTH].casefold(), armenian, f"{armenian}ի"):
            names[name] = ("gregorian", month)
        names[jalali] = ("jalali", month)
    names["sept"] = ("gregorian", 9)
    for month, alternatives in enumerate(_GREGORIAN_IN_PERSIAN, start=1):
        names.update(dict.fromkeys(alternatives, ("gregorian", month)))
    return names


_GREGORIAN_IN_PERSIAN: Final = (
    *(("ژانویه",), ("فوریه",), ("مارس",), ("آوریل", "آپریل"), ("مه", "می"), ("ژوئن", "جون")),
    *(("ژوئیه", "جولای"), ("اوت", "آگوست"), ("سپتامبر",), ("اکتبر",), ("نوامبر",), ("دسامبر",)),
)
_MONTH_NAMES: Final = _month_names()
_FILLERS: Final = frozenset(
    {
        *("st", "nd", "rd", "th", "of", "the"),
        *("年", "月", "日", "号", "號"),
        *("թ", "թվական", "թվականի", "ին", "ը", "ն"),
        *("سال", "ماه", "مورخ", "م", "ش", "ه", "میلادی", "شمسی"),
    }
)
_WEEKDAYS: Final = frozenset(
    name.replace("\u200c", "").casefold() for language in ("en", "fa", "hy") for name in words.WEEKDAYS[language]
)
_KNOWN: Final = _FILLERS | _WEEKDAYS | _MONTH_NAMES.keys()
