"""The trail of a contact in words."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

import pharos.actions
from pharos.actions import conversation, overrides, promises, routing
from pharos.http.reader import Reader
from pharos.http.trail import DETAILS, TITLES, index_text, picked, trail
from pharos.models import Agent, Offer, Role
from pharos.queries.floor import MOST_INDEX
from tests.factories import make_agent, make_contact, make_organisation, make_user

pytestmark = pytest.mark.django_db


def reader(now, language: str = "en") -> Reader:
    return Reader(language, "UTC", now)


def test_every_event_that_an_action_records_has_its_words():
    written = "".join(path.read_text() for path in Path(pharos.actions.__path__[0]).glob("*.py"))
    recorded = set(re.findall(r'record\(\s*(?:mail\.)?contact,\s*"(\w+)"', written)) | {"received"}
    assert recorded - {"offered"} <= set(TITLES)
    assert set(DETAILS) <= set(TITLES)


def test_trail_tells_a_whole_life_newest_first(now):
    centre = make_organisation()
    agent = make_agent(centre, "ani")
    contact = make_contact(centre, now=now)
    behind = make_contact(centre, now=now)
    at = now
    routing.dispatch(organisation=centre, now=at)
    routing.accept(offer=Offer.objects.get(contact=contact), agent=agent, now=at)
    contact.refresh_from_db()
    routing.set_status(agent=agent, status=Agent.Status.BREAK, now=at)
    conversation.reply(contact=contact, body="Hello", by=agent.user, now=at)
    conversation.pend(contact=contact, until=at + timedelta(hours=2), by=agent.user, now=at)
    conversation.resume(contact=contact, by=agent.user, now=at)
    conversation.close(contact=contact, disposition="solved", summary="Done", by=agent.user, now=at)
    with translation.override("en"):
        items = trail(contact, reader(now))
    titles = [item.title for item in items]
    assert titles[:4] == ["Closed", "Taken up again", "Set aside", "Answered"]
    assert titles[-1] in {"Came in", "Offered to ani"}
    by_title = {item.title: item for item in items}
    assert by_title["Closed"].text == "Solved"
    assert by_title["Set aside"].text == "14:00"
    assert by_title["Answered"].by == "ani"
    assert f"before {behind.reference}" in by_title["Offered to ani"].text


def test_trail_tells_urgency_promises_and_types(now):
    centre = make_organisation()
    agent = make_agent(centre, status=Agent.Status.OFFLINE)
    lead = make_user(centre, role=Role.LEAD)
    contact = make_contact(centre, now=now, request_type="refund")
    overrides.raise_band(contact=contact, band=1, reason="Alone", by=lead, now=now)
    routing.change_request_type(contact=contact, request_type="change", by=agent.user, reason="", now=now)
    contact.refresh_from_db()
    contact.promises.all().delete()
    promises.tell_again(contact, now=now)
    with translation.override("en"):
        texts = {item.title: item.text for item in trail(contact, reader(now))}
    assert texts["Brought forward by hand"] == "Cannot wait; Alone"
    assert texts["Urgency changed"] == "Ordinary → Cannot wait"
    assert texts["Kind of request changed"] == "Refund → Change"
    assert "Promise told" in texts


def test_trail_in_two_queries_and_in_the_readers_language(now, django_assert_num_queries):
    contact = make_contact(make_organisation(), now=now)
    with translation.override("fa"), django_assert_num_queries(2):
        items = trail(contact, reader(now, "fa"))
    assert "۱۲:۰۰" in items[0].at


def test_picked_danger_has_no_index(now):
    centre = make_organisation()
    make_agent(centre)
    make_contact(centre, now=now, danger=True)
    routing.dispatch(organisation=centre, now=now)
    with translation.override("en"):
        assert picked(Offer.objects.get(), "en") == "danger to life goes first; not answered yet"


def test_index_text():
    assert (index_text(0.717, "en"), index_text(0.717, "fa"), index_text(MOST_INDEX, "en")) == ("0.72", "۰.۷۲", "∞")
