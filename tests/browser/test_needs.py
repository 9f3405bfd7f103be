"""What helps a person: said on the form in Armenian and taken back; asked for by an agent, in Persian, by keyboard."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.models import Agent, Contact, Message, NeedView, Organisation, Skill, SupportNeed
from tests.browser.conftest import PHONE, Pages
from tests.browser.test_desk import enter, has_focus, tab_to, take
from tests.factories import make_agent, make_contact, make_organisation

Axe = Callable[[Page], None]
LANGUAGES = ["en", "fa", "hy", "zh-hans"]


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    """The organisation that answers at this site."""
    return make_organisation("ferry", host="127.0.0.1", emergency_phone="112")


@pytest.fixture
def agent(organisation: Organisation) -> Agent:
    """Who answers, and may read all."""
    Skill.objects.filter(organisation=organisation, code="care").update(opens_needs=True)
    return make_agent(organisation, "samuel", status=Agent.Status.OFFLINE)


def code_of(contact: Contact) -> str:
    letter = contact.messages.filter(sort=Message.Sort.CODE).last()
    assert letter
    found = re.search(r"(?<!\d)\d{6}(?!\d)", letter.body)
    assert found
    return found[0]


def test_a_need_is_declared_in_armenian_read_and_taken_back(
    organisation: Organisation, agent: Agent, new_page: Pages, axe: Axe
) -> None:
    page = new_page(viewport=PHONE, locale="hy-AM", time_zone="Asia/Yerevan")
    page.goto("/hy/request/")
    page.locator("#id_text").fill("Լաստանավը չեղարկվել է")
    page.locator("#id_email").fill("ani@example.org")
    page.get_by_text("Կա՞ որևէ բան, որը կօգնի մեզ").click()
    page.get_by_label("Հեռախոսով խոսելիս դժվար եմ լսում").check()
    page.get_by_label("Տնից հեռու եմ և չեմ կարողանում վերադառնալ").check()
    page.locator("#id_needs_words").fill("Խնդրում եմ գրել")
    axe(page)
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url("**/hy/r/**")
    contact = Contact.objects.select_related("lane").get()
    assert contact.lane.band == 1
    needs = {need.code: need for need in SupportNeed.objects.all()}
    assert set(needs) == {"hearing", "stranded", "other"}
    assert needs["other"].words == "Խնդրում եմ գրել"

    page.get_by_text("Կարդալ մեզ ասածը").click()
    axe(page)
    assert "դժվար եմ լսում" not in page.content()
    page.get_by_role("button", name="Ուղարկեք ինձ կոդ").click()
    page.locator("#id_code").fill(code_of(contact))
    axe(page)
    page.get_by_role("button", name="Ցույց տվեք ինձ").click()
    expect(page.get_by_text("Հեռախոսով խոսելիս դժվար եմ լսում")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    card = page.locator(".card", has_text="Տնից հեռու եմ")
    card.get_by_role("button", name="Հետ վերցնել").click()
    expect(page.get_by_text("Այն ջնջված է ամենուր և այլևս")).to_be_visible()
    expect(page.get_by_text("Տնից հեռու եմ")).to_have_count(0)
    assert Contact.objects.select_related("lane").get().lane.band == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_what_helps_works_without_scripts(
    organisation: Organisation, new_page: Pages, axe: Axe, language: str
) -> None:
    contact = make_contact(organisation, now=timezone.now(), language=language, needs=("hearing",))
    page = new_page(viewport={"width": 320, "height": 640}, dark=True, javascript=False)
    page.goto(f"/{language}/r/{contact.page_token}/helps/")
    page.locator("form[action$='/code/'] button").click()
    page.wait_for_url("**sent=1")
    page.locator("#id_code").fill(code_of(contact))
    page.locator("form[action$='/open/'] button").click()
    expect(page.locator("form[action$='/withdraw/'] button")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator("form[action$='/withdraw/'] button").click()
    page.wait_for_load_state()
    assert SupportNeed.objects.get().what == {}


def test_the_drill_in_persian_by_keyboard_only(
    organisation: Organisation, agent: Agent, new_page: Pages, live_site: str, axe: Axe
) -> None:
    contact = take(
        make_contact(organisation, now=timezone.now() - timedelta(minutes=20), language="fa", text="صدا قطع می‌شود"),
        agent,
    )
    page = enter(new_page(locale="fa-IR"), agent, live_site)
    page.context.add_cookies([{"name": "pharos_language", "value": "fa", "url": live_site}])
    page.goto(f"/desk/{contact.reference}/")
    page.keyboard.press("w")
    expect(page.get_by_text("ممنونم که گفتید.")).to_be_visible()
    axe(page)
    has_focus(page, "#panel-form button[value=next]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("دوست دارم یادداشت کنم")).to_be_visible()
    has_focus(page, "#panel-form button[value=next]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("اجازه می‌دهید این را ثبت کنم؟")).to_be_visible()
    axe(page)
    has_focus(page, "#panel-form blockquote")  # Enter once too often is no yes
    page.keyboard.press("Enter")
    assert not SupportNeed.objects.exists()
    tab_to(page, "#panel-form button[value=yes]")
    page.keyboard.press("Enter")
    has_focus(page, "#panel-form select")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#panel-form textarea")
    page.keyboard.type("صدا را نمی‌شنوم")
    axe(page)
    tab_to(page, "#panel-form button[value=next]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("کسانی هستند که دقیقاً در همین زمینه")).to_be_visible()
    has_focus(page, "#panel-form button[value=next]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("با رضایت شخص یادداشت شد.")).to_be_visible()
    need = SupportNeed.objects.get()
    assert (need.code, need.words, need.noted_by) == ("hearing", "صدا را نمی‌شنوم", agent.user)
    expect(page.locator("#desk-person").get_by_text("خلاصهٔ نوشتاری پس از تماس").first).to_be_visible()
    expect(page.locator("#desk-person").get_by_text("شنیدن صدا پشت تلفن")).to_have_count(0)

    page.keyboard.press("l")
    expect(page.locator("#desk-panel").get_by_text("شنیدن صدا پشت تلفن")).to_be_visible()
    axe(page)
    assert NeedView.objects.filter(user=agent.user).count() == 1
    page.keyboard.press("Escape")
    expect(page.locator("#panel-form")).to_have_count(0)


def test_a_no_leaves_nothing_behind(organisation: Organisation, agent: Agent, new_page: Pages, live_site: str) -> None:
    contact = take(make_contact(organisation, now=timezone.now() - timedelta(minutes=20)), agent)
    page = enter(new_page(), agent, live_site)
    page.goto(f"/desk/{contact.reference}/")
    page.locator("#composer textarea").fill("I am writing")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    for text in ("I would like to note it", "Are you happy for me to record this?"):
        page.locator("#panel-form button[value=next]").click()
        expect(page.get_by_text(text)).to_be_visible()
    page.locator("#panel-form button[value=no]").click()
    expect(page.get_by_text("Nothing was noted. Everything goes on as before.")).to_be_visible()
    expect(page.locator("#composer textarea")).to_have_value("I am writing")
    assert not SupportNeed.objects.exists()
