"""What the public reads on the organisation's own page."""

from datetime import date, timedelta

import pytest

from pharos.content import Picked
from pharos.http import pages
from pharos.models import OpeningHours, Organisation, SpecialDay
from pharos.queries import honesty
from pharos.queries.home import Days, OtherHours, home
from tests.factories import make_incident, make_organisation
from tests.queries.test_honesty import told

pytestmark = pytest.mark.django_db
DAY = ((480, 1200),)


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry", name={"en": "Ferry", "fa": "کشتی"})


def opened(organisation: Organisation, weekdays: range, *, kind: str = "live", spans=DAY) -> None:
    for weekday in weekdays:
        for opens, closes in spans:
            OpeningHours.objects.create(
                organisation=organisation, kind=kind, weekday=weekday, opens_minute=opens, closes_minute=closes
            )


def test_open_incidents_are_named_in_the_readers_language(organisation, now) -> None:
    incident = make_incident(organisation, name={"en": "Storm"})
    make_incident(organisation, "drill", is_drill=True)
    page = home(organisation, language="fa", now=now)
    assert page.name == Picked("کشتی", "fa")
    assert page.incidents == ((incident, Picked("Storm", "en")),)


def test_without_hours_we_are_there_day_and_night(organisation, now) -> None:
    (hours,) = home(organisation, language="en", now=now).hours
    assert (hours.week, hours.soon) == ((), ())


def test_days_in_a_row_with_the_same_hours_are_one_line(organisation, now) -> None:
    for kind in ("live", "written"):
        opened(organisation, range(5), kind=kind)
        opened(organisation, range(5, 6), kind=kind, spans=((540, 720), (780, 900)))
    (hours,) = home(organisation, language="en", now=now).hours
    assert hours.week == (Days(0, 4, DAY), Days(5, 5, ((540, 720), (780, 900))), Days(6, 6, ()))


def test_phone_and_writing_are_told_apart_where_they_differ(organisation, now) -> None:
    opened(organisation, range(7))
    live, written = home(organisation, language="en", now=now).hours
    assert (live.kind, live.week, written.kind, written.week) == ("live", (Days(0, 6, DAY),), "written", ())


def test_other_hours_are_told_two_weeks_ahead(organisation, now) -> None:
    today = now.date()
    for days, span in ((0, (None, None)), (14, (600, 660)), (15, (None, None)), (-1, (None, None))):
        for kind in ("live", "written"):
            SpecialDay.objects.create(
                organisation=organisation,
                kind=kind,
                date=today + timedelta(days=days),
                opens_minute=span[0],
                closes_minute=span[1],
            )
    (hours,) = home(organisation, language="en", now=now).hours
    assert hours.soon == (OtherHours(date(2026, 3, 10), ()), OtherHours(date(2026, 3, 24), ((600, 660),)))


def test_the_home_costs_the_same_with_one_incident_and_with_three(organisation, now, django_assert_num_queries) -> None:
    for number in range(3):
        make_incident(organisation, f"storm-{number}")
        with django_assert_num_queries(4):
            home(organisation, language="en", now=now)


def test_the_share_of_promises_kept_is_said_when_there_are_enough(organisation, now) -> None:
    assert home(organisation, language="en", now=now).kept is None
    for number in range(honesty.FEWEST):
        told(organisation, now=now, waited_s=600, kept=number > 1)
    assert home(organisation, language="en", now=now).kept == 0.9
    assert "In the last 7 days 90% of our answers came" in pages.home_page(home(organisation, language="en", now=now))
