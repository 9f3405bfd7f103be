"""What the public reads on an incident's page."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from pharos.content import LANGUAGES, Picked
from pharos.engine.estimates import Wait
from pharos.models import Channel, EntryPoint, Incident, OpeningHours, Organisation, WaitEstimate
from pharos.queries.pages import PublicPage, public_page, said, timed
from tests.factories import make_entry, make_incident, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry", phone="+37410000000", mail_from="help@ferry.example", time_zone="Asia/Yerevan")


@pytest.fixture
def incident(organisation: Organisation) -> Incident:
    return make_incident(organisation, name={"en": "Storm", "fa": "توفان"})


def read(incident: Incident, now: datetime, language: str = "en") -> PublicPage:
    return public_page(incident, language=language, now=now)


def estimate(organisation: Organisation, queue: str, now: datetime, **fields: Any) -> None:
    row = {"language": "en", "band": 3, "kind": "written", "low_s": 600, "median_s": 900, "high_s": 1800, "at": now}
    WaitEstimate.objects.create(
        organisation=organisation, queue=organisation.queues.get(code=queue), **{**row, **fields}
    )


def waits(page: PublicPage) -> dict[tuple[str, str], float | None]:
    roads = {(way.code, road.channel): road.wait for way in page.ways for road in way.roads}
    return {key: wait.high_s if wait else None for key, wait in roads.items()}


def test_a_text_is_filled_in_the_language_that_it_is_in(incident) -> None:
    text = said(Picked("{crisis_name}, {emergency_phone} {nobody_knows}", "fa"), incident)
    assert text == Picked("توفان, 112 {nobody_knows}", "fa")


def test_a_line_about_something_we_do_not_have_is_left_out(incident) -> None:
    incident.organisation.phone = ""
    assert said(Picked("Use the form.\nCall {phone}.", "en"), incident).text == "Use the form."


def test_missing_texts_fall_back_and_say_so(incident, now) -> None:
    incident.sections.create(sort="happened", body={"en": "{crisis_name} is here."}, changed_at=now)
    page = read(incident, now, "hy")
    assert page.name == Picked("Storm", "en")
    assert page.happened[0].body == Picked("Storm is here.", "en")
    assert page.kind.language == "hy"


def test_sections_come_in_their_order(incident, now) -> None:
    for order, word in ((2, "two"), (1, "one"), (3, "three")):
        incident.sections.create(sort="to_do", order=order, body={"en": word}, changed_at=now)
    assert [block.body.text for block in read(incident, now).to_do] == ["one", "two", "three"]


def test_without_measurements_no_wait_is_told(incident, now) -> None:
    page = read(incident, now)
    assert set(waits(page).values()) == {None}
    assert page.measured_at is None


def test_each_need_is_told_the_wait_of_its_own_queue_band_and_kind(incident, organisation, now) -> None:
    for queue, band, kind, high in (
        ("refunds", 3, "written", 3600),
        ("care", 2, "live", 120),
        ("general", 1, "written", 900),
        ("general", 1, "live", 60),
        ("general", 3, "written", 7200),
    ):
        estimate(organisation, queue, now, band=band, kind=kind, low_s=30, high_s=high)
    told = waits(read(incident, now))
    assert told["refund_change", "form"] == 3600
    assert told["extra_help", "phone"] == 120
    assert told["travel_soon", "form"] == 900
    assert told["travel_soon", "phone"] == 60
    assert told["feedback", "form"] == 7200
    assert told["someone_else", "phone"] is None
    assert set(waits(read(incident, now, "fa")).values()) == {None}


def test_an_old_or_unknown_measurement_is_not_told(incident, organisation, now) -> None:
    estimate(organisation, "refunds", now - timedelta(seconds=61))
    estimate(organisation, "general", now, low_s=None, median_s=None, high_s=None, unknown="no_agents")
    page = read(incident, now)
    assert set(waits(page).values()) == {None}
    assert page.measured_at is None


def test_a_fresh_measurement_says_when_it_was_made(incident, organisation, now) -> None:
    incident.declared_at = now - timedelta(hours=1)
    estimate(organisation, "refunds", now - timedelta(seconds=60))
    page = read(incident, now)
    assert page.measured_at == page.modified_at == now - timedelta(seconds=60)
    assert next(way for way in page.ways if way.code == "refund_change").roads[0].wait == Wait(600, 900, 1800, 0)


def test_a_channel_that_is_not_there_is_not_offered_and_nobody_is_left_without_a_way(organisation, now) -> None:
    bare = make_organisation("bare")
    page = read(make_incident(bare), now)
    assert {road.channel for way in page.ways for road in way.roads} == {"form"}
    assert all(way.roads for way in page.ways)
    assert "danger" not in {way.code for way in page.ways}


def roads(page: PublicPage) -> dict[str, str]:
    return {road.channel: road.address for way in page.ways for road in way.roads}


def test_chat_and_text_messages_are_offered_while_they_are_switched_on(incident, organisation, now) -> None:
    chat = make_entry(organisation, Channel.CHAT, "site", adapter="chat", token="widget")
    make_entry(organisation, Channel.SMS, "+37410000001", adapter="sms_http")
    estimate(organisation, "care", now, band=2, kind="live", low_s=30, high_s=120)
    estimate(organisation, "general", now, band=3, kind="live", low_s=30, high_s=60)
    page = read(incident, now, "en")
    assert (roads(page)["chat"], roads(page)["sms"]) == ("/en/chat/widget/", "+37410000001")
    assert (waits(page)["extra_help", "chat"], waits(page)["technical", "chat"]) == (120, 60)
    EntryPoint.objects.filter(pk=chat.pk).update(is_on=False)
    assert set(roads(read(incident, now))) == {"form", "phone", "email", "sms"}


def test_a_road_of_this_incident_goes_before_one_for_all_and_another_incidents_is_not_offered(
    incident, organisation, now
) -> None:
    other = make_incident(organisation, "flood")
    make_entry(organisation, Channel.CHAT, "all", adapter="chat", token="all")
    make_entry(organisation, Channel.CHAT, "here", adapter="chat", token="here", incident=incident)
    make_entry(organisation, Channel.EMAIL, "flood@ferry.example", adapter="pipe", incident=other)
    assert roads(read(incident, now))["chat"] == "/en/chat/here/"
    assert roads(read(incident, now))["email"] == "help@ferry.example"
    assert roads(read(other, now))["chat"] == "/en/chat/all/"
    assert roads(read(other, now))["email"] == "flood@ferry.example"


def test_hours_are_told_where_a_kind_is_closed(incident, organisation, now) -> None:
    OpeningHours.objects.create(
        organisation=organisation, kind="live", weekday=now.weekday(), opens_minute=0, closes_minute=60
    )
    page = read(incident, now)
    assert page.opens == {"live": datetime.fromisoformat("2026-03-17T00:00:00+04:00")}
    assert {road.is_closed for way in page.ways for road in way.roads if road.channel == "phone"} == {True}
    assert {road.is_closed for way in page.ways for road in way.roads if road.channel == "form"} == {False}


def test_updates_come_newest_first_with_all_they_said(incident, now) -> None:
    def add(number: int, version: int, state: str, **fields: Any) -> None:
        at = None if state == "draft" else now + timedelta(minutes=10 * number + version)
        incident.advisories.create(
            number=number,
            version=version,
            state=state,
            body={"en": f"{number}.{version}"},
            created_at=now,
            published_at=at,
            **fields,
        )

    add(1, 1, "published")
    add(1, 2, "published")
    add(1, 3, "draft")
    add(2, 1, "withdrawn", withdrawn_at=now + timedelta(hours=1))
    add(3, 1, "draft")
    second, first = read(incident, now).updates
    assert (second.number, second.versions, second.changed_at) == (2, (), now + timedelta(hours=1))
    assert [version.body.text for version in first.versions] == ["1.2", "1.1"]
    assert (first.first_at, first.changed_at) == (now + timedelta(minutes=11), now + timedelta(minutes=12))


def test_what_was_withdrawn_is_not_read_again_in_its_correction(incident, now) -> None:
    for version, state in ((1, "withdrawn"), (2, "published")):
        incident.advisories.create(
            number=1, version=version, state=state, body={"en": f"1.{version}"}, created_at=now, published_at=now
        )
    assert [version.body.text for version in read(incident, now).updates[0].versions] == ["1.2"]


def test_an_update_tells_its_own_times_on_its_own_clock(incident, now) -> None:
    row = incident.advisories.create(
        number=1,
        state="published",
        body={"en": "{last_update}: no news. Next: {next_update_time}.", "fa": "{next_update_time}"},
        created_at=now,
        published_at=now,
        next_update_at=now + timedelta(hours=1),
    )
    english = timed(row, incident, language="en").text
    assert english == ("Tuesday 10 March, 16:00 Yerevan time: no news. Next: Tuesday 10 March, 17:00 Yerevan time.")
    assert "۱۷:۰۰" in timed(row, incident, language="fa").text
    row.published_at = row.next_update_at = None
    assert timed(row, incident, language="en").text == "{last_update}: no news. Next: {next_update_time}."


def test_a_missed_update_is_owned_up_to(incident, now) -> None:
    incident.next_update_at = now - timedelta(seconds=1)
    page = read(incident, now)
    assert (page.is_late, page.next_update_at) == (True, now - timedelta(seconds=1))
    assert page.modified_at == max(incident.declared_at, now - timedelta(seconds=1))


def test_a_closed_page_has_no_ways_and_its_own_last_word(incident, now) -> None:
    incident.texts.create(code="all_clear", channel="web", body={"en": "{crisis_name} has passed."})
    incident.state, incident.closed_at = "closed", now
    page = read(incident, now)
    assert (page.ways, page.next_update_at, page.over) == ((), None, Picked("Storm has passed.", "en"))


def test_the_page_costs_the_same_with_one_row_and_with_three(
    incident, organisation, now, django_assert_num_queries
) -> None:
    for rows in (1, 3):
        for number in range(rows):
            incident.sections.create(sort="question", order=number, body={"en": "Yes"}, changed_at=now)
            incident.advisories.create(number=10 * rows + number, state="published", created_at=now, published_at=now)
            estimate(organisation, "general", now, band=number, kind=("live", "written")[rows == 3])
        for language in LANGUAGES:
            with django_assert_num_queries(8):
                read(incident, now, language)
