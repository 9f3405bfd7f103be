"""What the words suggest, in Persian: the lead's board raises with one key, the agent answers with one key."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from pharos.actions import cues, further
from pharos.models import Agent, Alarm, Contact, Cue, Organisation, Role, SignalVerdict, SupportNeed, User
from tests.browser.conftest import DESKTOP, PHONE, Pages
from tests.browser.test_desk import SMALL, enter, has_focus, take
from tests.browser.test_lead_pages import sign_in, speak
from tests.factories import make_agent, make_contact, make_organisation, make_user

Axe = Callable[[Page], None]
DANGER = "کشتی لغو شد و می‌خواهم خودم را بکشم"
MORE = "پولم را پس می‌خواهم و پشت تلفن نمی‌شنوم."


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    """The organisation that answers at this site."""
    return make_organisation("ferry", host="127.0.0.1", emergency_phone="112")


@pytest.fixture
def admin(organisation: Organisation) -> User:
    """The duty lead."""
    return make_user(organisation, "admin", role=Role.ADMIN, name="Ada Admin", email="ada@example.org")


@pytest.fixture
def agent(organisation: Organisation) -> Agent:
    """Who answers."""
    return make_agent(organisation, "samuel", status=Agent.Status.OFFLINE)


def hear() -> None:
    """As the worker does."""
    while cues.hear_due(now=timezone.now()):
        pass


def written(organisation: Organisation, text: str = DANGER) -> Contact:
    contact = make_contact(organisation, now=timezone.now(), language="fa", text=text)
    hear()
    return contact


def band(contact: Contact) -> int:
    return Contact.objects.select_related("lane").get(pk=contact.pk).lane.band


def open_alarms() -> list[str]:
    return sorted(Alarm.objects.filter(cleared_at=None, sort__startswith="danger").values_list("sort", flat=True))


def answer(page: Page, key: str) -> None:
    """Press a key when the suggestion has stood there for a moment."""
    expect(page.locator("#cue-no[data-fresh]")).to_have_count(0)
    page.keyboard.press(key)


def test_danger_in_persian_reaches_the_board_and_is_raised_by_one_key(
    organisation: Organisation, admin: User, new_page: Pages, axe: Axe
) -> None:
    lead = new_page()
    sign_in(lead)
    speak(lead, "fa")
    with lead.expect_response("**/live/staff/**"):
        lead.goto("/lead/")
    person = new_page(viewport=PHONE, locale="fa-IR", time_zone="Asia/Tehran")
    person.goto("/fa/request/")
    person.locator("#id_text").fill(DANGER)
    person.locator("form button[type=submit]").last.click()
    person.wait_for_url("**/fa/r/**")
    contact = Contact.objects.get()
    assert band(contact) == 3
    hear()
    alarm = lead.locator("#alarms")
    expect(alarm.locator("mark").first).to_be_visible()
    expect(alarm.get_by_role("link", name=contact.reference)).to_be_visible()
    assert band(contact) == 1
    expect(lead.locator("[data-fresh]")).to_have_count(0)
    assert lead.locator("html").get_attribute("dir") == "rtl"
    axe(lead)
    lead.evaluate(
        """() => new MutationObserver(() => {
            window.told = (window.told ?? "") + document.getElementById("alarms-status").textContent;
        }).observe(document.body, {subtree: true, childList: true, characterData: true})"""
    )
    lead.keyboard.press("Alt+r")
    lead.wait_for_function("reference => window.told?.includes(reference)", arg=contact.reference)  # told, then gone
    expect(lead.locator("#alarms mark")).to_have_count(0)
    assert band(contact) == 0
    assert Alarm.objects.get(sort="danger").acknowledged_by == admin
    assert SignalVerdict.objects.get().is_right is True


def test_a_lead_says_by_one_key_that_there_is_no_danger(
    organisation: Organisation, admin: User, new_page: Pages
) -> None:
    contact = written(organisation)
    page = new_page()
    sign_in(page)
    expect(page.locator("[data-fresh]")).to_have_count(0)
    page.keyboard.press("Alt+n")
    expect(page.locator("#alarms mark")).to_have_count(0)
    assert band(contact) == 3
    assert open_alarms() == []
    verdict = SignalVerdict.objects.get()
    assert (verdict.is_right, verdict.language, verdict.sort) == (False, "fa", "danger")


def test_a_press_meant_for_one_person_does_not_answer_for_the_next(
    organisation: Organisation, admin: User, new_page: Pages
) -> None:
    first, second = written(organisation), written(organisation)
    page = new_page()
    sign_in(page)
    page.evaluate(
        """(next) => new MutationObserver(() => {
            const key = new KeyboardEvent("keydown", {altKey: true, code: "KeyN", bubbles: true});
            const about = document.querySelector("[data-keys='Alt+KeyN']")?.dataset.about ?? "";
            if (about.startsWith(next) && !window.pressed) { window.pressed = true; document.dispatchEvent(key); }
        }).observe(document.body, {subtree: true, childList: true, attributes: true})""",
        second.reference,
    )
    expect(page.locator("[data-fresh]")).to_have_count(0)
    page.keyboard.press("Alt+n")
    page.wait_for_function("() => window.pressed")
    expect(page.locator("[data-fresh]")).to_have_count(0)
    assert Cue.objects.get(contact=first, sort="danger").state == "dismissed"
    assert Cue.objects.get(contact=second, sort="danger").state == "open"
    page.keyboard.press("Alt+n")  # later, it does
    expect(page.locator("#alarms mark")).to_have_count(0)
    assert Cue.objects.get(contact=second, sort="danger").state == "dismissed"


def test_an_agent_answers_by_keyboard_in_persian(
    organisation: Organisation, agent: Agent, new_page: Pages, live_site: str, axe: Axe
) -> None:
    contact = take(written(organisation, f"{DANGER}. {MORE}"), agent)
    page = enter(new_page(locale="fa-IR"), agent, live_site)
    page.goto(f"/desk/{contact.reference}/")
    speak(page, "fa")
    page.reload()
    said = page.locator("#side-danger")
    expect(said.locator(".is-danger mark").first).to_be_visible()
    expect(page.locator("#side-danger")).to_contain_text("BLAKE")
    axe(page)
    answer(page, "c")
    expect(said.locator(".is-danger #cue-yes")).to_have_count(0)
    assert Alarm.objects.filter(sort="escalated", cleared_at=None).exists()
    expect(page.locator("#side-danger")).to_be_visible()
    page.locator("#reply").press_sequentially("cx")  # keys of one who writes are words
    assert set(Cue.objects.filter(state="open").values_list("sort", flat=True)) >= {"request", "need"}
    page.keyboard.press("Escape")
    expect(page.locator("#cue-no")).to_have_attribute("value", re.compile("^no:request:refund:"))
    answer(page, "x")
    expect(page.locator("#cue-yes")).to_have_attribute("value", re.compile("^yes:need:hearing:"))
    answer(page, "c")
    expect(page.locator("#panel-form")).to_be_visible()
    axe(page)
    for _step in range(2):
        page.keyboard.press("Enter")
    assert not SupportNeed.objects.exists()
    expect(page.locator("#reply")).to_have_value("cx")
    assert {(one.sort, one.is_right) for one in SignalVerdict.objects.all()} == {
        ("danger", True),
        ("request", False),
        ("need", True),
    }


def test_words_that_come_during_the_conversation_are_heard_live(
    organisation: Organisation, admin: User, agent: Agent, new_page: Pages, live_site: str
) -> None:
    contact = take(written(organisation, "سلام"), agent)
    page = enter(new_page(), agent, live_site)
    with page.expect_response("**/live/staff/**"):
        page.goto(f"/desk/{contact.reference}/")
    page.locator("#reply").press_sequentially("Half a sen")
    further.add_words(contact=contact, text=DANGER, door="page", key="1", digest="1", now=timezone.now())
    hear()
    expect(page.locator("#side-danger .is-danger mark").first).to_be_visible()
    expect(page.locator("#desk-head")).to_contain_text("may mean danger to life")
    expect(page.locator("#reply")).to_have_value("Half a sen")
    has_focus(page, "#reply")
    page.keyboard.press("Escape")
    answer(page, "x")
    expect(page.locator("#side-danger .is-danger")).to_have_count(0)
    expect(page.locator("#desk-head")).not_to_contain_text("may mean danger to life")
    assert open_alarms() == []


def test_a_lead_puts_an_answer_right_and_the_agent_sees_it_live(
    organisation: Organisation, admin: User, agent: Agent, new_page: Pages, live_site: str, axe: Axe
) -> None:
    contact = take(written(organisation), agent)
    desk = enter(new_page(), agent, live_site)
    with desk.expect_response("**/live/staff/**"):
        desk.goto(f"/desk/{contact.reference}/")
    answer(desk, "x")
    expect(desk.locator("#side-danger")).to_have_count(0)
    desk.locator("#reply").press_sequentially("Half a sen")
    lead = new_page(locale="fa-IR", viewport=PHONE)
    sign_in(lead)
    speak(lead, "fa")
    lead.goto(f"/lead/contacts/{contact.reference}/")
    fold = lead.locator("[id^='answer-'] details")
    expect(fold.locator("button")).to_be_hidden()
    fold.locator("summary").press("Enter")
    axe(lead)
    fold.locator("input[name=reason]").press_sequentially("از امشب می‌نویسد.")
    fold.locator("button[name=answer]").press("Enter")
    expect(lead.locator("button[data-keys='Alt+KeyR']")).to_be_visible()
    expect(desk.locator("#side-danger")).to_contain_text("BLAKE")
    expect(desk.locator("#desk-head")).to_contain_text("Ada Admin has read the words once more")
    expect(desk.locator("#desk-head")).to_contain_text("از امشب می‌نویسد.")
    expect(desk.locator("#reply")).to_have_value("Half a sen")
    has_focus(desk, "#reply")
    axe(desk)
    assert band(contact) == 1
    assert SignalVerdict.objects.get().is_right is True


def test_a_press_meant_for_another_suggestion_does_not_answer_danger(
    organisation: Organisation, admin: User, agent: Agent, new_page: Pages, live_site: str
) -> None:
    contact = take(written(organisation, MORE), agent)
    page = enter(new_page(), agent, live_site)
    with page.expect_response("**/live/staff/**"):
        page.goto(f"/desk/{contact.reference}/")
    page.evaluate(
        """() => new MutationObserver(() => {
            const no = document.querySelector("#cue-no[value^='no:danger:danger:'][data-fresh]");
            if (no && !window.pressed) { window.pressed = true; no.click(); }
        }).observe(document.body, {subtree: true, childList: true, attributes: true})"""
    )
    further.add_words(contact=contact, text=DANGER, door="page", key="1", digest="1", now=timezone.now())
    hear()
    expect(page.locator("#cue-no[value^='no:danger:danger:']")).to_be_visible()
    page.wait_for_function("() => window.pressed")
    answer(page, "c")  # later, it does
    expect(page.locator("#cue-no[value^='no:danger:danger:']")).to_have_count(0)
    assert SignalVerdict.objects.get(sort="danger").is_right is True


def test_without_scripts_both_answer_too(
    organisation: Organisation, admin: User, agent: Agent, new_page: Pages, live_site: str
) -> None:
    contact = take(written(organisation), agent)
    lead = new_page(javascript=False)
    sign_in(lead)
    lead.get_by_role("link", name=contact.reference).first.click()
    lead.get_by_role("button", name="Raise to danger to life").click()
    expect(lead.get_by_text("goes before everyone now")).to_be_visible()
    page = enter(new_page(javascript=False), agent, live_site)
    page.goto(f"/desk/{contact.reference}/")
    expect(page.locator("#side-danger")).to_contain_text("BLAKE")


@pytest.mark.parametrize(
    ("language", "size", "dark"),
    [("en", DESKTOP, False), ("en", SMALL, True), ("fa", SMALL, False), ("hy", SMALL, True)],
)
def test_pages_with_suggestions_fit_and_have_no_grave_finding(
    organisation: Organisation,
    admin: User,
    agent: Agent,
    new_page: Pages,
    live_site: str,
    axe: Axe,
    language: str,
    size: ViewportSize,
    dark: bool,
) -> None:
    waiting = written(organisation, f"{DANGER}. {MORE}")
    page = new_page(viewport=size, dark=dark)
    sign_in(page)
    speak(page, language)
    for path in ("/lead/", "/lead/alarms/", f"/lead/contacts/{waiting.reference}/"):
        page.goto(path)
        expect(page.locator("mark").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        axe(page)
    held = take(waiting, agent)
    desk = enter(new_page(viewport=size, dark=dark), agent, live_site)
    desk.goto(f"/desk/{held.reference}/")
    speak(desk, language)
    desk.reload()
    axe(desk)
    desk.locator("#desk-head a[href='#desk-side']").click()
    expect(desk.locator("#side-cues mark").first).to_be_visible()
    assert desk.evaluate("document.documentElement.scrollWidth") <= size["width"]
    axe(desk)
