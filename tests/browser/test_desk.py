"""An agent at the desk: from the offer to the close by keyboard only and without scripts; words that are never lost."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, Route, ViewportSize, expect

from pharos.actions import conversation, drafts, further, incidents, routing
from pharos.channels.delivery import deliver_messages
from pharos.models import Agent, Contact, Draft, Message, Offer, Organisation, Queue, Role
from tests.browser.conftest import DESKTOP, Pages
from tests.factories import make_agent, make_contact, make_organisation, make_user

Axe = Callable[[Page], None]
SMALL: ViewportSize = {"width": 320, "height": 640}
ZOOMED: ViewportSize = {"width": 640, "height": 400}  # 1280 x 800 at 200 %
State = Contact.State


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    """The organisation that answers at this site."""
    return make_organisation("ferry", host="127.0.0.1", name={"en": "Ferry", "fa": "کشتی"})


@pytest.fixture
def agent(organisation: Organisation) -> Agent:
    """The agent at this desk."""
    return make_agent(organisation, "samuel", status=Agent.Status.OFFLINE)


@pytest.fixture
def held(organisation: Organisation, agent: Agent) -> Contact:
    """A contact that the agent has taken, with all that a side column can show."""
    now = timezone.now()
    lead = make_user(organisation, "maryam", role=Role.LEAD)
    storm = incidents.declare(
        organisation=organisation,
        crisis_type="natural_disaster",
        severity="severe",
        name={"en": "Storm"},
        by=lead,
        now=now,
    )
    make_contact(organisation, now=now - timedelta(days=2), name="A. Petrosyan", email="ani@example.org")
    Contact.objects.update(state=State.CLOSED, closed_at=now)
    contact = make_contact(
        organisation,
        now=now - timedelta(minutes=20),
        incident=storm,
        email="ani@example.org",
        needs=("hearing", "medical_equipment"),
        needed_by=(now + timedelta(days=1)).date(),
    )
    return take(contact, agent)


def take(contact: Contact, agent: Agent) -> Contact:
    """Dispatch and accept as worker and agent do."""
    now = timezone.now()
    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=now)
    routing.dispatch(organisation=contact.organisation, now=now)
    return routing.accept(offer=Offer.objects.get(contact=contact, state="open"), agent=agent, now=now)


def enter(page: Page, agent: Agent, site: str) -> Page:
    """Signed in, without going through the form again."""
    client = Client()
    client.force_login(agent.user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return page


def tab_to(page: Page, selector: str, *, most: int = 60) -> None:
    """Press Tab until this has the focus."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached with the keyboard")


def has_focus(page: Page, selector: str) -> None:
    page.wait_for_function("selector => document.activeElement.matches(selector)", arg=selector)


def deliver() -> None:
    deliver_messages(clock=timezone.now, going=lambda: True)


def test_from_offer_to_close_by_keyboard_only(
    organisation: Organisation, agent: Agent, page: Page, live_site: str, axe: Axe
) -> None:
    contact = make_contact(organisation, now=timezone.now(), text="Is there a ramp?", email="ani@example.org")
    page.goto("/account/login/?next=/desk/")
    tab_to(page, "input[name=login]")
    page.keyboard.type("samuel")
    tab_to(page, "input[name=password]")
    page.keyboard.type("Lantern-1912")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are offline")).to_be_visible()
    axe(page)

    page.keyboard.press("a")
    expect(page.get_by_text("Nothing to do at the moment")).to_be_visible()
    assert routing.dispatch(organisation=organisation, now=timezone.now()) == 1
    expect(page.get_by_role("heading", name="Next for you")).to_be_visible()
    expect(page).to_have_title(re.compile("A contact is offered to you"))
    expect(page.locator("#desk-news")).to_have_text("A contact is offered to you: Ordinary.")
    axe(page)

    page.keyboard.press("t")
    page.wait_for_url(f"**/desk/{contact.reference}/")
    expect(page.locator("#desk-log")).to_contain_text("Is there a ramp?")
    expect(page).not_to_have_title(re.compile("offered"))
    axe(page)

    page.keyboard.press("r")
    page.keyboard.type("Yes, at gate 2.")
    page.keyboard.press("Control+Enter")
    sent = page.locator(".message.out", has_text="Yes, at gate 2.")
    expect(sent).to_contain_text("On its way")
    expect(page.locator("#reply")).to_have_value("")
    has_focus(page, "#reply")
    deliver()
    expect(sent).to_contain_text("Sent")

    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.get_by_text("How did it end?")).to_be_visible()
    has_focus(page, "#closing input[type=radio]")
    axe(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".error-summary")).to_contain_text("Choose how it ended.")
    has_focus(page, ".error-summary")
    tab_to(page, "#closing input[type=radio]")
    page.keyboard.press("Space")
    tab_to(page, "#id_summary")
    page.keyboard.type("There is a ramp at gate 2.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/")
    expect(page.get_by_text("is closed. The person gets the summary.")).to_be_visible()
    contact.refresh_from_db()
    assert (contact.state, contact.disposition, contact.summary) == ("closed", "solved", "There is a ramp at gate 2.")
    assert Message.objects.get(sort="summary").state == Message.State.QUEUED


def test_from_offer_to_close_without_scripts(
    organisation: Organisation, agent: Agent, new_page: Pages, live_site: str
) -> None:
    contact = make_contact(organisation, now=timezone.now(), text="Is there a ramp?")
    page = enter(new_page(javascript=False), agent, live_site)
    page.goto("/desk/")
    page.get_by_role("button", name="Available").click()
    routing.dispatch(organisation=organisation, now=timezone.now())
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("#desk-log")).to_contain_text("Is there a ramp?")
    page.locator("#reply").fill("Half a sentence")
    page.get_by_role("button", name="Pass on").click()
    expect(page.get_by_role("heading", name="Pass on to another team")).to_be_visible()
    expect(page.locator("#reply")).to_have_value("Half a sentence")
    page.get_by_role("button", name="Cancel").click()
    page.locator("#reply").fill("Yes, at gate 2.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message.out", has_text="Yes, at gate 2.")).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    page.get_by_label("Question answered").check()
    page.get_by_label("Closing summary").fill("There is a ramp.")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("is closed. The person gets the summary.")).to_be_visible()
    contact.refresh_from_db()
    assert (contact.state, contact.disposition) == ("closed", "answered")


def test_unanswered_offer_goes_and_a_calm_notice_comes(
    organisation: Organisation, agent: Agent, page: Page, live_site: str, axe: Axe
) -> None:
    contact = make_contact(organisation, now=timezone.now())
    enter(page, agent, live_site).goto("/desk/")
    page.keyboard.press("a")
    expect(page.get_by_text("Nothing to do at the moment")).to_be_visible()
    routing.dispatch(organisation=organisation, now=timezone.now())
    expect(page.get_by_role("button", name="Take it")).to_be_visible()
    routing.expire_offers(now=timezone.now() + timedelta(minutes=2))
    expect(page.get_by_text("An offer went unanswered, so you were set on a break.")).to_be_visible()
    expect(page.get_by_role("button", name="Take it")).not_to_be_visible()
    expect(page.get_by_role("button", name="Break")).to_have_attribute("aria-pressed", "true")
    axe(page)
    contact.refresh_from_db()
    assert contact.state == State.WAITING


def test_offer_that_is_over_is_told_calmly_on_a_page_that_is_behind(
    organisation: Organisation, agent: Agent, page: Page, live_site: str
) -> None:
    make_contact(organisation, now=timezone.now())
    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=timezone.now())
    routing.dispatch(organisation=organisation, now=timezone.now())
    page.route("**/live/**", lambda route: route.abort())
    enter(page, agent, live_site).goto("/desk/")
    routing.expire_offers(now=timezone.now() + timedelta(minutes=2))
    page.keyboard.press("t")
    expect(page.get_by_text("This offer is over. The person has kept their place.")).to_be_visible()


def test_page_that_is_not_connected_says_so(agent: Agent, page: Page, live_site: str, axe: Axe) -> None:
    page.route("**/live/**", lambda route: route.abort())
    enter(page, agent, live_site).goto("/desk/")
    expect(page.get_by_text("This page is not connected at the moment.")).to_be_visible(timeout=15_000)
    axe(page)


def test_words_of_the_person_appear_and_leave_what_is_being_written(
    held: Contact, agent: Agent, page: Page, live_site: str
) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("Dear Ani, ")
    further.add_words(contact=held, text="One thing more", door="p", key="1", digest="1", now=timezone.now())
    expect(page.locator("#desk-log")).to_contain_text("One thing more")
    has_focus(page, "#reply")
    page.keyboard.type("yes.")
    expect(page.locator("#reply")).to_have_value("Dear Ani, yes.")


def test_draft_is_there_after_a_crash_and_in_another_browser(
    held: Contact, agent: Agent, new_page: Pages, live_site: str
) -> None:
    page = enter(new_page(), agent, live_site)
    page.goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("Half a sen")
    expect(page.get_by_text("Draft kept")).to_be_visible()
    page.context.close()
    other = enter(new_page(), agent, live_site)
    other.goto(f"/desk/{held.reference}/")
    expect(other.locator("#reply")).to_have_value("Half a sen")
    expect(other.locator(".desk-draft")).to_be_visible()


def test_draft_is_there_when_the_page_is_left_at_once(held: Contact, agent: Agent, page: Page, live_site: str) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("Half a sen")
    page.goto("/desk/")
    page.goto(f"/desk/{held.reference}/")
    expect(page.locator("#reply")).to_have_value("Half a sen")


@pytest.fixture
def no_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server keeps no drafts."""

    def fail(**_: object) -> bool:
        raise OSError

    monkeypatch.setattr(drafts, "keep", fail)


def test_draft_is_there_although_the_server_never_got_it(
    held: Contact, agent: Agent, page: Page, live_site: str, no_drafts: None
) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("Half a sen")
    page.reload()
    expect(page.locator("#reply")).to_have_value("Half a sen")
    assert not Draft.objects.exists()


def test_drafts_of_two_windows_are_both_kept(
    held: Contact, agent: Agent, page: Page, live_site: str, no_drafts: None
) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("From here")
    Draft.objects.create(contact=held, agent=agent, sort="reply", body="From elsewhere", saved_at=timezone.now())
    page.reload()
    expect(page.locator("#reply")).to_have_value("From elsewhere\n\nFrom here")


def test_reply_whose_answer_was_lost_is_sent_once(held: Contact, agent: Agent, page: Page, live_site: str) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.route("**/say/", lose)
    page.locator("#reply").press_sequentially("We come at six.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Not sent: there is no connection. Your words are kept.")).to_be_visible()
    expect(page.locator(".message.out", has_text="We come at six.")).to_be_visible()
    page.unroute("**/say/")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reply")).to_have_value("")
    assert held.messages.filter(sort="reply").count() == 1


def test_words_said_already_are_not_put_back_after_a_lost_answer(
    held: Contact, agent: Agent, page: Page, live_site: str
) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.route("**/say/", lose)
    page.locator("#reply").press_sequentially("We come at six.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Not sent: there is no connection.")).to_be_visible()
    page.reload()
    expect(page.locator(".message.out", has_text="We come at six.")).to_be_visible()
    expect(page.locator("#reply")).to_have_value("")


def test_words_are_there_after_being_signed_out(held: Contact, agent: Agent, page: Page, live_site: str) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("We come at six.")
    Session.objects.all().delete()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/account/login/"))
    page.locator("input[name=login]").fill("samuel")
    page.locator("input[name=password]").fill("Lantern-1912")
    page.keyboard.press("Enter")
    expect(page.locator("#reply")).to_have_value("We come at six.")
    assert not held.messages.filter(sort="reply").exists()


def test_reply_pressed_twice_quickly_is_sent_once(held: Contact, agent: Agent, page: Page, live_site: str) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").fill("We come at six.")
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.locator(".message.out", has_text="We come at six.")).to_have_count(1)
    expect(page.locator("#reply")).to_have_value("")
    assert held.messages.filter(sort="reply").count() == 1


def test_contact_that_moved_on_while_writing_keeps_the_words(
    organisation: Organisation, held: Contact, agent: Agent, page: Page, live_site: str, axe: Axe
) -> None:
    page.route("**/live/**", lambda route: route.abort())
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("We come at six.")
    lead = make_user(organisation, role=Role.LEAD)
    queue = Queue.objects.get(organisation=organisation, code="care")
    routing.transfer(contact=held, queue=queue, by=lead, reason="", now=timezone.now())
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("This contact is no longer with you")).to_be_visible()
    expect(page.locator("#desk-write")).to_contain_text("We come at six.")
    axe(page)
    assert not held.messages.filter(sort="reply").exists()


def test_contact_taken_away_is_told_live(
    organisation: Organisation, held: Contact, agent: Agent, page: Page, live_site: str
) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    lead = make_user(organisation, role=Role.LEAD)
    queue = Queue.objects.get(organisation=organisation, code="care")
    routing.transfer(contact=held, queue=queue, by=lead, reason="", now=timezone.now())
    expect(page.get_by_text("This contact is no longer with you")).to_be_visible()
    expect(page.locator("#desk-log")).to_be_empty()
    expect(page.locator(f"#item-{held.reference}")).not_to_be_attached()


def test_snippet_of_the_public_page_goes_into_the_answer(
    held: Contact, agent: Agent, page: Page, live_site: str
) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("Dear Ani,")
    snippet = page.locator("#snippet-0")
    snippet.locator("summary").click()
    said = snippet.locator("[data-insert]").get_attribute("data-insert")
    snippet.get_by_role("button", name="Put into the answer").click()
    expect(page.locator("#reply")).to_have_value(f"Dear Ani,\n\n{said}")
    has_focus(page, "#reply")


def test_single_keys_can_be_switched_off(held: Contact, agent: Agent, page: Page, live_site: str, axe: Axe) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    axe(page)
    page.get_by_label("Use single keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("b")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Available")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#closing")).not_to_be_attached()
    page.keyboard.press("?")
    page.get_by_label("Use single keys").check()
    page.get_by_role("button", name="Done").click()
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Break")).to_have_attribute("aria-pressed", "true")


def test_single_keys_do_nothing_while_typing(held: Contact, agent: Agent, page: Page, live_site: str) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("about fish?")
    expect(page.locator("#reply")).to_have_value("about fish?")
    expect(page.get_by_role("button", name="Available")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#desk-keys")).not_to_be_visible()


def test_form_above_the_conversation_opens_by_key_and_closes_by_escape(
    held: Contact, agent: Agent, page: Page, live_site: str
) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").press_sequentially("Half a sen")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    has_focus(page, "#id_day")
    page.keyboard.type("someday")
    page.keyboard.press("Enter")
    expect(page.get_by_text("We could not read this date.")).to_be_visible()
    has_focus(page, "#id_day")
    expect(page.locator("#reply")).to_have_value("Half a sen")
    page.keyboard.press("Escape")
    expect(page.locator("#panel-form")).not_to_be_attached()
    has_focus(page, "#open-aside")
    page.keyboard.press("h")
    has_focus(page, "#panel-form input[type=radio]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have asked for the duty lead.")).to_be_visible()
    expect(page.locator("#reply")).to_have_value("Half a sen")


def test_form_above_the_conversation_stays_as_it_is_while_an_answer_is_sent(
    held: Contact, agent: Agent, page: Page, live_site: str
) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.get_by_role("button", name="Pass on").click()
    page.locator("#id_reason").fill("It is about money")
    page.locator("#reply").fill("A colleague goes on.")
    page.locator("#reply").press("Control+Enter")
    expect(page.locator(".message.out", has_text="A colleague goes on.")).to_be_visible()
    expect(page.locator("#reply")).to_have_value("")
    expect(page.locator("#id_reason")).to_have_value("It is about money")
    expect(page.locator("#open-transfer")).to_have_attribute("aria-expanded", "true")


def test_folds_stay_open_when_the_side_changes(held: Contact, agent: Agent, page: Page, live_site: str) -> None:
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#fold-trail > summary").click()
    further.add_words(contact=held, text="More", door="p", key="1", digest="1", now=timezone.now())
    expect(page.locator("#fold-trail")).to_contain_text("The person wrote again")
    expect(page.locator("#fold-trail")).to_have_attribute("open", "")


@pytest.mark.parametrize(
    ("language", "size", "dark"),
    [
        ("en", DESKTOP, False),
        ("en", SMALL, True),
        ("fa", DESKTOP, True),
        ("fa", SMALL, False),
        ("hy", ZOOMED, False),
        ("zh-hans", ZOOMED, True),
    ],
)
def test_no_page_of_the_desk_has_a_grave_finding(
    organisation: Organisation,
    held: Contact,
    agent: Agent,
    new_page: Pages,
    live_site: str,
    axe: Axe,
    language: str,
    size: ViewportSize,
    dark: bool,
) -> None:
    now = timezone.now()
    conversation.reply(contact=held, body="Dear Ani", by=agent.user, now=now)
    conversation.note(contact=held, body="Called", by=agent.user, now=now)
    closed = take(make_contact(organisation, now=now, language=language), agent)
    conversation.close(contact=closed, disposition="solved", summary="Done", by=agent.user, now=now)
    writing_up = take(make_contact(organisation, now=now), agent)
    conversation.finish(contact=writing_up, by=agent.user, now=now)
    make_contact(organisation, now=now, danger=True)
    routing.dispatch(organisation=organisation, now=now)
    open_forms = [f"{held.reference}/?open={name}" for name in ("aside", "transfer", "hand", "type", "date")]
    addresses = ["", f"{held.reference}/", f"{closed.reference}/", f"{writing_up.reference}/", *open_forms]
    page = enter(new_page(viewport=size, dark=dark), agent, live_site)
    page.context.add_cookies([{"name": "pharos_language", "value": language, "url": live_site}])
    for address in addresses:
        page.goto(f"/desk/{address}")
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        axe(page)


def test_columns_on_a_small_screen_are_switched(held: Contact, agent: Agent, new_page: Pages, live_site: str) -> None:
    page = enter(new_page(viewport=SMALL), agent, live_site)
    page.goto("/desk/")
    expect(page.locator(".desk-own")).to_be_visible()
    expect(page.locator(".desk-talk")).not_to_be_visible()
    page.goto(f"/desk/{held.reference}/")
    expect(page.locator(".desk-talk")).to_be_visible()
    expect(page.locator(".desk-own")).not_to_be_visible()
    page.get_by_role("link", name="Person and guidance").click()
    expect(page.locator(".desk-side")).to_be_visible()
    expect(page.locator(".desk-talk")).not_to_be_visible()


def test_what_did_not_arrive_is_sent_again_by_one_key(held: Contact, agent: Agent, page: Page, live_site: str) -> None:
    now = timezone.now()
    message = conversation.reply(contact=held, body="A coach waits.", by=agent.user, now=now)
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED, failure="550 No such person")
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.locator("#reply").fill("Half a sent")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_text("It goes out again.")).to_be_visible()
    expect(page.locator(f"#again-{message.pk}")).to_have_count(0)
    expect(page.locator("#reply")).to_have_value("Half a sent")
    message.refresh_from_db()
    assert message.state == Message.State.QUEUED


def test_news_that_come_before_the_answer_take_nothing_of_it_away(
    held: Contact, agent: Agent, page: Page, live_site: str
) -> None:
    before = timezone.now() - timedelta(minutes=1)
    message = conversation.reply(contact=held, body="A coach waits.", by=agent.user, now=before)
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED, failure="550 No such person")
    enter(page, agent, live_site).goto(f"/desk/{held.reference}/")
    page.evaluate("document.body.addEventListener('htmx:sseMessage', () => (document.body.dataset.heard = ''))")
    asked: list[Route] = []
    page.route("**/again/", lambda route: asked.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    with page.expect_request("**/again/"):
        page.locator(f"#again-{message.pk}").press("e")
    further.add_words(contact=held, text="Are you there?", door="page", key="1", digest="1", now=timezone.now())
    page.locator("body[data-heard]").wait_for()
    asked[0].continue_()
    expect(page.get_by_text("It goes out again.")).to_be_visible()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Are you there?")
    expect(page.locator(f"#again-{message.pk}")).to_have_count(0)
