"""The chat in a browser: on a strange site, without an origin, without a script, through a lost connection."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.utils import timezone
from playwright.sync_api import FrameLocator, Page, Route, expect

from pharos.actions import conversation, routing
from pharos.models import Agent, Channel, Chat, Contact, EntryPoint, Message, Organisation
from tests.browser.conftest import PHONE, Pages
from tests.browser.test_desk import enter
from tests.factories import make_agent, make_organisation, who_has

Axe = Callable[[Page], None]
START = "/en/chat/widget/"


class Site:
    """A customer's own site on another origin: one page with the script tag, and frames around it."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = pages.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.abroad = (
            f"http://localhost:{self.server.server_port}"  # another site to a browser, which then stores nothing
        )


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    return make_organisation("ferry", host="127.0.0.1", emergency_phone="112", quick_exit_url=f"{live_site}/healthz")


@pytest.fixture
def site(organisation: Organisation, live_site: str) -> Iterator[Site]:
    site = Site()
    EntryPoint.objects.create(
        organisation=organisation,
        channel=Channel.CHAT,
        adapter="chat",
        address="site",
        token="widget",
        options={"sites": f"{site.address} {site.abroad}"},
        created_at=timezone.now(),
    )
    head = '<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1">'
    for language in ("en", "fa"):
        tag = f'<script src="{live_site}/chat/widget.js" async data-language="{language}"></script>'
        site.pages[f"/{language}"] = (
            f"{head}<title>Ferries</title>{tag}</head><body><main><h1>Ferries</h1></main></body>"
        )
    boxed = '<iframe title="box" sandbox="allow-scripts allow-forms" width="400" height="700" src="{}"></iframe>'
    site.pages["/boxed-page"] = f"{head}<title>Boxed</title></head><body>{boxed.format('/en')}</body>"
    site.pages["/boxed-chat"] = f"{head}<title>Boxed</title></head><body>{boxed.format(live_site + START)}</body>"
    thread = Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def taken(organisation: Organisation, username: str = "lilit") -> tuple[Contact, Agent]:
    """The one contact, in the hands of an agent."""
    agent, contact, now = make_agent(organisation, username), Contact.objects.get(), timezone.now()
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=contact.offers.get(), agent=agent, now=now)
    contact.refresh_from_db()
    return contact, agent


def answer(contact: Contact, body: str) -> Message:
    return conversation.reply(contact=contact, body=body, by=who_has(contact), now=timezone.now())


def begin(page: Page | FrameLocator, text: str = "My ferry is cancelled") -> None:
    page.locator("#id_text").fill(text)
    page.locator("[data-start] button[type=submit]").click()
    expect(page.locator(".conversation")).to_contain_text(text)


def no_wider_than(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_script_tag_on_a_strange_site(site: Site, organisation: Organisation, new_page: Pages, axe: Axe) -> None:
    page = new_page(viewport={"width": 1000, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.address}/en")
    button = page.get_by_role("button", name="Chat with us")
    expect(button).to_be_visible()
    assert [one for one in asked if site.address not in one] == [f"{new_page.site}/chat/widget.js"]
    assert page.evaluate("document.cookie + localStorage.length + sessionStorage.length") == "00"
    axe(page)
    button.press("Enter")
    chat = page.frame_locator("iframe")
    expect(chat.locator("#id_text")).to_be_focused()
    begin(chat)
    contact, _agent = taken(organisation)
    expect(chat.locator("[role=log]")).to_contain_text("is with you now")
    answer(contact, "There is a boat at six.")
    expect(chat.locator("[role=log]")).to_contain_text("There is a boat at six.", timeout=5_000)
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    answer(contact, "And one at nine.")
    expect(page.get_by_role("button", name="A new message in the chat")).to_be_visible()
    page.get_by_role("button", name="A new message in the chat").click()
    expect(chat.locator("[role=log]")).to_contain_text("And one at nine.")
    assert page.context.cookies() == []
    page.reload()
    page.get_by_role("button", name="Chat with us").click()
    expect(chat.locator("[role=log]")).to_contain_text("And one at nine.")  # the way back was remembered
    chat.get_by_role("link", name="Leave quickly").click()
    page.wait_for_url("**/healthz")


@pytest.mark.parametrize("path", ["/boxed-chat", "/boxed-page"])
def test_in_a_sandbox_without_an_origin(site: Site, organisation: Organisation, new_page: Pages, path: str) -> None:
    page = new_page(viewport={"width": 500, "height": 800})
    page.goto(site.abroad + path)
    box = page.frame_locator("iframe")
    if path == "/boxed-page":
        box.get_by_role("button", name="Chat with us").click()
    begin(box)
    box.locator("#id_text").fill("I am in Piraeus")
    box.get_by_role("button", name="Send", exact=True).click()
    contact, _agent = taken(organisation)
    answer(contact, "There is a boat at six.")
    expect(box.locator("[role=log]")).to_contain_text("There is a boat at six.", timeout=5_000)
    expect(box.locator("[role=log]")).to_contain_text("I am in Piraeus")
    expect(box.locator(".waits")).to_have_count(0)
    box.locator("details summary").click()
    expect(box.get_by_text("This browser remembers nothing of it")).to_be_visible()


def test_a_site_that_is_not_listed_shows_no_chat(site: Site, new_page: Pages) -> None:
    EntryPoint.objects.update(options={"sites": "https://elsewhere.example"})
    page = new_page()
    page.goto(f"{site.address}/en")
    with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        page.get_by_role("button", name="Chat with us").click()
    expect(page.get_by_role("link", name="Open the chat as a page of its own")).to_be_visible()
    expect(page.frame_locator("iframe").locator("#id_text")).to_have_count(0)
    new_page.problems.clear()  # the browser says that it refused the frame


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("fa", True)])
def test_no_page_of_the_chat_has_a_grave_finding(
    site: Site, organisation: Organisation, new_page: Pages, axe: Axe, language: str, dark: bool
) -> None:
    page = new_page(viewport={"width": 320, "height": 640}, dark=dark)
    page.goto(f"/{language}/chat/widget/")
    axe(page)
    no_wider_than(page, 320)
    begin(page)
    axe(page)
    contact, _agent = taken(organisation)
    answer(contact, "There is a boat at six.")
    expect(page.locator("[role=log]")).to_contain_text("boat at six")
    page.locator("details summary").click()
    axe(page)
    no_wider_than(page, 320)


def test_without_javascript(site: Site, organisation: Organisation, new_page: Pages) -> None:
    page = new_page(viewport=PHONE, javascript=False)
    page.goto(START)
    begin(page)
    page.locator("#id_text").fill("With two children")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".conversation")).to_contain_text("With two children")
    contact, _agent = taken(organisation)
    answer(contact, "I look for a cabin.")
    page.get_by_role("link", name="Look for new messages").click()
    expect(page.locator(".conversation")).to_contain_text("I look for a cabin.")


def test_a_cut_connection_and_a_lost_answer_lose_nothing_and_double_nothing(
    site: Site, organisation: Organisation, new_page: Pages
) -> None:
    page = new_page()
    page.goto(START)
    begin(page)
    contact, _agent = taken(organisation)
    expect(page.locator("[role=log]")).to_contain_text("is with you now")
    page.context.set_offline(True)
    page.locator("#id_text").fill("Sent while away")
    page.keyboard.press("Enter")
    expect(page.locator("[data-note]")).to_be_visible()
    answer(contact, "Said meanwhile")
    page.context.set_offline(False)
    expect(page.locator("[role=log]")).to_contain_text("Said meanwhile", timeout=20_000)
    expect(page.locator(".waits")).to_have_count(0)

    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    page.route("**/chat/widget/*/", lose)
    page.locator("#id_text").fill("Its answer was lost")
    page.keyboard.press("Enter")
    expect(page.locator("[data-note]")).to_be_visible()
    page.reload()
    expect(page.locator(".waits")).to_have_count(0)
    for text in ("Sent while away", "Its answer was lost"):
        expect(page.locator(".conversation .out", has_text=text)).to_have_count(1)
        assert Message.objects.filter(body=text).count() == 1


def test_both_sides_see_that_the_other_writes_and_reads(
    site: Site, organisation: Organisation, new_page: Pages
) -> None:
    person, desk = new_page(), new_page()
    person.goto(START)
    begin(person)
    contact, agent = taken(organisation)
    enter(desk, agent, new_page.site).goto(f"/desk/{contact.reference}/")
    expect(desk.get_by_text("In the chat now")).to_be_visible()
    sent: list[str] = []
    person.on("request", lambda request: sent.append(request.post_data or ""))
    with person.expect_response("**/typing/"):
        person.locator("#id_text").press_sequentially("Secret words")
    expect(desk.get_by_text("The person is writing…")).to_be_visible()
    assert not [one for one in sent if "Secret" in one]
    with desk.expect_response("**/typing/"):
        desk.locator("#reply").press_sequentially("One moment")
    expect(person.get_by_text("Somebody is writing to you…")).to_be_visible()
    desk.locator("#act-send").click()
    expect(person.locator("[role=log]")).to_contain_text("One moment")
    expect(desk.get_by_text("Has read your last answer.")).to_be_visible()
    assert contact.messages.get(body="One moment").state == "shown"
    person.close()
    expect(desk.get_by_text("Not in the chat since")).to_be_visible()
    assert Chat.objects.get().away_at
