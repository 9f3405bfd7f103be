"""Writing a text message at the desk: how many parts it takes is told at every key, and the script counts as we do."""

import random
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.engine.segments import BASIC, EXTENDED, segments
from pharos.models import Agent, Contact, Role
from tests.browser.conftest import PHONE, Pages
from tests.channels.sms_peer import SmsDoor
from tests.factories import make_agent, make_organisation

Axe = Callable[[Page], None]
LETTERS = BASIC.replace("\r", "") + EXTENDED + "سلامԲարև退订😀🆘é\u200c"


@pytest.fixture
def agent(live_site: str) -> Agent:
    organisation = make_organisation("ferry", host="127.0.0.1", name={"en": "Ferry", "fa": "کشتی"})
    return make_agent(organisation, "samuel", role=Role.ADMIN)


@pytest.fixture
def contact(agent: Agent) -> Contact:
    door = SmsDoor("twilio", Client(), agent.organisation)
    assert door.deliver("one", "Our ferry is cancelled.") == 200
    Contact.objects.update(state=Contact.State.ACTIVE, agent=agent, accepted_at=timezone.now())
    return Contact.objects.get()


def signed_in(page: Page, agent: Agent, site: str, path: str) -> Page:
    """The page as this agent sees it."""
    client = Client()
    client.force_login(agent.user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    page.goto(path)
    return page


def desk(contact: Contact) -> str:
    return reverse("desk_contact", kwargs={"reference": contact.reference})


def test_parts_are_told_while_the_answer_is_written(new_page: Pages, agent: Agent, contact: Contact, axe: Axe) -> None:
    page = signed_in(new_page(), agent, new_page.site, desk(contact))
    told = page.locator("#reply-parts")
    expect(told).to_have_text("Parts of the text message: 1. Left in the last: 160 characters.")
    page.get_by_label("Your answer").fill("We call you at six. " * 9)
    expect(told).to_have_text("Parts of the text message: 2. Left in the last: 127 characters.")
    page.get_by_label("Your answer").fill("a" * 1600)
    expect(told).to_contain_text("Too long for a text message")
    axe(page)
    page.get_by_label("Your answer").fill("We call you at six.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message.out").last).to_contain_text("On its way")
    expect(told).to_have_text("Parts of the text message: 1. Left in the last: 160 characters.")


def test_parts_are_told_in_persian_on_a_phone(new_page: Pages, agent: Agent, contact: Contact, axe: Axe) -> None:
    page = signed_in(new_page(viewport=PHONE, locale="fa-IR"), agent, new_page.site, desk(contact))
    page.locator("#reply").fill("ساعت شش به شما زنگ می‌زنیم. " * 4)
    expect(page.locator("#reply-parts")).to_contain_text("بخش‌های پیامک: ۲")
    axe(page)


def test_script_counts_as_the_engine_does(new_page: Pages, agent: Agent, contact: Contact) -> None:
    page = signed_in(new_page(), agent, new_page.site, desk(contact))
    rng = random.Random(5)
    texts = ["", *LETTERS]
    for letters in (BASIC.replace("\r", "") + EXTENDED, LETTERS, "a€", "退😀"):
        texts += ["".join(rng.choices(letters, k=rng.randrange(1, 700))) for _ in range(60)]
    counted = page.evaluate(
        "async (texts) => { const { segments } = await import('/static/js/segments.js'); return texts.map(segments); }",
        texts,
    )
    ours = [segments(text) for text in texts]
    assert [(one["parts"], one["left"]) for one in counted] == [(one.parts, one.left) for one in ours]


@pytest.mark.parametrize("adapter", ["twilio", "sms_http"])
def test_number_is_set_up_and_says_what_to_give_the_carrier(
    new_page: Pages, agent: Agent, axe: Axe, adapter: str
) -> None:
    page = signed_in(new_page(), agent, new_page.site, reverse("entry_add", kwargs={"adapter": adapter}))
    axe(page)
    page.get_by_label("Number", exact=True).fill("zero")
    if adapter == "twilio":
        page.get_by_label("Account SID").fill("AC1")
        page.get_by_label("Auth token").fill("twelve-lanterns")
    else:
        page.get_by_label("Address of the request that sends a text").fill("https://carrier.example.org/send")
        page.get_by_label("Fields of the request").fill("{")
        page.get_by_label("Secret of the webhook").fill("seven-boats")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Write the number with its country").first).to_be_visible()
    page.get_by_label("Number", exact=True).fill("+374 10 123456")
    if adapter == "twilio":
        page.get_by_label("Auth token").fill("twelve-lanterns")
    else:
        expect(page.get_by_text("This is no JSON object.").first).to_be_visible()
        page.get_by_label("Fields of the request").fill('{"to": "{to}", "text": "{text}"}')
        page.get_by_label("Secret of the webhook").fill("seven-boats")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("/channels/sms/").first).to_be_visible()
