from datetime import UTC, date, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharos.engine.calendar import Calendar, Span, SpecialDay

WEEKDAYS = tuple(Span(day, 9 * 60, 17 * 60) for day in range(5))
OFFICE = Calendar("Europe/London", WEEKDAYS)
ALWAYS = Calendar(always_open=True)
NEVER = Calendar()
NIGHT = Calendar("Asia/Tehran", (Span(3, 22 * 60, 26 * 60),))


def utc(year, month, day, hour=0, minute=0, second=0):
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (utc(2026, 3, 2, 10), utc(2026, 3, 2, 12), 2),
        (utc(2026, 3, 2, 6), utc(2026, 3, 2, 20), 8),
        (utc(2026, 3, 6, 16), utc(2026, 3, 9, 10), 2),  # over a weekend
        (utc(2026, 3, 7), utc(2026, 3, 9), 0),
        (utc(2026, 3, 2, 12), utc(2026, 3, 2, 10), 0),
        (utc(2026, 3, 27, 16), utc(2026, 3, 30, 9), 2),  # summer time began on the 29th: 09:00 is 08:00 UTC
    ],
)
def test_open_time_is_counted_on_local_clocks(start, end, hours):
    assert OFFICE.open_seconds(start, end) == hours * 3600


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (utc(2026, 3, 2, 10), 2, utc(2026, 3, 2, 12)),
        (utc(2026, 3, 2, 10), 7, utc(2026, 3, 2, 17)),
        (utc(2026, 3, 2, 20), 1, utc(2026, 3, 3, 10)),
        (utc(2026, 3, 6, 16), 2, utc(2026, 3, 9, 10)),
        (utc(2026, 3, 6, 16), 41, utc(2026, 3, 13, 17)),
        (utc(2026, 3, 7, 3), 0, utc(2026, 3, 7, 3)),
    ],
)
def test_open_time_is_added_through_closed_hours(start, hours, end):
    assert OFFICE.add_open_seconds(start, hours * 3600) == end


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 7), 24), (date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_a_whole_day_is_as_long_as_its_clocks_make_it(day, hours):
    calendar = Calendar("America/New_York", tuple(Span(weekday, 0, 1440) for weekday in range(7)))
    start = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    open_s = Calendar("America/New_York", (Span(day.weekday(), 0, 1440),)).open_seconds(
        start - timedelta(hours=36), start + timedelta(hours=36)
    )
    assert open_s == hours * 3600
    assert calendar.open_seconds(start, start + timedelta(days=5)) == 5 * 86400


def test_opening_in_a_skipped_hour_opens_when_it_ends():
    calendar = Calendar("America/New_York", (Span(6, 150, 240),))
    assert calendar.next_open(utc(2026, 3, 8)) == utc(2026, 3, 8, 7)
    assert calendar.open_seconds(utc(2026, 3, 8), utc(2026, 3, 9)) == 3600


def test_hours_past_midnight_belong_to_the_evening_before():
    assert NIGHT.is_open(utc(2026, 3, 5, 18, 30))  # Thursday 22:00
    assert NIGHT.is_open(utc(2026, 3, 5, 22, 29, 59))  # Friday 01:59:59
    assert not NIGHT.is_open(utc(2026, 3, 5, 22, 30))
    assert not NIGHT.is_open(utc(2026, 3, 4, 22))
    assert NIGHT.open_seconds(utc(2026, 3, 1), utc(2026, 3, 8)) == 4 * 3600


def test_touching_and_overlapping_hours_are_one_opening():
    calendar = Calendar("UTC", (Span(0, 540, 720), Span(0, 720, 780), Span(0, 600, 660), Span(6, 1380, 1980)))
    monday = utc(2026, 3, 2)
    assert calendar.open_seconds(monday, monday + timedelta(days=1)) == 13 * 3600
    assert calendar.open_seconds(monday - timedelta(hours=2), monday + timedelta(days=1)) == 14 * 3600


def test_special_days_replace_the_weekly_hours():
    calendar = Calendar(
        "UTC", WEEKDAYS, (SpecialDay(date(2026, 3, 3)), SpecialDay(date(2026, 3, 7), ((600, 660), (720, 780))))
    )
    assert calendar.open_seconds(utc(2026, 3, 2), utc(2026, 3, 9)) == (4 * 8 + 2) * 3600
    assert calendar.next_open(utc(2026, 3, 2, 17)) == utc(2026, 3, 4, 9)
    assert calendar.add_open_seconds(utc(2026, 3, 6, 17), 5400) == utc(2026, 3, 7, 12, 30)


def test_last_special_day_is_the_last_opening_without_weekly_hours():
    calendar = Calendar("UTC", (), (SpecialDay(date(2026, 3, 7), ((600, 660),)),))
    assert calendar.next_open(utc(2026, 1, 1)) == utc(2026, 3, 7, 10)
    assert calendar.add_open_seconds(utc(2026, 1, 1), 3600) == utc(2026, 3, 7, 11)
    assert calendar.add_open_seconds(utc(2026, 1, 1), 3601) is None
    assert calendar.next_open(utc(2026, 3, 7, 11)) is None
    assert calendar.last_open(utc(2027, 1, 1)) == utc(2026, 3, 7, 11)
    assert calendar.last_open(utc(2026, 3, 7, 10)) is None
    assert calendar.subtract_open_seconds(utc(2027, 1, 1), 1800) == utc(2026, 3, 7, 10, 30)
    assert calendar.subtract_open_seconds(utc(2027, 1, 1), 3601) is None


def test_closed_for_good_never_opens():
    now = utc(2026, 3, 2)
    assert NEVER.next_open(now) is None
    assert NEVER.last_open(now) is None
    assert NEVER.add_open_seconds(now, 1) is None
    assert NEVER.subtract_open_seconds(now, 1) is None
    assert NEVER.open_seconds(now, now + timedelta(days=400)) == 0
    assert not NEVER.is_open(now)


def test_always_open_is_plain_time():
    now = utc(2026, 3, 2, 1, 2, 3)
    assert ALWAYS.is_open(now)
    assert ALWAYS.next_open(now) == ALWAYS.last_open(now) == now
    assert ALWAYS.add_open_seconds(now, 90.5) == now + timedelta(seconds=90.5)
    assert ALWAYS.subtract_open_seconds(now, 90.5) == now - timedelta(seconds=90.5)
    assert ALWAYS.open_seconds(now, now + timedelta(days=1)) == 86400


def test_closing_time_is_the_last_open_moment():
    assert not OFFICE.is_open(utc(2026, 3, 2, 17))
    assert OFFICE.is_open(utc(2026, 3, 2, 9))
    assert OFFICE.last_open(utc(2026, 3, 8)) == utc(2026, 3, 6, 17)
    assert OFFICE.last_open(utc(2026, 3, 6, 11)) == utc(2026, 3, 6, 11)
    assert OFFICE.next_open(utc(2026, 3, 6, 11)) == utc(2026, 3, 6, 11)


@pytest.mark.parametrize(
    "span", [Span(7, 0, 9), Span(-1, 0, 9), Span(0, 9, 9), Span(0, -1, 9), Span(0, 0, 2881), Span(0, 1440, 1500)]
)
def test_impossible_hours_are_refused(span):
    with pytest.raises(ValueError, match=r"weekday|hours"):
        Calendar("UTC", (span,))
    if 0 <= span.weekday <= 6:
        with pytest.raises(ValueError, match="hours"):
            Calendar("UTC", (), (SpecialDay(date(2026, 1, 1), ((span.open_minute, span.close_minute),)),))


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_impossible_amounts_are_refused(seconds):
    with pytest.raises(ValueError, match="open time"):
        OFFICE.add_open_seconds(utc(2026, 3, 2), seconds)


def test_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        OFFICE.is_open(datetime(2026, 3, 2))  # noqa: DTZ001 - the point of the test


minutes = st.tuples(st.integers(0, 1439), st.integers(1, 1500)).map(lambda pair: (pair[0], min(sum(pair), 2880)))
days = st.dates(date(2021, 1, 1), date(2026, 12, 31))
spans = st.builds(lambda day, hours: Span(day, *hours), st.integers(0, 6), minutes)
special_days = st.builds(lambda day, hours: SpecialDay(day, tuple(hours)), days, st.lists(minutes, max_size=2))
calendars = st.builds(
    Calendar,
    zone=st.sampled_from(["UTC", "Asia/Tehran", "Europe/London", "America/New_York", "Australia/Lord_Howe"]),
    weekly=st.lists(spans, min_size=1, max_size=6).map(tuple),
    exceptions=st.lists(special_days, max_size=3).map(tuple),
)
moments = st.integers(1_609_459_200, 1_798_675_200).map(lambda second: datetime.fromtimestamp(second, UTC))
amounts = st.integers(0, 10**12).map(lambda micros: micros / 1e6)


@settings(max_examples=150)
@given(calendars, moments, amounts)
def test_added_time_is_measured_again(calendar, start, seconds):
    end = calendar.add_open_seconds(start, seconds)
    assert end is not None
    assert calendar.open_seconds(start, end) == pytest.approx(seconds, abs=2e-6)
    back = calendar.subtract_open_seconds(end, seconds)
    assert back is not None
    assert back >= start
    assert calendar.open_seconds(back, end) == pytest.approx(seconds, abs=2e-6)


@settings(max_examples=150)
@given(calendars, moments, st.lists(st.integers(0, 40 * 86400), min_size=2, max_size=2))
def test_open_time_adds_up(calendar, start, steps):
    middle = start + timedelta(seconds=steps[0])
    end = middle + timedelta(seconds=steps[1])
    parts = calendar.open_seconds(start, middle) + calendar.open_seconds(middle, end)
    assert calendar.open_seconds(start, end) == pytest.approx(parts)
    assert parts <= (end - start).total_seconds() + 1e-6


@settings(max_examples=150)
@given(calendars, moments)
def test_open_moments_are_those_at_which_time_runs(calendar, at):
    second = timedelta(milliseconds=1)
    runs = calendar.open_seconds(at, at + second) > 0
    assert not calendar.is_open(at) or runs
    opens = calendar.next_open(at)
    assert opens is not None
    assert calendar.is_open(opens)
    assert calendar.open_seconds(at, opens) == 0
    closes = calendar.last_open(at)
    assert closes is None or calendar.open_seconds(closes, at) == 0


def test_a_year_is_measured_without_a_loop_over_minutes():
    start = utc(2026, 1, 1)
    OFFICE.open_seconds(start, start + timedelta(days=365))
    before = process_time()
    for _ in range(20):
        OFFICE.open_seconds(start, start + timedelta(days=365))
    assert process_time() - before < 1
