from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.engine.zones import aware, day_start, local_day, wall_instant

ZONES = (
    "UTC",
    "Asia/Tehran",
    "Asia/Yerevan",
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Beirut",
    "Africa/Cairo",
)


@pytest.mark.parametrize(
    ("day", "zone", "start"),
    [
        (date(2026, 3, 29), "Europe/London", datetime(2026, 3, 29, 0, tzinfo=UTC)),
        (date(2026, 3, 30), "Europe/London", datetime(2026, 3, 29, 23, tzinfo=UTC)),
        (date(2026, 3, 2), "Asia/Kathmandu", datetime(2026, 3, 1, 18, 15, tzinfo=UTC)),
        # Clocks that jump at midnight: the day starts at 01:00.
        (date(2018, 11, 4), "America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
        (date(2021, 3, 22), "Asia/Tehran", datetime(2021, 3, 21, 20, 30, tzinfo=UTC)),
        (date(2022, 3, 27), "Asia/Beirut", datetime(2022, 3, 26, 22, tzinfo=UTC)),
        # Clocks that go back to the day before: the day starts once that hour is over.
        (date(2018, 2, 18), "America/Sao_Paulo", datetime(2018, 2, 18, 3, tzinfo=UTC)),
        # The 30th of December 2011 was skipped in Samoa.
        (date(2011, 12, 30), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        (date(2011, 12, 31), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        # Toronto went from 23:30 to 00:30 in 1919: the new day starts within the jump.
        (date(1919, 3, 31), "America/Toronto", datetime(1919, 3, 31, 4, 30, tzinfo=UTC)),
    ],
)
def test_day_starts_where_clocks_first_show_it(day, zone, start):
    assert day_start(day, zone) == start


@given(st.dates(date(1975, 1, 1), date(2037, 12, 31)), st.sampled_from(ZONES))
def test_day_start_is_the_first_instant_of_the_day(day, zone):
    start = day_start(day, zone)
    assert local_day(start, zone) >= day
    assert local_day(start - timedelta(seconds=1), zone) < day


@given(st.dates(date(1975, 1, 1), date(2037, 12, 31)), st.integers(0, 2880), st.sampled_from(ZONES))
def test_wall_instant_never_shows_an_earlier_time(day, minute, zone):
    at = wall_instant(day, minute, zone)
    shown = datetime.combine(local_day(at, zone), datetime.min.time())
    assert shown.date() >= day
    assert wall_instant(day, minute + 1, zone) >= at


@pytest.mark.parametrize(
    ("minute", "hour", "shown"),
    [(90, 1, 30), (119, 1, 59), (120, 1, 60), (150, 1, 60), (179, 1, 60), (180, 1, 60), (181, 1, 61)],
)
def test_skipped_wall_time_is_the_end_of_the_jump(minute, hour, shown):
    """New York, 8 March 2026: 02:00 became 03:00."""
    expected = datetime(2026, 3, 8, 5 + hour, tzinfo=UTC) + timedelta(minutes=shown)
    assert wall_instant(date(2026, 3, 8), minute, "America/New_York") == expected


def test_repeated_wall_time_is_its_first_showing():
    assert wall_instant(date(2026, 11, 1), 90, "America/New_York") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        aware(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test
