"""A chat from the first words to the rating, person and agent each in a browser; and one whose server is killed."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.actions import conversation, routing
from pharos.channels.delivery import deliver_messages
from pharos.models import Channel, Contact, Message, Organisation
from tests.browser.conftest import PHONE, Pages
from tests.browser.test_desk import enter
from tests.conftest import LiveSite
from tests.factories import make_agent, make_entry, make_organisation, who_has


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    made = make_organisation("ferry", host="127.0.0.1", name={"en": "Ferry", "zh-hans": "轮渡"})
    make_entry(made, Channel.CHAT, "site", adapter="chat", token="widget")
    return made


def begin(page: Page, text: str) -> None:
    page.locator("#id_text").fill(text)
    page.locator("[data-start] button[type=submit]").click()
    expect(page.locator(".conversation")).to_contain_text(text)


def said(page: Page) -> list[str]:
    """What stands in the chat, without names and times."""
    return page.locator(".conversation .message .message-body").all_inner_texts()


def test_a_chat_in_chinese_from_the_first_words_to_the_rating(organisation: Organisation, new_page: Pages) -> None:
    person, desk = new_page(viewport=PHONE, locale="zh-CN"), new_page(locale="zh-CN")
    person.goto("/zh-hans/chat/widget/")
    expect(person.locator("html")).to_have_attribute("lang", "zh-hans")
    begin(person, "我们的船取消了，今晚怎么办？")
    contact = Contact.objects.get()
    assert (contact.channel, contact.language) == (Channel.CHAT, "zh-hans")
    expect(person.locator("[data-part=state]")).to_contain_text("下一位就是您")
    agent = make_agent(organisation, "liwei", languages=("zh-hans",))
    enter(desk, agent, new_page.site).goto("/desk/")
    assert routing.dispatch(organisation=organisation, now=timezone.now()) == 1

    expect(desk.locator("#desk-news")).not_to_be_empty()
    desk.keyboard.press("t")
    desk.wait_for_url(f"**/desk/{contact.reference}/")
    expect(desk.locator("#desk-log")).to_contain_text("今晚怎么办")
    expect(person.locator("[role=log]")).to_contain_text(agent.user.get_full_name())
    desk.keyboard.press("r")
    desk.locator("#reply").fill("晚上九点有一班，已为你们留了位置。")
    desk.keyboard.press("Control+Enter")
    expect(person.locator("[role=log]")).to_contain_text("晚上九点有一班")
    person.locator("#id_text").fill("谢谢，我们会去！")
    person.locator("[data-say] button[type=submit]").click()
    expect(desk.locator("#desk-log")).to_contain_text("谢谢，我们会去！")

    desk.keyboard.press("Escape")
    desk.keyboard.press("f")
    desk.locator("#closing input[type=radio]").first.check()
    desk.locator("#id_summary").fill("改乘晚上九点的船，座位已留。")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/desk/")
    deliver_messages(clock=timezone.now, going=lambda: True)
    expect(person.locator("[role=log]")).to_contain_text("改乘晚上九点的船，座位已留。")
    person.locator("[data-part=end] input[type=radio]").first.check()
    person.locator("[data-part=end] textarea").fill("很快，很亲切。")
    person.locator("[data-part=end] button").click()
    expect(person.locator("[data-part=end]")).to_contain_text("谢谢")
    contact.refresh_from_db()
    assert (contact.state, contact.rating, contact.rating_words) == ("closed", 5, "很快，很亲切。")
    words = contact.messages.exclude(direction=Message.Direction.NOTE)
    assert set(words.values_list("channel", flat=True)) == {Channel.CHAT}


def test_a_killed_server_loses_nothing_and_doubles_nothing(
    organisation: Organisation, new_page: Pages, site_server: LiveSite
) -> None:
    page, now = new_page(), timezone.now()
    page.goto("/en/chat/widget/")
    begin(page, "My ferry is cancelled")
    contact = Contact.objects.get()
    agent = make_agent(organisation, "lilit")
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=contact.offers.get(), agent=agent, now=now)
    expect(page.locator("[role=log]")).to_contain_text("is with you now")

    site_server.kill()
    for text in ("I am in Piraeus", "With two children"):
        page.locator("#id_text").fill(text)
        page.keyboard.press("Enter")
    expect(page.locator("[data-note]")).to_be_visible()
    expect(page.locator(".waits")).to_have_count(2)
    contact.refresh_from_db()
    conversation.reply(contact=contact, body="There is a boat at six.", by=who_has(contact), now=timezone.now())
    site_server.start_again()

    expect(page.locator("[role=log]")).to_contain_text("There is a boat at six.", timeout=30_000)
    expect(page.locator(".waits")).to_have_count(0)
    ours = ["My ferry is cancelled", "I am in Piraeus", "With two children"]
    assert [one for one in said(page) if one in ours] == ours
    assert said(page).count("There is a boat at six.") == 1
    came = contact.messages.filter(direction=Message.Direction.IN).order_by("id")
    assert list(came.values_list("body", flat=True)) == ours
    conversation.reply(contact=contact, body="And one at nine.", by=who_has(contact), now=timezone.now())
    expect(page.locator("[role=log]")).to_contain_text("And one at nine.")  # the stream is back
    expect(page.locator("[data-lost]")).to_be_hidden()
    expect(page.get_by_text(re.compile("^And one at nine"))).to_have_count(1)
