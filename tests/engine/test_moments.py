from datetime import UTC, date, datetime, timedelta

import pytest

from pharos.engine.moments import counts_from, kept, spoken

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
YEREVAN = "Asia/Yerevan"  # four hours ahead


def test_kept_is_as_long_ago_as_the_device_says_whatever_its_clock_shows() -> None:
    wrong = timedelta(days=400)
    assert kept(NOW - timedelta(hours=2) - wrong, NOW - wrong, now=NOW) == NOW - timedelta(hours=2)


def test_kept_is_never_in_the_future() -> None:
    assert kept(NOW + timedelta(hours=1), NOW, now=NOW) == NOW


def test_kept_is_now_without_a_device() -> None:
    assert kept(None, None, now=NOW) == NOW


def test_spoken_is_nothing_when_nothing_was_said() -> None:
    assert spoken(None, None, zone=YEREVAN, kept_at=NOW) is None


@pytest.mark.parametrize(
    ("day", "minutes", "said"),
    [
        (date(2026, 3, 9), 14 * 60 + 5, datetime(2026, 3, 9, 10, 5, tzinfo=UTC)),
        (date(2026, 3, 9), None, datetime(2026, 3, 9, 8, 0, tzinfo=UTC)),
        (date(2026, 3, 10), None, datetime(2026, 3, 10, 8, 0, tzinfo=UTC)),
        (date(2026, 3, 9), 24 * 60, datetime(2026, 3, 9, 20, 0, tzinfo=UTC)),
        (None, 9 * 60, datetime(2026, 3, 10, 5, 0, tzinfo=UTC)),
        (None, 18 * 60, datetime(2026, 3, 10, 14, 0, tzinfo=UTC)),
    ],
)
def test_spoken_on_the_clock_of_the_organisation(day: date | None, minutes: int | None, said: datetime) -> None:
    assert spoken(day, minutes, zone=YEREVAN, kept_at=NOW) == said


def test_spoken_today_before_noon_is_when_it_was_kept() -> None:
    morning = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
    assert spoken(date(2026, 3, 10), None, zone=YEREVAN, kept_at=morning) == morning


def test_spoken_late_and_kept_after_midnight_was_last_evening() -> None:
    night = datetime(2026, 3, 9, 20, 30, tzinfo=UTC)
    assert spoken(None, 23 * 60 + 50, zone=YEREVAN, kept_at=night) == datetime(2026, 3, 9, 19, 50, tzinfo=UTC)


@pytest.mark.parametrize(("hours", "counted"), [(-1, 0), (0, 0), (5, 5), (20 * 24, 14 * 24)])
def test_place_counts_from_when_they_spoke_within_limits(hours: int, counted: int) -> None:
    at = counts_from(NOW - timedelta(hours=hours), oldest_days=14, now=NOW)
    assert at == NOW - timedelta(hours=counted)
