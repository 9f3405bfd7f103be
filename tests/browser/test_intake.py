"""What a colleague keys in without a connection is sealed on the device, and reaches the centre once."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from pharos.models import Agent, Channel, Contact, Organisation
from tests import services
from tests.browser.conftest import FLAGS, PHONE, Pages
from tests.browser.test_desk import enter
from tests.factories import make_agent, make_organisation

Axe = Callable[[Page], None]
SEALED = """async () => {
  const open = indexedDB.open("pharos-intake");
  await new Promise((done) => { open.onsuccess = done; });
  const stores = [...open.result.objectStoreNames];
  const all = open.result.transaction(stores).objectStore("records").getAll();
  const who = open.result.transaction(stores).objectStore("device").get("who");
  await new Promise((done) => { who.onsuccess = done; });
  const text = (value) => value instanceof ArrayBuffer ? new TextDecoder().decode(value) : String(value);
  const rows = all.result.map((row) => Object.values(row).map(text).join(" "));
  return { rows, canReadKey: who.result?.seal.extractable ?? null };
}"""


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    """The organisation that answers at this site."""
    return make_organisation("ferry", host="127.0.0.1", name={"en": "Ferry", "fa": "کشتی"})


@pytest.fixture
def agent(organisation: Organisation) -> Agent:
    """The colleague at the counter."""
    return make_agent(organisation, "samuel", status=Agent.Status.OFFLINE)


def at_the_counter(page: Page) -> Page:
    """The page is there, and the worker has all it needs to be without a connection."""
    page.goto("/desk/intake/")
    ready(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    return page


def ready(page: Page) -> None:
    expect(page.locator("[data-intake][data-ready]")).to_be_attached()


def key_in(page: Page, words: str, **more: str) -> None:
    page.fill("#id_text", words)
    for name, value in more.items():
        page.fill(f"#id_{name}", value)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#id_text")).to_have_value("")


def offline(page: Page, is_offline: bool = True) -> None:
    page.context.set_offline(is_offline)


def test_records_of_an_offline_day_reach_the_centre_once(
    agent: Agent, new_page: Pages, live_site: str, axe: Axe
) -> None:
    page = at_the_counter(enter(new_page(), agent, live_site))
    axe(page)
    key_in(page, "With a connection", name="Ani")
    expect(page.locator("[data-state=sent]")).to_be_visible()
    assert Contact.objects.get().channel == Channel.STAFF

    offline(page)
    key_in(page, "Secret words of an offline day", name="Maryam")
    expect(page.locator("[data-part=count]")).to_have_text("One record waits to be sent.")
    expect(page.get_by_text("Waits for the connection")).to_be_visible()
    key_in(page, "Second", email="second@example.org")
    page.fill("#id_text", "Half a sent")
    page.wait_for_timeout(600)
    page.reload()
    ready(page)
    expect(page.get_by_text("There is no connection to the centre")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("Half a sent")
    expect(page.locator("[data-part=count]")).to_have_text("2 records wait to be sent.")
    sealed = page.evaluate(SEALED)
    assert len(sealed["rows"]) == 2
    assert sealed["canReadKey"] is False
    assert not any(word in row for row in sealed["rows"] for word in ("Secret", "Maryam", "example.org"))
    axe(page)
    assert Contact.objects.count() == 1

    offline(page, False)
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("[data-part=count]")).to_have_text("Nothing waits: all was sent.")
    assert Contact.objects.count() == 3
    assert not page.evaluate(SEALED)["rows"]
    page.reload()
    ready(page)
    assert Contact.objects.count() == 3


def test_answer_that_was_lost_makes_no_second_contact(agent: Agent, new_page: Pages, live_site: str) -> None:
    page = at_the_counter(enter(new_page(), agent, live_site))
    lost: list[str] = []

    def lose(route: object) -> None:
        lost.append("one")
        if len(lost) == 1:
            route.fetch()  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/desk/intake/sync/", lose)
    key_in(page, "Told once")
    expect(page.get_by_text("There is no connection now.", exact=False)).to_be_visible()
    assert Contact.objects.count() == 1
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("[data-part=count]")).to_have_text("Nothing waits: all was sent.")
    assert Contact.objects.count() == 1
    assert len(lost) == 2


def test_record_that_is_refused_is_kept_and_corrected(agent: Agent, new_page: Pages, live_site: str) -> None:
    page = at_the_counter(enter(new_page(), agent, live_site))
    key_in(page, "By some day", needed_by="sometime")
    expect(page.locator("[data-state=refused]")).to_have_text("Not taken: look at it again")
    expect(page.get_by_text("We could not read this date.", exact=False)).to_be_visible()
    page.get_by_role("button", name="Correct it").click()
    expect(page.locator("#id_needed_by")).to_be_focused()
    page.fill("#id_needed_by", "1/12/2026")
    page.keyboard.press("Enter")
    expect(page.locator("[data-state=sent]")).to_be_visible()
    assert Contact.objects.get().needed_by


def test_what_is_missing_is_said_before_it_is_kept(agent: Agent, new_page: Pages, live_site: str, axe: Axe) -> None:
    page = at_the_counter(enter(new_page(), agent, live_site))
    page.fill("#id_email", "nobody")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#id_text")).to_be_focused()
    expect(page.get_by_text("Please write a few words about what they need.")).to_be_visible()
    axe(page)
    assert not page.evaluate(SEALED)["rows"]


def test_session_that_ended_asks_to_sign_in_and_loses_nothing(
    agent: Agent, organisation: Organisation, new_page: Pages, live_site: str
) -> None:
    page = at_the_counter(enter(new_page(), agent, live_site))
    page.context.clear_cookies()
    key_in(page, "After the session", name="Maryam")
    expect(page.get_by_text("Sign in first")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(f"{live_site}/account/login/?next=/desk/intake/")
    page.wait_for_function("async () => (await indexedDB.databases()).length > 0")
    assert len(page.evaluate(SEALED)["rows"]) == 1
    page.wait_for_timeout(200)
    assert page.evaluate(SEALED)["canReadKey"] is None

    other = make_agent(organisation, "narine", status=Agent.Status.OFFLINE)
    at_the_counter(enter(page, other, live_site))
    expect(page.get_by_text("One more record is sealed here for samuel.", exact=False)).to_be_visible()
    assert not Contact.objects.exists()

    at_the_counter(enter(page, agent, live_site))
    expect(page.locator("[data-part=count]")).to_have_text("Nothing waits: all was sent.")
    event = Contact.objects.get().events.get(code="received")
    assert event.user == agent.user


def test_phone_in_persian_has_room(agent: Agent, new_page: Pages, live_site: str, axe: Axe) -> None:
    page = at_the_counter(enter(new_page(viewport=PHONE, locale="fa-IR", dark=True), agent, live_site))
    offline(page)
    key_in(page, "کشتی لغو شد")
    expect(page.locator("[data-part=count]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    page.get_by_role("link", name="فرم‌های کاغذی برای چاپ").click()  # they are there without a connection as well
    expect(page.get_by_role("heading", name="درخواست کمک")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)


def test_form_without_scripts_is_an_ordinary_one(agent: Agent, new_page: Pages, live_site: str) -> None:
    page = enter(new_page(javascript=False), agent, live_site)
    page.goto("/desk/intake/")
    page.fill("#id_text", "On foot")
    page.get_by_role("button", name="Keep it, and the next").click()
    expect(page.get_by_text("Taken down. Reference:", exact=False)).to_be_visible()
    assert timezone.now() - Contact.objects.get().arrived_at < timedelta(minutes=1)


def test_browser_that_was_closed_opens_with_all_that_waited(
    agent: Agent, new_page: Pages, live_site: str, tmp_path: Path
) -> None:
    def start() -> BrowserContext:
        return new_page.browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=services.chromium(), args=FLAGS, base_url=live_site
        )

    context = start()
    page = at_the_counter(enter(context.pages[0], agent, live_site))
    offline(page)
    key_in(page, "Before the lights went out")
    context.close()

    context = start()
    page = context.pages[0]
    offline(page)
    page.goto("/desk/intake/")
    ready(page)
    expect(page.locator("[data-part=count]")).to_have_text("One record waits to be sent.")
    assert not Contact.objects.exists()
    enter(page, agent, live_site)
    offline(page, False)
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("[data-part=count]")).to_have_text("Nothing waits: all was sent.")
    context.close()
    assert Contact.objects.get().messages.get(sort="request").body == "Before the lights went out"
