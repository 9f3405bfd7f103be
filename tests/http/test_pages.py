"""The drawn public pages: safe, small, honest about languages, the same as a copy."""

import gzip
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings

import pharos
from pharos.actions import advisories, incidents
from pharos.content import LANGUAGES
from pharos.http import pages
from pharos.models import Channel, Incident, OpeningHours, Organisation, Role, SpecialDay, User
from pharos.queries.home import home
from pharos.queries.pages import public_page
from tests.factories import make_entry, make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
STATIC = Path(pharos.__file__).parent / "static"


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation(
        "ferry", name={"en": "Ferry", "fa": "کشتی"}, phone="+37410000000", mail_from="help@ferry.example"
    )


@pytest.fixture
def lead(organisation: Organisation) -> User:
    return make_user(organisation, "lead", role=Role.LEAD)


@pytest.fixture
def incident(organisation: Organisation, lead: User, now: datetime) -> Incident:
    name = {"en": "Storm", "fa": "توفان"}
    return incidents.declare(organisation=organisation, crisis_type="transport_incident", name=name, by=lead, now=now)


def drawn(incident: Incident, now: datetime, language: str = "en", **how: Any) -> str:
    fresh = Incident.objects.select_related("organisation").get(pk=incident.pk)
    return pages.incident_page(public_page(fresh, language=language, now=now), **how)


def fed(incident: Incident, now: datetime, language: str = "en") -> ET.Element:
    fresh = Incident.objects.select_related("organisation").get(pk=incident.pk)
    return ET.fromstring(pages.feed(public_page(fresh, language=language, now=now)))


def say(incident: Incident, lead: User, at: datetime, body: str, title: str = "") -> Any:
    heading = {"en": title} if title else {}
    row = advisories.draft(incident=incident, title=heading, body={"en": body}, by=lead, now=at)
    advisories.publish(advisory=row, next_update_at=at + timedelta(hours=1), by=lead, now=at)
    return row


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_page_is_for_stands_on_it(incident, lead, now, language) -> None:
    say(incident, lead, now, "All safe")
    page = drawn(incident, now, language)
    assert f'lang="{language}"' in page
    assert f'dir="{"rtl" if language == "fa" else "ltr"}"' in page
    assert 'href="tel:112"' in page
    assert page.index("tel:112") < page.index(f'href="/{language}/i/storm/request/"')
    assert f'href="/{language}/i/storm/atom.xml"' in page
    assert "All safe" in page
    assert all(f'href="/{other}/i/storm/"' in page for other in LANGUAGES)
    assert not re.search(r"\{[a-z_]+\}", page), "a value that was not filled in"


def test_a_page_with_its_styles_is_below_60_kilobytes(incident, lead, now) -> None:
    for number in range(5):
        say(incident, lead, now, f"Update {number}. " + "Something worth knowing about the buses. " * 20)
    parts = [drawn(incident, now, "hy").encode()]
    links = re.findall(rb'(?:href|src)="/static/([^"]+)"', parts[0])
    parts += [(STATIC / link.decode()).read_bytes() for link in links]
    assert len(parts) > 2
    assert sum(len(gzip.compress(part)) for part in parts) < 60_000
    assert b"htmx" not in parts[0]


def test_a_missing_language_is_marked_for_eyes_and_voices(incident, now) -> None:
    page = drawn(incident, now, "hy")
    assert re.search('<span lang="en" dir="ltr">Storm</span> <span class="chip">[^<]+</span>', page)
    assert '<span class="chip">' not in drawn(incident, now, "en")


def test_what_an_operator_writes_is_text_and_never_code(incident, lead, now) -> None:
    evil = "</script><script>alert(1)</script> <img src=x onerror=alert(2)> & https://safe.example/?a=1&b=2"
    say(incident, lead, now, evil, title=evil)
    incidents.describe(incident=incident, name={"en": evil[:100]}, severity="severe", time_zone="", by=lead, now=now)
    page = drawn(incident, now)
    assert page.count("<script") == 1
    assert "<img src=x" not in page
    assert 'href="https://safe.example/?a=1&amp;b=2" rel="nofollow"' in page
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert json.loads(data)["text"] == evil
    assert fed(incident, now).findtext(f"{ATOM}entry/{ATOM}title") == evil


def test_paragraphs_and_lists_are_drawn_as_such(incident, lead, now) -> None:
    say(incident, lead, now, "One\nstill one\n\nTwo\n- first\n- second\nThree")
    assert "<p>One<br>still one</p><p>Two</p><ul><li>first</li><li>second</li></ul><p>Three</p>" in drawn(incident, now)


def test_the_announcement_for_machines_is_whole(incident, lead, now) -> None:
    say(incident, lead, now, "All safe")
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', drawn(incident, now, "fa"), re.DOTALL)
    assert json.loads(data) == {
        "@context": "https://schema.org",
        "@type": "SpecialAnnouncement",
        "name": "توفان",
        "text": "All safe",
        "inLanguage": "fa",
        "datePosted": now.isoformat(),
        "dateModified": now.isoformat(),
        "url": f"{settings.PUBLIC_URL}/fa/i/storm/",
        "webFeed": f"{settings.PUBLIC_URL}/fa/i/storm/atom.xml",
        "publisher": {"@type": "Organization", "name": "کشتی"},
    }


def test_a_late_update_is_owned_up_to(incident, now) -> None:
    assert "Next update:" in drawn(incident, now)
    late = drawn(incident, now + timedelta(minutes=61))
    assert "The next update is late" in late
    assert "Next update:" not in late


def test_corrections_and_withdrawals_are_shown(incident, lead, now) -> None:
    first = say(incident, lead, now, "All 214 are safe")
    second = advisories.correct(advisory=first, title={}, body={"en": "All 212 are safe"}, by=lead, now=now)
    later = now + timedelta(minutes=10)
    advisories.publish(advisory=second, next_update_at=later + timedelta(hours=1), by=lead, now=later)
    page = drawn(incident, later)
    assert page.index("All 212 are safe") < page.index("What it said before") < page.index("All 214 are safe")
    advisories.withdraw(advisory=second, by=lead, now=later)
    gone = drawn(incident, later)
    assert "we have withdrawn it" in gone
    assert "are safe" not in gone


def test_no_news_never_hides_the_news_before_it(incident, lead, now) -> None:
    say(incident, lead, now, "All safe")
    advisories.withdraw(advisory=say(incident, lead, now, "Wrong"), by=lead, now=now)
    row = advisories.no_news(incident=incident, by=lead, now=now)
    advisories.publish(advisory=row, next_update_at=now + timedelta(hours=2), by=lead, now=now + timedelta(hours=1))
    page = drawn(incident, now + timedelta(hours=1))
    assert page.index("nothing has changed") < page.index("All safe")
    assert "Earlier updates" not in page
    say(incident, lead, now + timedelta(hours=1), "Buses run")
    page = drawn(incident, now + timedelta(hours=1))
    assert page.index("Earlier updates") < page.index("All safe")


def test_a_number_can_be_called_however_it_is_written(incident, organisation, now) -> None:
    organisation.phone = "+374 10 00 00 00"
    organisation.save(update_fields=["phone"])
    assert '<a class="ltr" href="tel:+37410000000">+374 10 00 00 00</a>' in drawn(incident, now)


def test_a_closed_page_says_so_and_takes_no_request(incident, lead, now) -> None:
    say(incident, lead, now, "All safe")
    incidents.close(incident=incident, by=lead, now=now)
    page = drawn(incident, now)
    assert "It is over" in page
    assert "Storm is over." in page
    assert "All safe" in page
    assert "/i/storm/request/" not in page
    assert 'href="/en/request/"' in page
    assert "still opens your page" in page


def test_a_drill_says_so_and_hides_from_machines(organisation, now) -> None:
    page = drawn(make_incident(organisation, "drill", is_drill=True), now)
    assert "This is a drill" in page
    assert 'content="noindex"' in page
    assert "ld+json" not in page


def test_a_copy_leads_to_the_living_form_and_says_what_else_to_do(incident, now) -> None:
    copy = drawn(incident, now, copy=True)
    assert f'href="{settings.PUBLIC_URL}/en/i/storm/request/"' in copy
    assert "If the form does not open:" in copy
    assert 'href="tel:+37410000000"' in copy
    assert 'href="mailto:help@ferry.example"' in copy
    assert "csrf" not in copy
    assert "<form" not in copy
    live = drawn(incident, now)
    assert "If the form does not open:" not in live
    assert settings.PUBLIC_URL not in live.split("ld+json")[0]


def test_chat_and_text_messages_are_links_that_work_from_a_copy_too(incident, organisation, now) -> None:
    make_entry(organisation, Channel.CHAT, "site", adapter="chat", token="widget")
    make_entry(organisation, Channel.SMS, "+37410000001", adapter="sms_http")
    assert 'href="/fa/chat/widget/"' in drawn(incident, now, "fa")
    assert f'href="{settings.PUBLIC_URL}/en/chat/widget/"' in drawn(incident, now, copy=True)
    assert 'href="sms:+37410000001"' in drawn(incident, now)


def test_the_feed_is_atom_and_its_entries_keep_their_names(incident, lead, now) -> None:
    first = say(incident, lead, now, "One", title="First")
    say(incident, lead, now + timedelta(minutes=20), "Two")
    before = fed(incident, now)
    second = advisories.correct(advisory=first, title={"en": "First"}, body={"en": "One!"}, by=lead, now=now)
    later = now + timedelta(minutes=30)
    advisories.publish(advisory=second, next_update_at=later + timedelta(hours=1), by=lead, now=later)
    after = fed(incident, later)

    def told(feed: ET.Element) -> list[tuple[str | None, ...]]:
        fields = ("id", "title", "summary", "published", "updated")
        return [tuple(entry.findtext(f"{ATOM}{field}") for field in fields) for entry in feed.iter(f"{ATOM}entry")]

    newest, oldest = told(after)
    assert oldest[1:] == ("First", "One!", "2026-03-10T12:00:00+00:00", "2026-03-10T12:30:00+00:00")
    assert newest[1:] == ("Update 2", "Two", "2026-03-10T12:20:00+00:00", "2026-03-10T12:20:00+00:00")
    assert [row[0] for row in told(after)] == [row[0] for row in told(before)]
    assert all((row[0] or "").startswith("urn:uuid:") for row in told(after))
    assert after.findtext(f"{ATOM}updated") == "2026-03-10T12:30:00+00:00"
    assert after.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")
    assert after.findtext(f"{ATOM}author/{ATOM}name") == "Ferry"
    links = {link.get("rel"): link.get("href") for link in after.findall(f"{ATOM}link")}
    url = f"{settings.PUBLIC_URL}/en/i/storm/"
    assert links == {"alternate": url, "self": f"{url}atom.xml"}


def test_the_feed_has_names_of_its_own_in_each_language(incident, lead, now) -> None:
    say(incident, lead, now, "One")
    names = {language: fed(incident, now, language).findtext(f"{ATOM}entry/{ATOM}id") for language in LANGUAGES}
    assert len(set(names.values())) == len(LANGUAGES)


def test_the_feed_tells_the_end_and_a_withdrawal(incident, lead, now) -> None:
    row = say(incident, lead, now, "One")
    advisories.withdraw(advisory=row, by=lead, now=now + timedelta(minutes=5))
    incidents.close(incident=incident, by=lead, now=now + timedelta(hours=1))
    entries = [entry.findtext(f"{ATOM}title") for entry in fed(incident, now).iter(f"{ATOM}entry")]
    assert entries == ["It is over", "Update 1 was withdrawn"]


def test_an_empty_feed_is_whole_too(incident, now) -> None:
    feed = fed(incident, now)
    assert feed.findtext(f"{ATOM}updated") == "2026-03-10T12:00:00+00:00"
    assert feed.find(f"{ATOM}entry") is None


def test_the_home_tells_what_is_on_and_when_we_are_there(organisation, incident, now) -> None:
    OpeningHours.objects.create(organisation=organisation, kind="live", weekday=0, opens_minute=480, closes_minute=1440)
    SpecialDay.objects.create(organisation=organisation, kind="written", date=now.date())
    page = pages.home_page(home(organisation, language="fa", now=now))
    assert 'href="/fa/i/storm/"' in page
    assert "۰۸:۰۰–۲۴:۰۰" in page
    assert 'href="/fa/request/"' in page
    assert 'href="mailto:help@ferry.example"' in page
    assert f'href="{settings.PUBLIC_URL}/fa/request/"' in pages.home_page(
        home(organisation, language="fa", now=now), copy=True
    )


def test_the_first_page_of_a_copy_offers_every_language() -> None:
    page = pages.languages_page()
    assert all(f'href="/{code}/" lang="{code}"' in page for code in LANGUAGES)
