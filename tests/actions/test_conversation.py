"""From the answer to the close, and back again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connections

from pharos.actions import conversation, intake, promises, routing
from pharos.actions.errors import KeyReused, Refused
from pharos.models import Agent, Contact, LiveEvent, Message, Offer, Promise, Submission
from tests.factories import make_agent, make_contact, make_organisation
from tests.meeting import meet

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


def test_words_after_the_close_reopen_with_the_old_place_and_agent(now: datetime) -> None:
    contact, agent = taken(now)
    conversation.close(contact=contact, disposition="solved", summary="Done.", by=agent.user, now=now)
    later = now + timedelta(days=1)
    conversation.add_words(contact=fresh(contact), text="Still broken", door="page", key="k", digest="d", now=later)
    again = fresh(contact)
    assert (again.state, again.agent, again.preferred_agent) == (State.WAITING, None, agent)
    assert again.virtual_arrival == contact.virtual_arrival
    assert again.promises.filter(settled_at__isnull=True).count() == 1


def test_the_same_words_twice_are_there_once(now: datetime) -> None:
    contact, _ = taken(now)
    for _ in range(2):
        conversation.add_words(contact=contact, text="More", door="page", key="k", digest="d", now=now)
    assert contact.messages.filter(sort=Message.Sort.WORDS).count() == 1


def test_other_words_under_the_same_key_are_refused(now: datetime) -> None:
    contact, _ = taken(now)
    conversation.add_words(contact=contact, text="More", door="page", key="k", digest="d", now=now)
    with pytest.raises(KeyReused):
        conversation.add_words(contact=contact, text="Other", door="page", key="k", digest="e", now=now)
    assert contact.messages.filter(sort=Message.Sort.WORDS).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_words_at_once_are_there_once(now: datetime) -> None:
    contact, _ = taken(now)

    def add(_number: int) -> int:
        try:
            same = partial(conversation.add_words, text="More", door="page", key="k", digest="d")
            return same(contact=fresh(contact), now=now).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(add, range(6)))) == 1
    assert contact.messages.filter(sort=Message.Sort.WORDS).count() == 1


def test_words_that_cannot_be_kept_say_why_and_leave_no_proof_of_delivery(now: datetime, monkeypatch) -> None:
    contact, _ = taken(now)

    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("of something else")

    monkeypatch.setattr(intake, "adopt", fail)
    before = Submission.objects.count()
    with pytest.raises(IntegrityError, match="of something else"):
        conversation.add_words(contact=contact, text="More", door="page", key="k", digest="d", now=now)
    assert (Submission.objects.count(), contact.messages.filter(sort=Message.Sort.WORDS).count()) == (before, 0)


def test_set_aside_comes_back_at_its_time(now: datetime) -> None:
    contact, agent = taken(now)
    until = now + timedelta(hours=2)
    conversation.pend(contact=contact, until=until, by=agent.user, now=now)
    assert routing.wake_due(now=until - timedelta(seconds=1)) == 0
    assert routing.wake_due(now=until) == 1
    assert fresh(contact).state == State.WAITING


def test_leaving_withdraws_the_offer(now: datetime) -> None:
    organisation = make_organisation()
    contact, _ = make_contact(organisation, now=now), make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    conversation.leave(contact=fresh(contact), now=now)
    assert fresh(contact).state == State.CLOSED
    assert Offer.objects.get().state == Offer.State.WITHDRAWN


def test_an_agent_who_talks_is_told_that_the_person_left(now: datetime) -> None:
    contact, _ = taken(now)
    conversation.leave(contact=fresh(contact), now=now)
    assert (fresh(contact).state, fresh(contact).left_at) == (State.ACTIVE, now)


def test_leaving_twice_while_an_agent_talks_is_told_once(now: datetime) -> None:
    contact, _ = taken(now)
    for seconds in range(3):
        conversation.leave(contact=fresh(contact), now=now + timedelta(seconds=seconds))
    assert contact.events.filter(code="left").count() == 1
    assert fresh(contact).left_at == now


def test_leaving_after_the_close_is_no_event(now: datetime) -> None:
    contact, agent = taken(now)
    before = fresh(contact)
    conversation.close(contact=contact, disposition="solved", summary="Done.", by=agent.user, now=now)
    conversation.leave(contact=before, now=now)
    assert not contact.events.filter(code="left").exists()
    assert fresh(contact).disposition == "solved"


def test_leaving_takes_the_offer_off_the_agents_desk(now: datetime) -> None:
    organisation = make_organisation()
    contact, agent = make_contact(organisation, now=now), make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    LiveEvent.objects.all().delete()
    conversation.leave(contact=contact, now=now)
    assert LiveEvent.objects.filter(topic=f"agent:{agent.pk}").exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_leaving_while_it_is_being_offered_leaves_no_offer_open(now: datetime) -> None:
    organisation = make_organisation()
    contact, _ = make_contact(organisation, now=now), make_agent(organisation)
    dispatch = partial(routing.dispatch, organisation=organisation, now=now)
    assert meet(dispatch, partial(conversation.leave, contact=contact, now=now)) is None
    assert (fresh(contact).state, fresh(contact).agent, fresh(contact).left_at) == (State.CLOSED, None, now)
    assert Offer.objects.get().state == Offer.State.WITHDRAWN
    assert contact.events.filter(code="left").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_leaving_while_the_agent_takes_it_is_told_to_the_agent(now: datetime) -> None:
    organisation = make_organisation()
    contact, agent = make_contact(organisation, now=now), make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    accept = partial(routing.accept, offer=Offer.objects.get(), agent=agent, now=now)
    assert meet(accept, partial(conversation.leave, contact=contact, now=now)) is None
    assert (fresh(contact).state, fresh(contact).agent, fresh(contact).left_at) == (State.ACTIVE, agent, now)


def test_how_it_went_is_kept_only_when_it_is_over(now: datetime) -> None:
    contact, agent = taken(now)
    with pytest.raises(Refused):
        conversation.rate(contact=contact, rating=5, words="", now=now)
    assert (fresh(contact).rating, contact.events.filter(code="rated").count()) == (None, 0)
    conversation.close(contact=contact, disposition="solved", summary="Done.", by=agent.user, now=now)
    conversation.rate(contact=contact, rating=5, words="Thank you", now=now)
    assert (fresh(contact).rating, fresh(contact).rating_words) == (5, "Thank you")


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
