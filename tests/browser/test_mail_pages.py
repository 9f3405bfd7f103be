"""Mail kept aside, and what came with a mail, as administrators and agents read it."""

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.actions import routing
from pharos.channels.email.inbox import Came, take_in
from pharos.models import Contact, Identity, Offer, Organisation, Role, User
from tests.browser.conftest import DESKTOP, PHONE
from tests.channels.email.conftest import make_pipe
from tests.channels.email.test_inbox import with_files
from tests.factories import make_agent, make_organisation, make_user

ASIDE = (
    b"From: =?utf-8?b?2YXYsduM2YU=?= <maryam@example.org>\r\nTo: help@lines.example.org\r\n"
    b"Subject: =?utf-8?b?2K7Yp9ix2Kwg2KfYsiDYr9mB2KrYsQ==?=\r\nMessage-ID: <away@theirs.example.org>\r\n"
    b"Auto-Submitted: auto-replied\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    + "من تا دوشنبه در دفتر نیستم.\r\n".encode()
)


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
