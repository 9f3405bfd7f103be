"""An update on our accounts, in a browser: chosen by keyboard, in four languages, small and dark."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.actions import advisories, incidents, posts
from pharos.models import Advisory, Channel, Organisation, Post, Role, User
from tests.browser.conftest import Pages
from tests.factories import make_entry, make_organisation, make_user

Axe = Callable[[Page], None]


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    return make_organisation("ferry", host="127.0.0.1")


@pytest.fixture
def lead(organisation: Organisation) -> User:
    return make_user(organisation, "lead", role=Role.LEAD)


@pytest.fixture
def update(organisation: Organisation, lead: User) -> Advisory:
    """One on two accounts already, and two that it may still go to."""
    now = timezone.now()
    name = {"en": "Storm", "fa": "توفان"}
    incident = incidents.declare(organisation=organisation, crisis_type="natural_disaster", name=name, by=lead, now=now)
    words = {"en": "Boats sail again from 15:00. Next update: {next_update_time}.", "fa": "قایق‌ها از ساعت ۱۵ می‌روند."}
    title = {"en": "Boats sail again", "fa": "قایق‌ها دوباره می‌روند"}
    row = advisories.draft(incident=incident, title=title, body=words, by=lead, now=now)
    advisories.publish(advisory=row, next_update_at=now + timedelta(hours=1), by=lead, now=now)
    row.refresh_from_db()
    there = [
        make_entry(organisation, Channel.SOCIAL, name, adapter=adapter)
        for name, adapter in (("@help@lines.example", "mastodon"), ("Telegram channel", "apprise"))
    ]
    posts.publish(advisory=row, entries=there, by=lead, now=now)
    Post.objects.filter(entry=there[0]).update(state="sent", settled_at=now)
    failure = "HTTP 422: the server does not take this text"
    Post.objects.filter(entry=there[1]).update(state="failed", settled_at=now, failure=failure, maybe_twice=True)
    make_entry(organisation, Channel.SOCIAL, "@hilfe@lines.example", adapter="mastodon", language="fa")
    make_entry(organisation, Channel.SOCIAL, "@help.lines.example", adapter="social_http")
    return row


def sign_in(page: Page, update: Advisory) -> None:
    path = f"/lead/incidents/{update.incident.slug}/updates/{update.pk}/posts/"
    page.goto(f"/account/login/?next={path}")
    page.locator("input[name=login]").fill("lead")
    page.locator("input[name=password]").fill("Lantern-1912")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("fa", True), ("hy", False), ("zh-hans", True)])
def test_page_is_calm_and_accessible(new_page: Pages, axe: Axe, update: Advisory, language: str, dark: bool) -> None:
    page = new_page(dark=dark, viewport={"width": 320, "height": 640})
    sign_in(page, update)
    page.context.add_cookies([{"name": "pharos_language", "value": language, "url": page.url}])
    page.reload()
    for fold in page.locator("summary").all():
        if fold.is_visible():
            fold.click()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_update_is_posted_by_keyboard(new_page: Pages, update: Advisory) -> None:
    page = new_page()
    sign_in(page, update)
    page.locator("input[name=account]").nth(1).uncheck()
    page.locator("main form button.primary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#posts > li")).to_have_count(3)
    assert Post.objects.filter(state="queued").count() == 1
