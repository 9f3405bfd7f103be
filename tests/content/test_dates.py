from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.content import LANGUAGES
from pharos.content.calendars import local_date
from pharos.content.dates import DateError, date_example, parse_date, plain_digits

DAY = date(2026, 12, 1)
JALALI = date(2026, 11, 22)  # 1405/09/01


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        # ISO, whatever the language
        *(("2026-12-01", language, DAY) for language in LANGUAGES),
        (" 2026-12-1 ", "en", DAY),
        ("２０２６－１２－０１", "zh-hans", DAY),
        # English: the day first
        ("01/12/2026", "en", DAY),
        ("1/12/2026", "en", DAY),
        ("1.12.2026", "en", DAY),
        ("1 12 2026", "en", DAY),
        ("1-12-2026", "en", DAY),
        ("1 December 2026", "en", DAY),
        ("1st December, 2026", "en", DAY),
        ("the 1st of December 2026", "en", DAY),
        ("Dec 1, 2026", "en", DAY),
        ("DECEMBER 1 2026", "en", DAY),
        ("Tuesday 1 December 2026", "en", DAY),
        ("1 Sept 2026", "en", date(2026, 9, 1)),
        ("2026/12/01", "en", DAY),
        # Persian: the Jalali calendar, in any digits, or ISO
        ("1405/09/01", "fa", JALALI),
        ("۱۴۰۵/۰۹/۰۱", "fa", JALALI),
        ("۱۴۰۵/۹/۱", "fa", JALALI),
        ("١٤٠٥/٠٩/٠١", "fa", JALALI),
        ("۱۴۰۵-۰۹-۰۱", "fa", JALALI),
        ("1405.9.1", "fa", JALALI),
        ("۰۱/۰۹/۱۴۰۵", "fa", JALALI),
        ("۱ آذر ۱۴۰۵", "fa", JALALI),
        ("یکشنبه ۱ آذر ۱۴۰۵", "fa", JALALI),
        ("سه‌شنبه ۱۰ آذر ۱۴۰۵", "fa", DAY),
        ("\u200f۱۴۰۵/۰۹/۰۱\u200e", "fa", JALALI),
        ("1405/09/01", "en", JALALI),
        ("1405-09-01", "hy", JALALI),
        ("۲۰۲۶-۱۲-۰۱", "fa", DAY),
        ("۱ دسامبر ۲۰۲۶", "fa", DAY),
        ("۳۰ اسفند ۱۴۰۳", "fa", date(2025, 3, 20)),
        ("۵ مرداد ۱۴۰۵", "fa", date(2026, 7, 27)),
        ("5 دي 1405", "fa", date(2026, 12, 26)),
        # Armenian
        ("01.12.2026", "hy", DAY),
        ("1.12.2026", "hy", DAY),
        ("01․12․2026", "hy", DAY),
        ("01/12/2026", "hy", DAY),
        ("2026 թ. դեկտեմբերի 1", "hy", DAY),
        ("2026 թ. դեկտեմբերի 1, երեքշաբթի", "hy", DAY),
        ("2026 թվականի դեկտեմբերի 1-ին", "hy", DAY),
        ("1 դեկտեմբերի 2026", "hy", DAY),
        ("Դեկտեմբերի 1, 2026", "hy", DAY),
        # Chinese
        ("2026年12月1日", "zh-hans", DAY),
        ("2026年12月01日", "zh-hans", DAY),
        ("2026 年 12 月 1 号", "zh-hans", DAY),
        ("２０２６年１２月１日", "zh-hans", DAY),
        ("2026年12月1日星期二", "zh-hans", DAY),
        ("2026年12月1日（周二）", "zh-hans", DAY),
        ("2026/12/1", "zh-hans", DAY),
        ("2026.12.1", "zh-hans", DAY),
    ],
)
def test_parse_date(text, language, expected):
    assert parse_date(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("", "en", "empty"),
        ("  \u200f ", "fa", "empty"),
        ("tomorrow", "en", "unreadable"),
        ("فردا", "fa", "unreadable"),
        ("2026", "en", "unreadable"),
        ("1", "en", "unreadable"),
        ("20261201", "en", "unreadable"),
        ("1/12/2026/3", "en", "unreadable"),
        ("1/12/2026 noon", "en", "unreadable"),
        ("1/12/2026 <b>", "en", "unreadable"),
        ("2026-12-01T00:00", "en", "unreadable"),
        ("1 December January 2026", "en", "unreadable"),
        ("December 2026", "en", "unreadable"),
        ("1/2026/12", "en", "unreadable"),
        ("0" * 1000, "en", "unreadable"),
        ("1 " * 500, "en", "unreadable"),
        ("1/12", "en", "no_year"),
        ("1 December", "en", "no_year"),
        ("۱ آذر", "fa", "no_year"),
        ("12月1日", "zh-hans", "no_year"),
        ("01.12", "hy", "no_year"),
        ("01/12/26", "en", "ambiguous"),
        ("05/09/01", "fa", "ambiguous"),
        ("۰۵/۰۹/۰۱", "fa", "ambiguous"),
        ("1 Dec 26", "en", "ambiguous"),
        ("12/25/2026", "en", "ambiguous"),
        ("31/02/2026", "en", "impossible"),
        ("2026-02-29", "en", "impossible"),
        ("2026-13-01", "en", "impossible"),
        ("00/12/2026", "en", "impossible"),
        ("45/45/2026", "en", "impossible"),
        ("1404/12/30", "fa", "impossible"),
        ("۱۴۰۵/۱۳/۰۱", "fa", "impossible"),
        ("۱۴۰۵/۰۷/۳۱", "fa", "impossible"),
        ("1/12/0026", "en", "impossible"),
        ("2569-12-01", "en", "impossible"),
        ("1 December 1405", "en", "impossible"),
        ("۱ آذر ۲۰۲۶", "fa", "impossible"),
        ("30.02.2026", "hy", "impossible"),
        ("2026年2月30日", "zh-hans", "impossible"),
    ],
)
def test_parse_date_says_what_is_wrong(text, language, code):
    with pytest.raises(DateError) as error:
        parse_date(text, language)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", DAY), ("fa", DAY), ("hy", DAY), ("zh-hans", DAY)],
)
def test_the_example_can_be_typed(language, expected):
    assert parse_date(date_example(language), language) == expected


@given(
    st.dates(date(1940, 1, 1), date(2100, 12, 31)),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["short", "long", "full"]),
)
def test_what_we_say_can_be_typed_back(day, language, style):
    assert parse_date(local_date(day, language, style), language) == day


@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_any_text_is_a_day_or_a_clear_refusal(text, language):
    found: object
    try:
        found = parse_date(text, language)
    except DateError as error:
        found = error.code
    assert isinstance(found, date) or found in {"empty", "unreadable", "no_year", "ambiguous", "impossible"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("۰۱۲٣٤5", "012345"), ("+98 ۹۱۲", "+98 912"), ("K۷", "K7"), ("²", "²"), ("", "")],
)
def test_plain_digits(text, expected):
    assert plain_digits(text) == expected
