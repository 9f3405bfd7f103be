from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.content import LANGUAGES
from pharos.content.calendars import (
    about,
    duration,
    duration_range,
    local_date,
    local_digits,
    local_moment,
    local_range,
    local_time,
    zone_name,
)

NOW = datetime(2026, 12, 1, 13, 45, tzinfo=UTC)  # Tuesday; 17:45 in Yerevan
DAY = date(2026, 12, 1)
MINUTE, HOUR, DAY_S = 60, 3600, 86_400


def after(**ahead: float) -> datetime:
    return NOW + timedelta(**ahead)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("14:05", "fa", "۱۴:۰۵"),
        ("K7-09", "fa-IR", "K۷-۰۹"),
        (1405, "fa", "۱۴۰۵"),
        ("14:05", "en", "14:05"),
        ("14:05", "hy", "14:05"),
        ("14:05", "zh-hans", "14:05"),
    ],
)
def test_local_digits(text, language, expected):
    assert local_digits(text, language) == expected


@pytest.mark.parametrize(
    ("day", "language", "style", "expected"),
    [
        (DAY, "en", "short", "01/12/2026"),
        (DAY, "en", "long", "1 December 2026"),
        (DAY, "en", "full", "Tuesday 1 December 2026"),
        (DAY, "en", "day", "Tuesday 1 December"),
        (DAY, "fa", "short", "۱۴۰۵/۰۹/۱۰"),
        (DAY, "fa", "long", "۱۰ آذر ۱۴۰۵"),
        (DAY, "fa", "full", "سه‌شنبه ۱۰ آذر ۱۴۰۵"),
        (DAY, "fa", "day", "سه‌شنبه ۱۰ آذر"),
        (DAY, "hy", "short", "01.12.2026"),
        (DAY, "hy", "long", "2026 թ. դեկտեմբերի 1"),
        (DAY, "hy", "full", "2026 թ. դեկտեմբերի 1, երեքշաբթի"),
        (DAY, "hy", "day", "երեքշաբթի, դեկտեմբերի 1"),
        (DAY, "zh-hans", "short", "2026/12/01"),
        (DAY, "zh-hans", "long", "2026年12月1日"),
        (DAY, "zh-hans", "full", "2026年12月1日星期二"),
        (DAY, "zh-hans", "day", "12月1日星期二"),
        (date(2026, 3, 20), "fa", "full", "جمعه ۲۹ اسفند ۱۴۰۴"),
        (date(2026, 3, 21), "fa", "full", "شنبه ۱ فروردین ۱۴۰۵"),
        (date(2025, 3, 20), "fa", "short", "۱۴۰۳/۱۲/۳۰"),
        (date(2026, 5, 9), "hy", "day", "շաբաթ, մայիսի 9"),
        (date(2028, 2, 29), "zh", "full", "2028年2月29日星期二"),
    ],
)
def test_local_date(day, language, style, expected):
    assert local_date(day, language, style) == expected


@pytest.mark.parametrize(
    ("zone", "language", "expected"),
    [
        ("UTC", "en", "13:45"),
        ("Asia/Tehran", "fa", "۱۷:۱۵"),
        ("Asia/Yerevan", "hy", "17:45"),
        ("Asia/Shanghai", "zh-hans", "21:45"),
        ("America/St_Johns", "en", "10:15"),
    ],
)
def test_local_time(zone, language, expected):
    assert local_time(NOW, zone, language) == expected


@pytest.mark.parametrize(
    ("moment", "zone", "language", "expected"),
    [
        (after(minutes=20), "Europe/London", "en", "14:05 London time"),
        (after(minutes=20), "Europe/London", "fa", "ساعت ۱۴:۰۵ به وقت لندن"),
        (after(minutes=20), "Europe/London", "hy", "ժամը 14:05 (Լոնդոն)"),
        (after(minutes=20), "Europe/London", "zh-hans", "14:05（伦敦时间）"),
        (after(days=2), "Asia/Tehran", "en", "Thursday 3 December, 17:15 Tehran time"),
        (after(days=2), "Asia/Tehran", "fa", "پنجشنبه ۱۲ آذر، ساعت ۱۷:۱۵ به وقت تهران"),
        (after(days=2), "Asia/Tehran", "hy", "հինգշաբթի, դեկտեմբերի 3, ժամը 17:15 (Թեհրան)"),
        (after(days=2), "Asia/Tehran", "zh-hans", "12月3日星期四17:15（德黑兰时间）"),
        (after(days=400), "UTC", "en", "Wednesday 5 January 2028, 13:45 UTC"),
        # The same minute is today in one place and tomorrow in another.
        (after(hours=3), "Asia/Shanghai", "en", "Wednesday 2 December, 00:45 Beijing time"),
        (after(hours=3), "America/New_York", "en", "11:45 New York time"),
    ],
)
def test_local_moment(moment, zone, language, expected):
    assert local_moment(moment, zone, language, now=NOW) == expected


def test_local_moment_that_is_read_later_has_its_year():
    assert local_moment(NOW, "UTC", "en") == "Tuesday 1 December 2026, 13:45 UTC"


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "14:05"), ("fa", "ساعت ۱۴:۰۵"), ("hy", "ժամը 14:05"), ("zh-hans", "14:05")]
)
def test_local_moment_without_zone(language, expected):
    assert local_moment(after(minutes=20), "UTC", language, now=NOW, zone_named=False) == expected


@pytest.mark.parametrize(
    ("low", "high", "language", "expected"),
    [
        (after(minutes=20), after(minutes=55), "en", "between 14:05 and 14:40"),
        (after(minutes=20), after(minutes=55), "fa", "بین ساعت ۱۴:۰۵ و ۱۴:۴۰"),
        (after(minutes=20), after(minutes=55), "hy", "ժամը 14:05-ից մինչև 14:40"),
        (after(minutes=20), after(minutes=55), "zh-hans", "14:05至14:40之间"),
        # Rounded outward, the coarser the further away.
        (after(minutes=23), after(minutes=52), "en", "between 14:05 and 14:40"),
        (after(minutes=23), after(minutes=142), "en", "between 14:00 and 16:15"),
        (after(hours=5, minutes=10), after(hours=9, minutes=10), "en", "between 18:30 and 23:00"),
        # What may begin at once has no beginning.
        (after(minutes=2), after(minutes=55), "en", "any time until 14:40"),
        (NOW, after(minutes=55), "fa", "از همین حالا تا ساعت ۱۴:۴۰"),
        (NOW, after(minutes=55), "hy", "այս պահից մինչև ժամը 14:40"),
        (NOW, after(minutes=55), "zh-hans", "从现在到14:40"),
        (after(minutes=-5), after(minutes=55), "en", "any time until 14:40"),
        # Another day, told once; or two days.
        (after(hours=22), after(hours=23), "en", "Wednesday 2 December, between 11:30 and 13:00"),
        (after(hours=22), after(hours=23), "fa", "چهارشنبه ۱۱ آذر، بین ساعت ۱۱:۳۰ و ۱۳:۰۰"),
        (after(hours=22), after(hours=23), "hy", "չորեքշաբթի, դեկտեմբերի 2, ժամը 11:30-ից մինչև 13:00"),
        (after(hours=22), after(hours=23), "zh-hans", "12月2日星期三11:30至13:00之间"),
        (after(hours=5), after(hours=21), "en", "between 18:30 and Wednesday 2 December, 11:00"),
        (after(hours=5), after(hours=21), "fa", "از ساعت ۱۸:۳۰ تا چهارشنبه ۱۱ آذر، ساعت ۱۱:۰۰"),
        (after(hours=5), after(hours=21), "hy", "սկսած ժամը 18:30, մինչև չորեքշաբթի, դեկտեմբերի 2, ժամը 11:00"),
        (after(hours=5), after(hours=21), "zh-hans", "18:30至12月2日星期三11:00之间"),
    ],
)
def test_local_range(low, high, language, expected):
    assert local_range(low, high, "UTC", language, now=NOW) == expected


def test_local_range_across_a_clock_change():
    now = datetime(2026, 10, 25, 0, 40, tzinfo=UTC)  # 01:40 in London; at 02:00 clocks go back to 01:00
    low, high = now + timedelta(minutes=15), now + timedelta(minutes=38)
    assert local_range(low, high, "Europe/London", "en", now=now) == "between 01:55 and 01:20"


@given(
    st.integers(0, 365 * DAY_S),
    st.integers(0, 3 * DAY_S),
    st.integers(0, DAY_S),
    st.sampled_from(["Europe/London", "Asia/Tehran", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"]),
)
def test_every_range_can_be_said_and_ends_no_earlier_than_it_may(start_s, low_s, more_s, zone):
    now = NOW + timedelta(seconds=start_s)
    high = now + timedelta(seconds=low_s + more_s)
    said = local_range(now + timedelta(seconds=low_s), high, zone, "en", now=now)
    steps = (high + timedelta(minutes=minutes) for minutes in range(-1, 61))
    assert said.rpartition(" ")[2] in {local_time(at, zone, "en") for at in steps}


@pytest.mark.parametrize(
    ("zone", "names"),
    [
        ("Europe/London", ["London time", "به وقت لندن", "Լոնդոն", "伦敦时间"]),
        ("Asia/Yerevan", ["Yerevan time", "به وقت ایروان", "Երևան", "埃里温时间"]),
        ("Asia/Shanghai", ["Beijing time", "به وقت پکن", "Պեկին", "北京时间"]),
        ("Asia/Kolkata", ["Kolkata time", "به وقت کلکته", "Կալկուտա", "加尔各答时间"]),
        ("Europe/Kyiv", ["Kyiv time", "به وقت کیف", "Կիև", "基辅时间"]),
        ("UTC", ["UTC"] * 4),
        ("Etc/UTC", ["UTC"] * 4),
        ("Etc/GMT+5", ["UTC−05:00", "UTC−۰۵:۰۰", "UTC−05:00", "UTC−05:00"]),
        ("Etc/GMT-14", ["UTC+14:00", "UTC+۱۴:۰۰", "UTC+14:00", "UTC+14:00"]),
    ],
)
def test_zone_name(zone, names):
    assert [zone_name(zone, language) for language in LANGUAGES] == names


@pytest.mark.parametrize(
    ("seconds", "en", "fa", "hy", "zh"),
    [
        (-5, "any moment now", "همین حالا", "հիմա", "马上"),
        (0, "any moment now", "همین حالا", "հիմա", "马上"),
        (29, "any moment now", "همین حالا", "հիմա", "马上"),
        (30, "in about a minute", "حدود یک دقیقهٔ دیگر", "մոտ մեկ րոպեից", "大约1分钟后"),
        (120, "in about 2 minutes", "حدود ۲ دقیقهٔ دیگر", "մոտ 2 րոպեից", "大约2分钟后"),
        (10 * MINUTE, "in about 10 minutes", "حدود ۱۰ دقیقهٔ دیگر", "մոտ 10 րոպեից", "大约10分钟后"),
        (20.5 * MINUTE, "in about 20 minutes", "حدود ۲۰ دقیقهٔ دیگر", "մոտ 20 րոպեից", "大约20分钟后"),
        (57 * MINUTE, "in about 55 minutes", "حدود ۵۵ دقیقهٔ دیگر", "մոտ 55 րոպեից", "大约55分钟后"),
        (HOUR, "in about an hour", "حدود یک ساعت دیگر", "մոտ մեկ ժամից", "大约1小时后"),
        (
            90 * MINUTE,
            "in about an hour and a half",
            "حدود یک ساعت و نیم دیگر",
            "մոտ մեկուկես ժամից",
            "大约1个半小时后",
        ),
        (2 * HOUR, "in about 2 hours", "حدود ۲ ساعت دیگر", "մոտ 2 ժամից", "大约2小时后"),
        (
            2.5 * HOUR,
            "in about 2 and a half hours",
            "حدود ۲ ساعت و نیم دیگر",
            "մոտ երկուսուկես ժամից",
            "大约2个半小时后",
        ),
        (5.5 * HOUR, "in about 5 and a half hours", "حدود ۵ ساعت و نیم دیگر", "մոտ հինգուկես ժամից", "大约5个半小时后"),
        (6 * HOUR, "in about 6 hours", "حدود ۶ ساعت دیگر", "մոտ 6 ժամից", "大约6小时后"),
        (24 * HOUR, "in about 24 hours", "حدود ۲۴ ساعت دیگر", "մոտ 24 ժամից", "大约24小时后"),
        (2 * DAY_S, "in about 2 days", "حدود ۲ روز دیگر", "մոտ 2 օրից", "大约2天后"),
        (11 * DAY_S, "in about 11 days", "حدود ۱۱ روز دیگر", "մոտ 11 օրից", "大约11天后"),
    ],
)
def test_about(seconds, en, fa, hy, zh):
    assert [about(seconds, language) for language in LANGUAGES] == [en, fa, hy, zh]


@pytest.mark.parametrize(
    ("seconds", "en", "fa", "hy", "zh"),
    [
        (0, "about a minute", "حدود یک دقیقه", "մոտ մեկ րոպե", "大约1分钟"),
        (20 * MINUTE, "about 20 minutes", "حدود ۲۰ دقیقه", "մոտ 20 րոպե", "大约20分钟"),
        (HOUR, "about an hour", "حدود یک ساعت", "մոտ մեկ ժամ", "大约1小时"),
        (90 * MINUTE, "about an hour and a half", "حدود یک ساعت و نیم", "մոտ մեկուկես ժամ", "大约1个半小时"),
        (3.5 * HOUR, "about 3 and a half hours", "حدود ۳ ساعت و نیم", "մոտ երեքուկես ժամ", "大约3个半小时"),
        (3 * DAY_S, "about 3 days", "حدود ۳ روز", "մոտ 3 օր", "大约3天"),
    ],
)
def test_duration(seconds, en, fa, hy, zh):
    assert [duration(seconds, language) for language in LANGUAGES] == [en, fa, hy, zh]


@given(st.floats(0, 30 * DAY_S), st.sampled_from(LANGUAGES))
def test_every_length_can_be_said(seconds, language):
    for said in (about(seconds, language), duration(seconds, language)):
        assert said
        assert "{" not in said


@pytest.mark.parametrize(
    ("low", "high", "en", "fa", "hy", "zh"),
    [
        (0, 50, "up to 1 minute", "تا ۱ دقیقه", "մինչև 1 րոպե", "1分钟以内"),
        (0, 5 * MINUTE, "up to 5 minutes", "تا ۵ دقیقه", "մինչև 5 րոպե", "5分钟以内"),
        (21 * MINUTE, 38 * MINUTE, "20 to 40 minutes", "۲۰ تا ۴۰ دقیقه", "20–40 րոպե", "20到40分钟"),
        (3 * MINUTE, 7 * MINUTE, "3 to 7 minutes", "۳ تا ۷ دقیقه", "3–7 րոպե", "3到7分钟"),
        (20 * MINUTE, 20 * MINUTE, "about 20 minutes", "حدود ۲۰ دقیقه", "մոտ 20 րոպե", "大约20分钟"),
        (HOUR, 2.2 * HOUR, "1 to 3 hours", "۱ تا ۳ ساعت", "1–3 ժամ", "1到3小时"),
        (HOUR, 3 * DAY_S, "up to 3 days", "تا ۳ روز", "մինչև 3 օր", "3天以内"),
        (30 * HOUR, 3 * DAY_S, "1 to 3 days", "۱ تا ۳ روز", "1–3 օր", "1到3天"),
    ],
)
def test_duration_range(low, high, en, fa, hy, zh):
    assert [duration_range(low, high, language) for language in LANGUAGES] == [en, fa, hy, zh]
