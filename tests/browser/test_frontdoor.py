"""A person asks for help: on a phone in Persian, by keyboard, without JavaScript; nothing grave for axe anywhere."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from pharos.actions import advisories, further, routing
from pharos.models import Contact, Organisation, Role
from tests.browser.conftest import PHONE, Pages
from tests.factories import make_agent, make_contact, make_incident, make_organisation, make_user

Axe = Callable[[Page], None]
LANGUAGES = ["en", "fa", "hy", "zh-hans"]


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    """The organisation that answers at this site."""
    return make_organisation("ferry", host="127.0.0.1", emergency_phone="112", phone="+44 7700 900100")


def test_the_form_on_a_phone_in_persian(organisation: Organisation, new_page: Pages, axe: Axe) -> None:
    page = new_page(viewport=PHONE, locale="fa-IR", time_zone="Asia/Tehran")
    page.goto("/fa/request/")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    axe(page)
    page.locator("#id_text").fill("کشتی ما لغو شده است")
    page.locator("#id_needed_by").fill("۱۴۰۵/۱۲/۲۸")
    page.locator("#id_name").fill("مریم")
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url("**/fa/r/**")
    contact = Contact.objects.get()
    expect(page.locator("data.reference")).to_have_attribute("value", contact.reference)
    assert (contact.language, contact.time_zone, str(contact.needed_by)) == ("fa", "Asia/Tehran", "2027-03-19")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe(page)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_no_page_of_the_door_has_a_grave_finding(
    organisation: Organisation, new_page: Pages, axe: Axe, language: str, dark: bool
) -> None:
    contact = make_contact(organisation, now=timezone.now(), language=language)
    page = new_page(viewport={"width": 320, "height": 640}, dark=dark)
    for path in ("request/", "request/steps/", f"r/{contact.page_token}/", f"r/{contact.page_token}/leave/"):
        page.goto(f"/{language}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        axe(page)


def test_an_error_keeps_all_and_leads_to_the_field(organisation: Organisation, new_page: Pages, axe: Axe) -> None:
    page = new_page(viewport=PHONE)
    page.goto("/en/request/")
    page.locator("#id_name").fill("Ani")
    page.locator("#id_email").fill("ani@")
    page.locator("#id_text").fill("Stranded")
    page.get_by_role("button", name="Send my request").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page.locator("#id_name")).to_have_value("Ani")
    expect(page.locator("#id_text")).to_have_value("Stranded")
    axe(page)


def test_by_keyboard_alone(organisation: Organisation, new_page: Pages) -> None:
    page = new_page()
    page.goto("/en/request/")
    page.locator("#id_text").focus()
    page.keyboard.type("My ferry is cancelled")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type === 'submit' && document.activeElement.matches('main form *')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/r/**")
    assert Contact.objects.get().messages.filter(body="My ferry is cancelled").exists()


def test_without_javascript(organisation: Organisation, new_page: Pages) -> None:
    page = new_page(viewport=PHONE, javascript=False)
    page.goto("/en/request/steps/")
    page.get_by_role("button", name="Next").click()
    page.locator("#id_text").fill("Stranded in Piraeus")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Send my request").click()
    page.wait_for_url("**/en/r/**")
    page.locator("#id_text").fill("I am with two children")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".conversation")).to_contain_text("I am with two children")


def test_the_page_follows_what_happens(organisation: Organisation, new_page: Pages) -> None:
    now = timezone.now()
    contact = make_contact(organisation, now=now)
    agent = make_agent(organisation)
    page = new_page(viewport=PHONE)
    page.goto(f"/en/r/{contact.page_token}/")
    expect(page.locator(".place")).to_contain_text("next")
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=contact.offers.get(), agent=agent, now=now)
    expect(page.get_by_text("A person is working on your request now.")).to_be_visible()


def test_a_lost_connection_loses_nothing_and_sends_once(organisation: Organisation, new_page: Pages) -> None:
    page = new_page(viewport=PHONE)
    page.goto("/en/request/")
    page.locator("#id_text").fill("The signal comes and goes here")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_text("Not sent yet")).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_url("**/en/r/**", timeout=20_000)
    assert Contact.objects.count() == 1


def test_news_of_the_incident_reach_the_open_page_in_its_language(
    organisation: Organisation, new_page: Pages, axe: Axe
) -> None:
    incident, lead = make_incident(organisation), make_user(organisation, role=Role.LEAD)
    contact = make_contact(organisation, now=timezone.now(), incident=incident)
    page = new_page(viewport=PHONE)
    with page.expect_response("**/live/r/**"):
        page.goto(f"/fa/r/{contact.page_token}/")
    expect(page.get_by_role("heading", name="آخرین خبر")).to_have_count(0)
    for words in ("کشتی‌ها ساعت دو می‌روند", "کشتی‌ها ساعت سه می‌روند"):
        now = timezone.now()
        advisory = advisories.draft(incident=incident, title={}, body={"fa": words}, by=lead, now=now)
        advisories.publish(advisory=advisory, next_update_at=now + timedelta(hours=1), by=lead, now=now)
        expect(page.get_by_role("region", name="آخرین خبر")).to_contain_text(words)
    axe(page)


def test_what_the_server_could_not_give_is_asked_for_again(organisation: Organisation, new_page: Pages) -> None:
    contact = make_contact(organisation, now=timezone.now() - timedelta(minutes=1))
    page = new_page(viewport=PHONE)
    with page.expect_response("**/live/r/**"):
        page.goto(f"/en/r/{contact.page_token}/")
    refusals = iter([503])

    def answer(route: Route) -> None:
        status = next(refusals, None)
        if status:
            route.fulfill(status=status)
        else:
            route.continue_()

    page.route("**/part/messages/", answer)
    further.add_words(contact=contact, text="Are you there?", door="x", key="1", digest="1", now=timezone.now())
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Are you there?", timeout=20_000)
    assert next(refusals, None) is None
