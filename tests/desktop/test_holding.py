"""Two agents never hold one contact, and words are sent once: with real threads and real connections."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connections

from pharos.actions import conversation, drafts, leaving, routing
from pharos.actions.errors import Refused
from pharos.models import Agent, Contact, Draft, Offer, Organisation, Queue
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], object]) -> list[object]:
    """Start all of these at the same moment, each with a connection of its own; a refusal is a result."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            gate.wait()
            return work()
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(run, work) for work in works]]


def no_contact_is_held_twice() -> None:
    """Every contact in somebody's hands came there by one accepted offer that is not over, and no other."""
    for contact in Contact.objects.filter(state__in=["active", "offered"]):
        offers = Offer.objects.filter(contact=contact, state=Offer.State.OPEN)
        if contact.state == Contact.State.OFFERED:
            assert [offer.agent for offer in offers] == [contact.agent]
        else:
            assert not offers
            taken = Offer.objects.filter(contact=contact, state=Offer.State.ACCEPTED).latest("settled_at", "pk")
            assert taken.agent == contact.agent
    for agent in Agent.objects.all():
        assert Offer.objects.filter(agent=agent, state=Offer.State.OPEN).count() <= 1


def test_many_dispatchers_and_agents_at_once_hold_no_contact_twice(now):
    organisation = make_organisation()
    for seconds in range(12):
        make_contact(organisation, now=now + timedelta(seconds=seconds))
    agents = [make_agent(organisation, capacity_written=3) for _ in range(5)]

    def work(agent: Agent, seed: int) -> None:
        chance = random.Random(seed)
        for step in range(6):
            at = now + timedelta(minutes=step)
            routing.dispatch(organisation=organisation, now=at)
            offer = Offer.objects.filter(agent=agent, state=Offer.State.OPEN).select_related("contact").first()
            if offer is None:
                continue
            try:
                if chance.random() < 0.3:
                    routing.decline(offer=offer, agent=agent, now=at)
                    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=at)
                else:
                    routing.accept(offer=offer, agent=agent, now=at)
            except Refused:
                continue

    together(*(lambda agent=agent, seed=seed: work(agent, seed) for seed, agent in enumerate(agents)))
    no_contact_is_held_twice()
    taken = Offer.objects.filter(state=Offer.State.ACCEPTED).values_list("contact", flat=True)
    assert len(taken) == len(set(taken)) > 0
    assert Contact.objects.filter(state="active").count() == len(taken)


def test_one_offer_pressed_many_times_at_once_is_taken_once(now):
    organisation = make_organisation()
    make_contact(organisation, now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    offer = Offer.objects.get()
    results = together(*[lambda: routing.accept(offer=offer, agent=agent, now=now)] * 6)
    assert sum(isinstance(result, Contact) for result in results) == 1
    assert results.count("offer_over") == 5
    no_contact_is_held_twice()


@pytest.mark.parametrize("attempt", range(5))
def test_offer_that_ends_as_it_is_taken_has_one_outcome(now, attempt):
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    offer = Offer.objects.get()
    late = offer.expires_at + timedelta(seconds=1)
    together(
        lambda: routing.accept(offer=offer, agent=agent, now=late),
        lambda: routing.expire_offers(now=late),
        lambda: routing.set_status(agent=agent, status=Agent.Status.BREAK, now=late),
    )
    offer.refresh_from_db()
    contact.refresh_from_db()
    was_taken = offer.state == Offer.State.ACCEPTED
    assert (contact.state, contact.agent) == (("active", agent) if was_taken else ("waiting", None))


@pytest.mark.parametrize("attempt", range(5))
def test_person_who_leaves_as_the_offer_is_taken_has_one_outcome(now, attempt):
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    offer = Offer.objects.get()
    together(
        lambda: routing.accept(offer=offer, agent=agent, now=now),
        lambda: leaving.leave(contact=Contact.objects.select_related("lane").get(pk=contact.pk), now=now),
        lambda: routing.decline(offer=offer, agent=agent, now=now),
    )
    offer.refresh_from_db()
    contact.refresh_from_db()
    was_taken = offer.state == Offer.State.ACCEPTED
    assert (contact.state, contact.agent) == (("active", agent) if was_taken else ("closed", None))
    assert contact.left_at == now


@pytest.mark.parametrize("attempt", range(5))
def test_contact_passed_on_as_it_is_answered_has_one_outcome(now, attempt):
    contact, agent = _held(make_organisation(), now)
    queue = Queue.objects.get(organisation=contact.organisation, code="care")
    other = Contact.objects.select_related("agent", "lane", "organisation").get(pk=contact.pk)
    results = together(
        lambda: conversation.finish(contact=contact, by=agent.user, now=now),
        lambda: routing.transfer(contact=other, queue=queue, by=agent.user, reason="", now=now),
    )
    contact.refresh_from_db()
    assert results[1] is None
    assert (contact.state, contact.agent, contact.lane.queue) == ("waiting", None, queue)
    assert results[0] in {None, "not_yours_now"}


def test_reply_pressed_many_times_at_once_is_sent_once(now):
    contact, agent = _held(make_organisation(), now)

    def reply() -> object:
        mine = Contact.objects.select_related("person", "incident", "organisation", "lane").get(pk=contact.pk)
        return conversation.reply(contact=mine, body="We come.", by=agent.user, after=0, now=now)

    sent = together(*[reply] * 6)
    assert len({message.pk for message in sent}) == 1  # type: ignore[attr-defined]
    assert contact.messages.filter(sort="reply").count() == 1


def test_draft_kept_as_the_reply_goes_does_not_come_back(now):
    contact, agent = _held(make_organisation(), now)

    def keep() -> object:
        return drafts.keep(contact=contact, agent=agent, sort=Draft.Sort.REPLY, body="We come.", after=0, now=now)

    together(lambda: conversation.reply(contact=contact, body="We come.", by=agent.user, after=0, now=now), keep, keep)
    assert not Draft.objects.exists()


def _held(organisation: Organisation, now: datetime) -> tuple[Contact, Agent]:
    make_contact(organisation, now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    contact = Contact.objects.select_related("person", "incident", "organisation", "lane", "agent").get()
    return contact, agent
