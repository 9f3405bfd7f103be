"""An agent finds out by keyboard who they are talking with."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pharos.models import Agent, IdentityCheck, Message, Organisation
from tests.browser.conftest import Pages
from tests.browser.test_desk import enter, has_focus, tab_to, take
from tests.factories import make_agent, make_contact, make_organisation

Axe = Callable[[Page], None]


@pytest.fixture
def organisation(live_site: str) -> Organisation:
    """The organisation that answers at this site."""
    return make_organisation("ferry", host="127.0.0.1")


def test_a_code_is_sent_and_told_by_keyboard_only(
    organisation: Organisation, new_page: Pages, live_site: str, axe: Axe
) -> None:
    agent = make_agent(organisation, "samuel", status=Agent.Status.OFFLINE)
    contact = take(make_contact(organisation, now=timezone.now() - timedelta(minutes=5), email="a@example.org"), agent)
    page = enter(new_page(), agent, live_site)
    page.goto(f"/desk/{contact.reference}/")
    expect(page.locator("#desk-person").get_by_text("Not checked yet")).to_be_visible()
    page.keyboard.press("i")
    has_focus(page, "#panel-form button[value=send]")
    axe(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The code is on its way.")).to_be_visible()
    letter = contact.messages.filter(sort=Message.Sort.CODE).get()
    code = re.search(r"(?<!\d)\d{6}(?!\d)", letter.body)
    assert code
    tab_to(page, "#id_code")
    page.keyboard.type(code[0])
    page.keyboard.press("Enter")
    expect(page.locator("#desk-person").get_by_text("Checked: told us the code")).to_be_visible()
    axe(page)
    assert IdentityCheck.objects.get().by == agent.user
    assert contact.messages.filter(sort=Message.Sort.CODE).count() == 1
