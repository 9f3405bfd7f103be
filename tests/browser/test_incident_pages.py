"""A crisis from the declaration to the last word; its pages in four languages, small, light and dark."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.actions import advisories, incidents
from pharos.models import Incident, Organisation, Role, User
from tests.browser.conftest import PHONE, Pages
from tests.factories import make_organisation, make_user

Axe = Callable[[Page], None]
LANGUAGES = ["en", "fa", "hy", "zh-hans"]


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    """The organisation that answers at this site."""
    return make_organisation("ferry", host="127.0.0.1", phone="+44 7700 900100", mail_from="help@ferry.example")


@pytest.fixture
def lead(organisation: Organisation) -> User:
    return make_user(organisation, "lead", role=Role.LEAD)


@pytest.fixture
def incident(organisation: Organisation, lead: User) -> Incident:
    """One with an update, a correction, a withdrawn one and a draft."""
    now = timezone.now()
    name = {"en": "Storm", "fa": "توفان"}
    row = incidents.declare(organisation=organisation, crisis_type="natural_disaster", name=name, by=lead, now=now)

    def say(words: str) -> None:
        draft = advisories.draft(incident=row, title={"en": words}, body={"en": words}, by=lead, now=now)
        advisories.publish(advisory=draft, next_update_at=now + timedelta(hours=1), by=lead, now=now)

    for words in ("All ships are in port", "Coaches run", "The halls are full"):
        say(words)
    first, second, _third = row.advisories.order_by("number")
    again = advisories.correct(advisory=first, title={}, body={"en": "All but one"}, by=lead, now=now)
    advisories.publish(advisory=again, next_update_at=now + timedelta(hours=1), by=lead, now=now)
    advisories.withdraw(advisory=second, by=lead, now=now)
    advisories.draft(incident=row, title={}, body={"fa": "پیش‌نویس"}, by=lead, now=now)
    return row


def sign_in(page: Page) -> None:
    page.goto("/account/login/?next=/lead/incidents/")
    page.locator("input[name=login]").fill("lead")
    page.locator("input[name=password]").fill("Lantern-1912")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/lead/incidents/")


@pytest.mark.sqlite
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_no_public_page_has_a_grave_finding(
    incident: Incident, lead: User, new_page: Pages, axe: Axe, language: str, dark: bool
) -> None:
    page = new_page(viewport={"width": 320, "height": 640}, dark=dark)
    for path in ("", "i/storm/"):
        page.goto(f"/{language}/{path}")
        for fold in page.locator("summary").all():
            if fold.is_visible():
                fold.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        axe(page)
    incidents.close(incident=Incident.objects.get(), by=lead, now=timezone.now())
    page.goto(f"/{language}/i/storm/")
    axe(page)


def test_the_announcement_for_machines_passes_the_content_security_policy(incident: Incident, phone: Page) -> None:
    phone.goto("/en/i/storm/")
    data = phone.locator('script[type="application/ld+json"]').evaluate("node => JSON.parse(node.textContent)")
    assert (data["@type"], data["name"]) == ("SpecialAnnouncement", "Storm")


def test_the_page_needs_no_javascript_and_leads_to_the_form(incident: Incident, new_page: Pages) -> None:
    page = new_page(viewport=PHONE, javascript=False)
    page.goto("/en/i/storm/")
    page.get_by_text("I am looking for someone. Can you help?").click()
    expect(page.get_by_text("Use the form, write the person's name")).to_be_visible()
    page.get_by_role("link", name="Send a request").click()
    page.wait_for_url("**/en/i/storm/request/")


def test_the_whole_page_is_small(incident: Incident, page: Page) -> None:
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto("/fa/i/storm/", wait_until="networkidle")
    assert len(sizes) >= 3
    assert sum(sizes) < 120_000  # before compression; the drawn page's own test weighs it compressed


@pytest.mark.sqlite
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_console_has_a_grave_finding(
    incident: Incident, new_page: Pages, axe: Axe, language: str
) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    sign_in(page)
    page.context.add_cookies([{"name": "pharos_language", "value": language, "url": page.url}])
    section = incident.sections.first()
    text = incident.texts.first()
    draft = incident.advisories.filter(state="draft").get()
    assert section is not None
    assert text is not None
    base = "/lead/incidents/storm/"
    rest = ["", "describe/", f"page/{section.pk}/", f"texts/{text.pk}/", "updates/new/", f"updates/{draft.pk}/"]
    for path in ("/lead/incidents/", "/lead/incidents/declare/", *(base + end for end in rest)):
        page.goto(path)
        for fold in page.locator("main summary").all():
            if fold.is_visible():
                fold.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        axe(page)


def test_from_the_declaration_to_the_last_word(organisation: Organisation, lead: User, new_page: Pages) -> None:
    desk, phone = new_page(), new_page(viewport=PHONE, locale="hy-AM")
    sign_in(desk)
    desk.get_by_role("link", name="Declare an incident").click()
    desk.locator("#id_crisis_type").select_option("transport_incident")
    desk.locator("[name=name_en]").fill("Ferry Aurora")
    desk.locator("[name=name_hy]").fill("«Ավրորա» լաստանավը")
    desk.get_by_role("button", name="Declare").click()
    desk.wait_for_url("**/lead/incidents/ferry-aurora/")

    phone.goto("/")
    phone.wait_for_url("**/hy/")
    phone.get_by_role("link", name="«Ավրորա» լաստանավը").click()
    phone.wait_for_url("**/hy/i/ferry-aurora/")

    desk.get_by_role("link", name="New update").click()
    desk.locator("[name=body_hy]").fill("Բոլորը ողջ են։")
    desk.get_by_role("button", name="Publish").click()
    desk.wait_for_url("**/lead/incidents/ferry-aurora/")
    phone.reload()
    expect(phone.get_by_text("Բոլորը ողջ են։")).to_be_visible()

    desk.get_by_text("It is over", exact=True).click()
    desk.get_by_role("button", name="Close the incident").click()
    expect(desk.get_by_role("button", name="Open it again")).to_be_visible()
    phone.reload()
    assert phone.locator('a[href$="/i/ferry-aurora/request/"]').count() == 0


def test_another_leads_update_appears_by_itself(incident: Incident, lead: User, new_page: Pages) -> None:
    desk = new_page()
    sign_in(desk)
    with desk.expect_response("**/live/staff/**"):
        desk.goto("/lead/incidents/storm/")
    now = timezone.now()
    row = advisories.draft(incident=incident, title={}, body={"en": "The wind drops"}, by=lead, now=now)
    advisories.publish(advisory=row, next_update_at=now + timedelta(hours=1), by=lead, now=now)
    expect(desk.get_by_text("The wind drops")).to_be_visible()
    expect(desk.locator("#console-history").get_by_text("Update published").first).to_be_visible()
