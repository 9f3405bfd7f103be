"""Mail kept aside, and what came with a mail, as administrators and agents read it."""

import os
from pathlib import Path

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.templatetags.static import static
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.actions import routing
from pharos.channels.email.inbox import Came, take_in
from pharos.models import Contact, Identity, MailPage, Offer, Organisation, Role, User
from tests.browser.conftest import DESKTOP, PHONE
from tests.channels.email.conftest import make_pipe
from tests.channels.email.test_as_sent import drawn
from tests.channels.email.test_inbox import with_files
from tests.factories import make_agent, make_organisation, make_user

ASIDE = (
    b"From: =?utf-8?b?2YXYsduM2YU=?= <maryam@example.org>\r\nTo: help@lines.example.org\r\n"
    b"Subject: =?utf-8?b?2K7Yp9ix2Kwg2KfYsiDYr9mB2KrYsQ==?=\r\nMessage-ID: <away@theirs.example.org>\r\n"
    b"Auto-Submitted: auto-replied\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    + "من تا دوشنبه در دفتر نیستم.\r\n".encode()
)

STYLE = static("css/as_sent.css")
SENT = (
    "<h2>Our <b>booking</b></h2><table><tr><th>Outward</th><td>3 May</td></tr><tr><th>Return</th><td>9 May</td></tr>"
    '</table><blockquote>We will write.</blockquote><p>The notice: <img src="cid:notice" alt="A notice">. '
    'Ten <s>of us</s> wait. <a href="https://ferry.example.org/x">Our page</a></p>'
)
# What the parser never lets through: the page holds even where it did.
HOSTILE = '<script>document.title = "acted"</script><img src="/x.svg" onerror="document.title = `acted`">'


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    return make_organisation("ferry", host="127.0.0.1")


@pytest.fixture
def admin(organisation: Organisation) -> User:
    return make_user(organisation, "admin", role=Role.ADMIN, name="Ada Admin", email="ada@example.org")


@pytest.fixture
def mails(organisation: Organisation) -> Contact:
    """Mail that could not be taken, and one whose file could not be."""
    entry, now = make_pipe(organisation), timezone.now()
    for raw in (ASIDE, b"\r\n\r\nno head at all", with_files(("letter.docx", "application/zip", b"PK\x03\x04xx"))):
        take_in(Came(raw, entry, len(raw)), now=now)
    Identity.objects.update(undelivered_at=now, undelivered="550 5.1.1 No such person")
    return Contact.objects.get()


def sign_in(page: Page, username: str, path: str) -> None:
    page.goto(f"/account/login/?next={path}")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill("Lantern-1912")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize(
    ("language", "viewport"), [("en", DESKTOP), ("fa", PHONE), ("hy", PHONE), ("zh-hans", DESKTOP)]
)
def test_mail_kept_aside_can_be_read_by_everyone(new_page, live_site, axe, admin, mails, language, viewport):
    page = new_page(viewport=viewport, dark=viewport is PHONE)
    sign_in(page, "admin", "/lead/set-up/mail/")
    page.context.add_cookies([{"name": "pharos_language", "value": language, "url": live_site}])
    first = mails.organisation.quarantined.order_by("id")[0]
    for path in ("mail/", "mail/aside/", f"mail/aside/{first.pk}/", "channels/add/imap/"):
        page.goto(f"/lead/set-up/{path}")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        _shot(page, f"{language}-{path.replace('/', '_')}")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_agent_sees_what_was_not_taken_and_that_mail_does_not_arrive(
    new_page, live_site, axe, organisation, mails, language
):
    agent, now = make_agent(organisation, "ani"), timezone.now()
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    page = new_page()
    sign_in(page, "ani", f"/desk/{mails.reference}/")
    page.context.add_cookies([{"name": "pharos_language", "value": language, "url": live_site}])
    page.reload()
    axe(page)
    expect(page.get_by_text("letter.docx")).to_be_visible()
    _shot(page, f"desk-{language}")


def _shot(page: Page, name: str) -> None:
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("language", "viewport", "javascript"), [("en", DESKTOP, False), ("fa", PHONE, True)])
def test_agent_sees_a_mail_as_it_was_sent_and_nothing_in_it_runs_or_loads(
    new_page, live_site, axe, organisation, settings, tmp_path, language, viewport, javascript
):
    settings.UPLOADS_DIR = tmp_path
    entry, agent, now = make_pipe(organisation), make_agent(organisation, "ani"), timezone.now()
    raw = drawn(html=SENT)
    take_in(Came(raw, entry, len(raw)), now=now)
    MailPage.objects.update(html=Concat(F("html"), Value(HOSTILE)))
    routing.dispatch(organisation=organisation, now=now)
    contact = routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    page = new_page(viewport=viewport, dark=viewport is PHONE)
    sign_in(page, "ani", f"/desk/{contact.reference}/")
    page.context.add_cookies([{"name": "pharos_language", "value": language, "url": live_site}])
    page.reload()
    axe(page)
    _shot(page, f"message-{language}")
    way = page.locator("a[href*='/mail/']").get_attribute("href")
    browser = page.context.browser
    opened = browser.new_context(
        base_url=live_site, storage_state=page.context.storage_state(), java_script_enabled=javascript
    ).new_page()
    fetched: list[str] = []
    opened.on("response", lambda response: fetched.append(response.url))
    opened.set_viewport_size(viewport)
    opened.goto(way)
    expect(opened.get_by_role("cell", name="9 May")).to_be_visible()
    expect(opened.get_by_alt_text("A notice")).to_have_js_property("naturalWidth", 4)
    assert [url for url in fetched if not url.startswith("data:")] == [live_site + way, live_site + STYLE]
    assert opened.locator("main").evaluate("main => getComputedStyle(main).overflowX") == "auto"
    assert opened.title() != "acted"
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    _shot(opened, f"as-sent-{language}")
    opened.context.close()
