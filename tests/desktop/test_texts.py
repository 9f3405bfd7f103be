"""What the agent sees of text messages: where an answer goes, in how many parts, and whether it arrived."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pharos.actions import conversation
from pharos.models import Agent, Contact, Message
from tests.channels.sms_peer import PERSON, SmsDoor
from tests.factories import make_agent, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def door() -> SmsDoor:
    return SmsDoor("twilio", Client(), make_organisation(host="testserver"))


@pytest.fixture
def agent(door: SmsDoor) -> Agent:
    return make_agent(door.entry.organisation)


@pytest.fixture
def contact(door: SmsDoor, agent: Agent) -> Contact:
    door.deliver("one", "Our ferry is cancelled.")
    Contact.objects.update(state=Contact.State.ACTIVE, agent=agent, accepted_at=timezone.now())
    return Contact.objects.get()


@pytest.fixture
def desk(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.user)
    return client


def page(desk: Client, contact: Contact, language: str = "en") -> str:
    desk.cookies["pharos_language"] = language
    return desk.get(reverse("desk_contact", kwargs={"reference": contact.reference})).content.decode()


def test_answer_by_text_says_where_it_goes_and_in_how_many_parts(desk, contact):
    shown = page(desk, contact)
    assert f"Goes by text message to \u2068{PERSON}\u2069." in shown
    assert "Parts of the text message: 1. Left in the last: 160 characters." in shown


def test_draft_is_counted_without_scripts(desk, contact):
    url = reverse("desk_say", kwargs={"reference": contact.reference})
    desk.post(url, {"body": "سلام " * 20, "after": "0", "as": "keep"})
    assert "Parts of the text message: 2. Left in the last: 35 characters." in page(desk, contact)
    assert "۲" in page(desk, contact, "fa").partition('id="reply-parts"')[2][:600]


def test_answer_that_is_too_long_for_a_text_says_so(desk, contact):
    url = reverse("desk_say", kwargs={"reference": contact.reference})
    desk.post(url, {"body": "word " * 400, "after": "0", "as": "keep"})
    assert ">Too long for a text message" in page(desk, contact)


def test_mail_is_not_counted(desk, contact):
    Message.objects.filter(direction="in").update(channel="email", address="ani@example.org")
    assert "reply-parts" not in page(desk, contact)


def test_log_says_what_was_delivered_and_in_how_many_parts(desk, contact, agent):
    message = conversation.reply(contact=contact, body="We call you. " * 20, by=agent.user, now=timezone.now())
    rows = Message.objects.filter(pk=message.pk)
    rows.update(state=Message.State.SENT, settled_at=timezone.now())
    assert "· Parts: 2" in page(desk, contact)
    rows.update(delivered_at=timezone.now())
    assert "Delivered" in page(desk, contact)


def test_person_who_wants_no_texts_is_seen(desk, contact, door):
    door.deliver("two", "STOP")
    shown = page(desk, contact)
    assert "The person wants no more text messages: they read it on their page." in shown
    assert ">STOP<" in shown
    assert "reply-parts" not in shown
