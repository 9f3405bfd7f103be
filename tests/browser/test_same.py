"""An agent joins two requests of one person by keyboard, and takes them apart again: both stand as they stood."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.models import Agent, Contact, Merge, Organisation, Role
from tests.browser.conftest import DESKTOP, Pages
from tests.browser.test_desk import SMALL, enter, take
from tests.factories import make_agent, make_contact, make_organisation

Axe = Callable[[Page], None]
SAID = {
    "en": ("Ani Petrosyan", "My ferry AB12CD is cancelled. What now?", "It is me again: is there a ramp?"),
    "fa": ("آنی پتروسیان", "کشتی من با رزرو AB12CD لغو شد. حالا چه کنم؟", "دوباره من هستم: آیا رمپ هست؟"),
}
SEEN = {
    "en": ("This may be the same person", "The same mail address", "Joined requests", "Merged into", "earliest place"),
    "fa": (
        "شاید همان شخص باشد",
        "همان نشانی ایمیل",
        "درخواست‌های به‌هم‌پیوسته",
        "پیوسته به",
        "جایگاه زودترین",
    ),
}


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    """The organisation that answers at this site."""
    return make_organisation("ferry", host="127.0.0.1", name={"en": "Ferry", "fa": "کشتی"})


def two_of_one(organisation: Organisation, agent: Agent, language: str) -> tuple[Contact, Contact]:
    """One in the hands of the agent, and one that came before it by another road."""
    now, (name, first, second) = timezone.now(), SAID[language]
    said = {"name": name, "email": "ani@example.org", "booking": "AB12CD", "language": language}
    mine = take(make_contact(organisation, now=now - timedelta(minutes=9), text=first, **said), agent)
    other = make_contact(organisation, now=now - timedelta(minutes=40), text=second, phone="+37491111111", **said)
    return mine, other


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def keep(page: Page, name: str) -> None:
    """A picture to look at, where `SCREENSHOTS` names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_two_requests_of_one_person_are_joined_and_taken_apart_by_keyboard(
    organisation: Organisation, new_page: Pages, live_site: str, axe: Axe, language: str
) -> None:
    agent = make_agent(organisation, "samuel", status=Agent.Status.OFFLINE, role=Role.LEAD)
    mine, other = two_of_one(organisation, agent, language)
    maybe, why, joined, merged_into, earliest = SEEN[language]
    _name, first, second = SAID[language]
    page = enter(new_page(viewport=DESKTOP), agent, live_site)
    page.context.add_cookies([{"name": "pharos_language", "value": language, "url": live_site}])
    page.goto(f"/desk/{mine.reference}/")
    side, log = page.locator("#side-same"), page.locator("#desk-log")
    expect(side.get_by_role("heading", name=maybe)).to_be_visible()
    expect(side).to_contain_text(why)
    row = side.get_by_role("row").filter(has_text=second)
    expect(row).to_contain_text(first)
    expect(log).not_to_contain_text(second)
    axe(page)
    keep(page, f"same-{language}-suggested")

    page.keyboard.press("j")
    expect(side.get_by_role("heading", name=joined)).to_be_visible()
    for words in (first, second):
        expect(log).to_contain_text(words)
    expect(page.locator("#desk-person")).to_contain_text(earliest)
    axe(page)
    keep(page, f"same-{language}-joined")
    assert Merge.objects.get().by == agent.user
    for small in (SMALL, DESKTOP):
        page.set_viewport_size(small)
        fits(page)
    _seen_by_a_lead(page, mine, other, (merged_into, earliest), axe, language)

    page.goto(f"/desk/{mine.reference}/")
    page.keyboard.press("u")
    expect(side).to_have_count(0)
    expect(log).not_to_contain_text(second)
    expect(log).to_contain_text(first)
    expect(page.locator("#desk-person")).not_to_contain_text(earliest)
    axe(page)
    keep(page, f"same-{language}-apart")
    again = Contact.objects.get(pk=other.pk)
    assert (again.state, again.merged_into) == (Contact.State.WAITING, None)
    assert (again.virtual_arrival, again.lane) == (other.virtual_arrival, other.lane)


def _seen_by_a_lead(page: Page, mine: Contact, other: Contact, said: tuple[str, str], axe: Axe, language: str) -> None:
    """The list names the request in whose place the other one waits, and leads to it."""
    merged_into, earliest = said
    page.goto("/lead/contacts/?q=")
    keep(page, f"same-{language}-list")
    axe(page)
    page.get_by_role("link", name=f"{merged_into} \u2068{mine.reference}\u2069").click()
    page.wait_for_url(f"**/lead/contacts/{mine.reference}/")
    expect(page.locator("section", has=page.locator("#why-title"))).to_contain_text(earliest)
    axe(page)
    keep(page, f"same-{language}-lead")
    page.goto(f"/lead/contacts/{other.reference}/")
    keep(page, f"same-{language}-lead-other")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_suggestion_fits_a_small_screen(
    organisation: Organisation, new_page: Pages, live_site: str, axe: Axe, language: str
) -> None:
    agent = make_agent(organisation, "samuel", status=Agent.Status.OFFLINE)
    mine, _other = two_of_one(organisation, agent, language)
    page = enter(new_page(viewport=SMALL, dark=True), agent, live_site)
    page.context.add_cookies([{"name": "pharos_language", "value": language, "url": live_site}])
    page.goto(f"/desk/{mine.reference}/#desk-side")
    expect(page.locator("#side-same")).to_be_visible()
    fits(page)
    axe(page)
    keep(page, f"same-{language}-small")
