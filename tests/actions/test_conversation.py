"""From the answer to the close, and back again."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import conversation, promises, routing
from pharos.actions.errors import Refused
from pharos.models import Agent, Contact, Message, Offer, Promise
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
State = Contact.State


def taken(now: datetime) -> tuple[Contact, Agent]:
    """A contact in the hands of an agent."""
    organisation = make_organisation()
    contact, agent = make_contact(organisation, now=now), make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    return routing.accept(offer=Offer.objects.get(contact=contact), agent=agent, now=now), agent


def fresh(contact: Contact) -> Contact:
    """As it is stored now."""
    return Contact.objects.get(pk=contact.pk)


def test_a_reply_goes_out_and_settles_the_promise(now: datetime) -> None:
    contact, agent = taken(now)
    message = conversation.reply(contact=contact, body="We rebook you", by=agent.user, now=now)
    assert (message.state, message.body) == (Message.State.QUEUED, "We rebook you")
    assert fresh(contact).first_answered_at == now
    assert Promise.objects.get().settled_at == now


def test_a_note_is_no_answer(now: datetime) -> None:
    contact, agent = taken(now)
    conversation.note(contact=contact, body="Called the port", by=agent.user, now=now)
    assert fresh(contact).first_answered_at is None


def test_nobody_else_may_reply(now: datetime) -> None:
    contact, _ = taken(now)
    other = make_agent(contact.organisation)
    with pytest.raises(Refused):
        conversation.reply(contact=contact, body="Hello", by=other.user, now=now)
    assert contact.messages.filter(sort=Message.Sort.REPLY).count() == 0


def test_the_close_needs_a_summary_and_sends_it(now: datetime) -> None:
    contact, agent = taken(now)
    conversation.finish(contact=contact, by=agent.user, now=now)
    with pytest.raises(Refused):
        conversation.close(contact=contact, disposition="solved", summary=" ", by=agent.user, now=now)
    assert fresh(contact).state == State.WRAP_UP
    conversation.close(contact=contact, disposition="solved", summary="New trip on Friday.", by=agent.user, now=now)
    assert fresh(contact).state == State.CLOSED
    assert "New trip on Friday." in contact.messages.get(sort=Message.Sort.SUMMARY).body


def test_set_aside_comes_back_at_its_time(now: datetime) -> None:
    contact, agent = taken(now)
    until = now + timedelta(hours=2)
    conversation.pend(contact=contact, until=until, by=agent.user, now=now)
    assert routing.wake_due(now=until - timedelta(seconds=1)) == 0
    assert routing.wake_due(now=until) == 1
    assert fresh(contact).state == State.WAITING


def test_an_answered_contact_that_wakes_is_told_anew_and_breaks_no_old_promise(now: datetime) -> None:
    organisation = make_organisation()
    contact, agent = make_contact(organisation, now=now), make_agent(organisation)
    soon = now + timedelta(hours=1)
    Contact.objects.filter(pk=contact.pk).update(promise_by=soon, guard_at=soon)
    routing.dispatch(organisation=organisation, now=now)
    contact = routing.accept(offer=Offer.objects.get(contact=contact), agent=agent, now=now)
    conversation.reply(contact=contact, body="We ask the port.", by=agent.user, now=now)
    until = now + timedelta(days=2)
    conversation.pend(contact=contact, until=until, by=agent.user, now=now)
    routing.wake_due(now=until)
    assert promises.revise(organisation=organisation, now=until + timedelta(seconds=5)) == 0
    assert contact.messages.filter(sort=Message.Sort.PROMISE_MOVED).count() == 0
    assert contact.promises.filter(settled_at__isnull=True).count() == 1
