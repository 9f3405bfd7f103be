"""Words that are typed and not sent, and words that are sent once."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import conversation, drafts, routing
from pharos.actions.errors import Refused
from pharos.models import Agent, Contact, Draft, Offer
from pharos.queries import desk
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
REPLY = Draft.Sort.REPLY


@pytest.fixture
def held(now: datetime) -> tuple[Contact, Agent]:
    """A contact and the agent who has it."""
    organisation = make_organisation()
    make_contact(organisation, now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    return routing.accept(offer=Offer.objects.get(), agent=agent, now=now), agent


def keep(held: tuple[Contact, Agent], body: str, now: datetime, *, after: int = 0) -> bool:
    contact, agent = held
    return drafts.keep(contact=contact, agent=agent, sort=REPLY, body=body, after=after, now=now)


def test_last_words_are_the_draft(held, now):
    assert keep(held, "Dear", now)
    assert keep(held, "Dear Ani", now + timedelta(seconds=1))
    draft = Draft.objects.get()
    assert (draft.body, draft.saved_at) == ("Dear Ani", now + timedelta(seconds=1))


def test_empty_words_forget_the_draft(held, now):
    keep(held, "Dear", now)
    keep(held, "  ", now)
    assert not Draft.objects.exists()


def test_words_too_long_to_keep_are_refused(held, now):
    with pytest.raises(Refused):
        keep(held, "a" * (drafts.MOST_CHARACTERS + 1), now)


def test_drafts_of_two_agents_stand_side_by_side(held, now):
    contact, _agent = held
    keep(held, "Mine", now)
    other = make_agent(contact.organisation)
    drafts.keep(contact=contact, agent=other, sort=REPLY, body="Theirs", now=now)
    assert desk.drafts(contact, other) == {"reply": "Theirs"}


@pytest.mark.parametrize("write", [conversation.reply, conversation.note])
def test_sent_words_are_no_draft_any_more(held, now, write):
    contact, agent = held
    keep(held, "Dear Ani", now)
    message = write(contact=contact, body="Dear Ani", by=agent.user, after=0, now=now)
    assert not Draft.objects.exists()
    assert not keep(held, "Dear Ani", now, after=0)
    assert keep(held, "And then", now, after=message.pk)


@pytest.mark.parametrize("write", [conversation.reply, conversation.note])
def test_same_words_after_the_same_message_are_one_message(held, now, write):
    contact, agent = held
    first = write(contact=contact, body="We come.", by=agent.user, after=0, now=now)
    assert write(contact=contact, body="We come.", by=agent.user, after=0, now=now) == first
    assert write(contact=contact, body="We come.", by=agent.user, after=first.pk, now=now) != first


@pytest.mark.parametrize("write", [conversation.reply, conversation.note])
def test_other_words_after_the_same_message_are_refused(held, now, write):
    contact, agent = held
    write(contact=contact, body="We come.", by=agent.user, after=0, now=now)
    before = contact.messages.count()
    with pytest.raises(Refused) as refused:
        write(contact=contact, body="We cannot come.", by=agent.user, after=0, now=now)
    assert refused.value.code == "said_meanwhile"
    assert contact.messages.count() == before


def test_close_forgets_the_summary_that_was_sent(held, now):
    contact, agent = held
    drafts.keep(contact=contact, agent=agent, sort=Draft.Sort.SUMMARY, body="We agreed", now=now)
    conversation.close(contact=contact, disposition="solved", summary="We agreed", by=agent.user, now=now)
    assert not Draft.objects.exists()


def test_close_forgets_the_answer_that_was_not_sent(held, now):
    contact, agent = held
    keep(held, "Dear Ani", now)
    conversation.close(contact=contact, disposition="solved", summary="We agreed", by=agent.user, now=now)
    assert not Draft.objects.exists()
    assert not keep(held, "Dear Ani", now)
    assert not Draft.objects.exists()


def test_words_for_a_contact_that_somebody_else_closed_are_kept(held, now):
    contact, _agent = held
    other = make_agent(contact.organisation)
    Contact.objects.filter(pk=contact.pk).update(agent=other)
    keep(held, "Dear Ani", now)
    conversation.close(contact=contact, disposition="solved", summary="We agreed", by=other.user, now=now)
    assert keep(held, "Dear Ani, a coach", now)
    assert desk.drafts(contact, held[1]) == {"reply": "Dear Ani, a coach"}
