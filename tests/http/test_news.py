"""The newest update of an incident on the pages of those whom it concerns: only what the public may read."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from pharos.actions import advisories
from pharos.http import news
from pharos.models import Advisory, Incident, Role, User
from tests.factories import make_contact, make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    return make_incident(make_organisation())


@pytest.fixture
def lead(incident: Incident) -> User:
    return make_user(incident.organisation, role=Role.LEAD)


def draft(incident: Incident, lead: User, words: str, *, now: datetime) -> Advisory:
    return advisories.draft(incident=incident, title={}, body={"en": words, "fa": f"{words} fa"}, by=lead, now=now)


def publish(advisory: Advisory, lead: User, *, now: datetime) -> None:
    advisories.publish(advisory=advisory, next_update_at=now + timedelta(hours=1), by=lead, now=now)


def test_nothing_is_shown_before_the_first_update(incident: Incident, lead: User, now: datetime) -> None:
    draft(incident, lead, "Not yet", now=now)
    assert news.drawn(incident.pk, "en").strip() == ""


def test_the_newest_update_is_shown_in_the_readers_language(incident: Incident, lead: User, now: datetime) -> None:
    for words in ("Boats at two", "Boats at three"):
        publish(draft(incident, lead, words, now=now), lead, now=now)
    drawn = news.drawn(incident.pk, "fa")
    assert "Boats at three fa" in drawn
    assert "Boats at two" not in drawn
    assert "/fa/i/storm/#updates" in drawn


def test_a_withdrawn_update_gives_way_to_the_one_before(incident: Incident, lead: User, now: datetime) -> None:
    publish(draft(incident, lead, "Boats at two", now=now), lead, now=now)
    wrong = draft(incident, lead, "Boats at three", now=now)
    publish(wrong, lead, now=now)
    advisories.withdraw(advisory=wrong, by=lead, now=now)
    assert "Boats at two" in news.drawn(incident.pk, "en")


def test_a_drill_is_no_news(incident: Incident, lead: User, now: datetime) -> None:
    publish(draft(incident, lead, "Boats at two", now=now), lead, now=now)
    Incident.objects.update(is_drill=True)
    assert news.drawn(incident.pk, "en").strip() == ""


def test_words_of_an_update_stay_words(incident: Incident, lead: User, now: datetime) -> None:
    publish(draft(incident, lead, "<script>alert(1)</script>", now=now), lead, now=now)
    assert "<script>" not in news.drawn(incident.pk, "en")


def test_the_persons_page_shows_them_whole_and_as_a_part(
    incident: Incident, lead: User, now: datetime, client: Client
) -> None:
    publish(draft(incident, lead, "Boats at two", now=now), lead, now=now)
    contact = make_contact(incident.organisation, incident=incident)
    host = {"host": incident.organisation.hosts.get().host}
    where = {"language": "en", "token": contact.page_token}
    assert "Boats at two" in client.get(reverse("person_page", kwargs=where), headers=host).content.decode()
    part = client.get(reverse("person_part", kwargs={**where, "part": "news"}), headers=host)
    assert part.content.decode() == news.drawn(incident.pk, "en")
