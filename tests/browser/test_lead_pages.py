"""A lead at the board, an administrator in set-up: live, by keyboard, without scripts, in four languages."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.actions import alarms, routing, setup
from pharos.models import Agent, Alarm, Contact, Organisation, Role, User
from tests.browser.conftest import PHONE, Pages
from tests.factories import make_agent, make_contact, make_incident, make_organisation, make_user

Axe = Callable[[Page], None]
LANGUAGES = ["en", "fa", "hy", "zh-hans"]
SET_UP = ("", "organisation/", "people/", "people/add/", "people/import/", "queues/", "queues/add/", "hours/", "rules/")
PAGES = [
    "/lead/",
    "/lead/alarms/",
    "/lead/waits/",
    "/lead/contacts/",
    "/lead/contacts/?q=",
    "/lead/contacts/?q=ani",
    *(f"/lead/set-up/{page}" for page in (*SET_UP, "connections/", "mail/")),
]


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    """The organisation that answers at this site."""
    return make_organisation("ferry", host="127.0.0.1")


@pytest.fixture
def admin(organisation: Organisation) -> User:
    return make_user(organisation, "admin", role=Role.ADMIN, name="Ada Admin", email="ada@example.org")


@pytest.fixture
def busy(organisation: Organisation, admin: User) -> list[Contact]:
    """A floor with something on every part of the board."""
    now = timezone.now()
    make_agent(organisation, "ani", skills={"general": 3})
    make_incident(organisation, "storm")
    contacts = [
        make_contact(organisation, now=now - timedelta(minutes=20), danger=True, name="Ani"),
        make_contact(organisation, now=now - timedelta(minutes=9), needed_by=(now + timedelta(days=2)).date()),
        make_contact(organisation, now=now, language="hy", request_type="refund"),
        make_contact(organisation, now=now),
    ]
    routing.dispatch(organisation=organisation, now=now)
    Contact.objects.filter(pk=contacts[1].pk).update(promise_by=now - timedelta(minutes=1))
    alarms.sweep(organisation=organisation, now=now)
    return contacts


def sign_in(page: Page, path: str = "/lead/") -> None:
    page.goto(f"/account/login/?next={path}")
    page.locator("input[name=login]").fill("admin")
    page.locator("input[name=password]").fill("Lantern-1912")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"**{path}")


def speak(page: Page, language: str) -> None:
    page.context.add_cookies([{"name": "pharos_language", "value": language, "url": page.url}])


@pytest.mark.sqlite
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_a_lead_has_a_grave_finding(busy: list[Contact], new_page: Pages, axe: Axe, language: str) -> None:
    page = new_page()
    sign_in(page)
    speak(page, language)
    for path in [*PAGES, f"/lead/contacts/{busy[1].reference}/"]:
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        axe(page)


@pytest.mark.sqlite
@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_page_fits_a_small_dark_screen(busy: list[Contact], new_page: Pages, axe: Axe, language: str) -> None:
    page = new_page(viewport=PHONE, dark=True)
    sign_in(page)
    speak(page, language)
    for path in [*PAGES, f"/lead/contacts/{busy[1].reference}/"]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        axe(page)


def test_the_board_stays_true_by_itself(organisation: Organisation, admin: User, new_page: Pages) -> None:
    page = new_page()
    with page.expect_response("**/live/staff/**"):
        sign_in(page)
    expect(page.get_by_text("No alarms.")).to_be_visible()
    now = timezone.now()
    contact = make_contact(organisation, now=now, danger=True)
    expect(page.locator("#waiting").get_by_role("link", name=contact.reference, exact=True)).to_be_visible()
    alarms.sweep(organisation=organisation, now=now)
    expect(page.locator("#alarms").get_by_text("Danger to life is waiting", exact=True)).to_be_visible()
    expect(page.locator("#alarms-status")).to_contain_text("2 alarms need a name.")  # and nobody can answer
    agent = make_agent(organisation, "ani", status=Agent.Status.OFFLINE)
    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=now)
    expect(page.locator("#figures").get_by_text("ani", exact=True)).to_be_visible()


def test_an_alarm_is_taken_by_one_press_of_keys(busy: list[Contact], new_page: Pages) -> None:
    page = new_page()
    sign_in(page)
    danger = page.locator(".alarm").first
    expect(danger).to_contain_text("Danger to life is waiting")
    page.keyboard.press("Alt+a")
    expect(danger).to_contain_text("taken by Ada Admin")
    assert Alarm.objects.get(sort="danger").acknowledged_by is not None


def test_another_page_of_a_lead_hears_of_an_alarm(organisation: Organisation, admin: User, new_page: Pages) -> None:
    page = new_page()
    with page.expect_response("**/live/staff/**"):
        sign_in(page, "/lead/contacts/")
    now = timezone.now()
    make_contact(organisation, now=now, danger=True)
    alarms.sweep(organisation=organisation, now=now)
    expect(page.get_by_text("2 alarms need a name.")).to_be_visible()


def test_without_scripts_alarms_are_taken_and_contacts_found(busy: list[Contact], new_page: Pages) -> None:
    page = new_page(javascript=False)
    sign_in(page)
    page.get_by_role("button", name=re.compile("I take it.*Danger to life")).click()
    expect(page.locator(".alarms")).to_contain_text("taken by Ada Admin")
    page.get_by_role("link", name="Refresh").click()
    page.get_by_role("searchbox").fill(busy[1].reference.lower())
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=busy[1].reference).click()
    page.get_by_text("Bring forward", exact=True).first.click()
    page.get_by_label("Danger to life", exact=True).check()
    page.get_by_label("Why", exact=True).fill("Said so on the phone")
    page.get_by_role("button", name="Bring forward").click()
    expect(page.get_by_text("was brought forward")).to_be_visible()


def test_a_contact_is_brought_forward_and_back_by_keyboard(busy: list[Contact], new_page: Pages, axe: Axe) -> None:
    page = new_page()
    sign_in(page)
    contact = busy[3]
    link = page.get_by_role("link", name=f"Bring forward {contact.reference}")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**raise#raise")
    choice = page.get_by_label("To the front", exact=False)
    choice.focus()
    page.keyboard.press("Space")
    expect(choice).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Alone with a baby")
    page.keyboard.press("Enter")
    expect(page.get_by_text("was brought forward")).to_be_visible()
    expect(page.get_by_text("Alone with a baby").first).to_be_visible()
    axe(page)
    back = page.get_by_role("button", name="Take it back")
    back.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The contact stands where it would stand without it.")).to_be_visible()
    assert Contact.objects.get(pk=contact.pk).front_at is None
    assert [event.code for event in contact.events.filter(code__startswith="raise").order_by("id")] == [
        "raised",
        "raise_undone",
    ]


def test_from_the_first_link_to_an_agent_who_signs_in(live_site: str, new_page: Pages, axe: Axe) -> None:
    link = setup.first_administrator_link(now=timezone.now())
    assert link
    path = "/" + link.split("/", 3)[3]
    page = new_page(viewport=PHONE)
    page.goto(path)
    axe(page)
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Your name").fill("Ada Admin")
    page.get_by_label("Password").fill("Lantern-1912")
    page.get_by_label("English", exact=True).first.fill("Northern Ferries")
    page.get_by_label("Time zone").select_option("Asia/Yerevan")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/lead/set-up/")
    page.get_by_role("link", name=re.compile("Do it.*people who answer")).click()
    page.get_by_role("link", name="Add someone").click()
    page.get_by_label("Name", exact=True).fill("Սարա")
    page.get_by_label("User name").fill("sara")
    page.get_by_label("Հայերեն").check()
    page.get_by_label("General").select_option("4")
    page.get_by_role("button", name="Add and make a link").click()
    invitation = page.locator("code.secret").inner_text()
    axe(page)
    other = new_page(locale="hy-AM")
    other.goto(urlsplit(invitation).path)
    axe(other)
    other.locator("input[name=password]").fill("Harbour-light-9")
    other.locator("main button[type=submit]").click()
    other.wait_for_url("**/desk/")
    agent = Agent.objects.get(user__username="sara")
    assert (agent.languages, agent.user.has_usable_password()) == (["hy"], True)
    page.goto(path)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
