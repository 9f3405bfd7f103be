"""Opening hours are replaced at once or not at all."""

from datetime import date

import pytest

from pharos.actions.errors import Refused
from pharos.actions.hours import DAY, Exceptional, Week, set_hours
from pharos.models import Kind, Organisation
from pharos.queries.calendars import calendars
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db
NINE, NOON, FIVE = 9 * 60, 12 * 60, 17 * 60


@pytest.fixture
def centre() -> Organisation:
    return make_organisation()


def test_set_hours_are_what_the_calendar_reads(centre, now):
    set_hours(organisation=centre, weekly={Kind.LIVE: [Week(1, NINE, FIVE)], Kind.WRITTEN: None}, special=[], now=now)
    found = calendars(centre)
    assert found["live"].is_open(now)
    assert not found["live"].is_open(now.replace(hour=17))
    assert not found["live"].is_open(now.replace(day=11))
    assert found["written"].always_open


def test_set_hours_a_special_day_counts_even_when_always_open(centre, now):
    days = [Exceptional(Kind.LIVE, now.date()), Exceptional(Kind.WRITTEN, date(2026, 3, 11), NINE, NOON)]
    set_hours(organisation=centre, weekly={Kind.LIVE: None, Kind.WRITTEN: None}, special=days, now=now)
    found = calendars(centre)
    assert not found["live"].is_open(now)
    assert found["live"].is_open(now.replace(day=11))
    assert found["written"].is_open(now.replace(day=11, hour=10))
    assert not found["written"].is_open(now.replace(day=11, hour=14))


def test_set_hours_across_midnight_is_one_opening(centre, now):
    spans = [Week(1, NOON, DAY), Week(2, 0, NINE)]
    set_hours(organisation=centre, weekly={Kind.LIVE: spans}, special=[], now=now)
    assert calendars(centre)["live"].open_seconds(now, now.replace(day=11)) == 21 * 3600


@pytest.mark.parametrize(
    ("weekly", "special", "code"),
    [
        ([], [], "no_hours"),
        ([Week(0, FIVE, NINE)], [], "bad_span"),
        ([Week(0, NINE, NINE)], [], "bad_span"),
        ([Week(0, NINE, DAY + 1)], [], "bad_span"),
        ([Week(0, NINE, FIVE), Week(0, NOON, FIVE)], [], "overlap"),
        (None, [Exceptional(Kind.LIVE, date(2026, 3, 10), NINE, None)], "half_day"),
        (None, [Exceptional(Kind.LIVE, date(2026, 3, 10), FIVE, NINE)], "bad_span"),
        (None, [Exceptional(Kind.LIVE, date(2026, 3, 10))] * 2, "twice"),
    ],
)
def test_set_hours_that_make_no_sense_change_nothing(weekly, special, code, centre, now):
    set_hours(organisation=centre, weekly={Kind.LIVE: [Week(1, NINE, FIVE)]}, special=[], now=now)
    with pytest.raises(Refused) as refused:
        set_hours(organisation=centre, weekly={Kind.LIVE: weekly}, special=special, now=now)
    assert refused.value.code == code
    assert centre.opening_hours.count() == 1
    assert not centre.special_days.exists()
