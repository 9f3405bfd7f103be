from datetime import datetime

import pytest
from django.utils import formats, translation

AT = datetime(2026, 12, 1, 9, 5)  # noqa: DTZ001 - how it is written, not when it is


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [
        ("en", "DATE_FORMAT", "1 December 2026"),
        ("en", "SHORT_DATE_FORMAT", "01/12/2026"),
        ("en", "TIME_FORMAT", "09:05"),
        ("en", "DATETIME_FORMAT", "1 December 2026, 09:05"),
        ("fa", "SHORT_DATE_FORMAT", "2026/12/01"),
        ("fa", "TIME_FORMAT", "9:05"),
        ("hy", "DATE_FORMAT", "01.12.2026"),
        ("hy", "SHORT_DATE_FORMAT", "01.12.2026"),
        ("hy", "TIME_FORMAT", "09:05"),
        ("hy", "DATETIME_FORMAT", "01.12.2026, 09:05"),
        ("hy", "YEAR_MONTH_FORMAT", "12.2026"),
        ("hy", "MONTH_DAY_FORMAT", "01.12"),
        ("zh-hans", "DATE_FORMAT", "2026年12月1日"),
        ("zh-hans", "TIME_FORMAT", "09:05"),
        ("zh-hans", "DATETIME_FORMAT", "2026年12月1日 09:05"),
    ],
)
def test_moments(language, name, expected):
    with translation.override(language):
        assert formats.date_format(AT, name) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "1,234,567.5"), ("fa", "1٬234٬567٫5"), ("hy", "1\xa0234\xa0567,5"), ("zh-hans", "1,234,567.5")],
)
def test_figures(language, expected):
    with translation.override(language):
        assert formats.number_format(1234567.5, 1, force_grouping=True) == expected


@pytest.mark.parametrize(("language", "day"), [("en", 1), ("fa", 6), ("hy", 1), ("zh-hans", 1)])
def test_week_begins(language, day):
    assert formats.get_format("FIRST_DAY_OF_WEEK", language) == day


@pytest.mark.parametrize("language", ["en", "fa", "hy", "zh-hans"])
@pytest.mark.parametrize("name", ["DATE_INPUT_FORMATS", "TIME_INPUT_FORMATS", "DATETIME_INPUT_FORMATS"])
def test_what_is_typed_can_be_read(language, name):
    accepted = formats.get_format(name, language)
    assert accepted[0] in {"%Y-%m-%d", "%H:%M", "%Y-%m-%d %H:%M"}
    for accepted_format in accepted:
        assert datetime.strptime(AT.strftime(accepted_format), accepted_format).minute in {0, 5}  # noqa: DTZ007
