"""Nothing a customer can meet puts a label on anyone, in any language."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from pharos import content
from pharos.actions import conversation, demo, promises, routing
from pharos.models import Agent, Contact, Message, Offer, Organisation
from tests.factories import make_contact

LABELS = ("vulnerab", "آسیب‌پذیر", "آسیب پذیر", "خոցելի", "խոցելի", "脆弱", "弱势")
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def without_labels(text: str, where: str) -> None:
    """Fail on any of the words."""
    for label in LABELS:
        assert label not in text.casefold(), where


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_and_message_of_a_whole_story(language: str) -> None:
    now = timezone.now()
    demo.ensure(now=now)
    organisation = Organisation.objects.get()
    incident = organisation.incidents.get()
    every_need = tuple(content.needs())
    contact = make_contact(
        organisation, now=now, language=language, incident=incident, needs=every_need, request_type="assistance"
    )
    client = Client(headers={"host": "127.0.0.1"})
    person = f"/{language}/r/{contact.page_token}/"
    paths = [
        f"/{language}/",
        f"/{language}/request/",
        f"/{language}/request/steps/",
        f"/{language}/i/{incident.slug}/",
        f"/{language}/i/{incident.slug}/request/",
        f"/{language}/i/{incident.slug}/atom.xml",
        person,
        f"{person}leave/",
        f"/{language}/nothing-here/",
    ]
    for path in paths:
        without_labels(client.get(path).content.decode(), path)
    _tell_everything(contact)
    without_labels(client.get(person).content.decode(), person)
    for message in Message.objects.filter(contact=contact):
        without_labels(f"{message.subject}\n{message.body}", message.sort)


def _tell_everything(contact: Contact) -> None:
    """Every letter that one contact can cause."""
    now = timezone.now()
    Contact.objects.filter(pk=contact.pk).update(promise_by=now)
    promises.revise(organisation=contact.organisation, now=now + timedelta(seconds=1))
    agent = Agent.objects.filter(languages__icontains=contact.language).first()
    assert agent is not None
    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=now)
    Contact.objects.filter(pk=contact.pk).update(state=Contact.State.OFFERED, agent=agent)
    offer = Offer.objects.create(
        organisation=contact.organisation,
        contact=contact,
        agent=agent,
        offered_at=now,
        expires_at=now,
        index=1,
        reason="danger",
    )
    held = routing.accept(offer=offer, agent=agent, now=now)
    conversation.reply(contact=held, body="We are here.", by=agent.user, now=now)
    conversation.close(contact=held, disposition="solved", summary="Done.", by=agent.user, now=now)
    again = Contact.objects.get(pk=contact.pk)
    conversation.add_words(contact=again, text="One more thing", door="page", key="k", digest="d", now=now)
