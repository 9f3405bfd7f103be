"""Who says that we are no longer needed, and how it went."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from pharos.actions import conversation, leaving, routing
from pharos.actions.errors import Refused
from pharos.models import Contact, LiveEvent, Offer, Webhook, WebhookDelivery
from tests.actions.test_conversation import State, fresh, taken
from tests.factories import make_agent, make_contact, make_organisation
from tests.meeting import meet

pytestmark = pytest.mark.django_db


def test_leaving_withdraws_the_offer(now: datetime) -> None:
    organisation = make_organisation()
    contact, _ = make_contact(organisation, now=now), make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    leaving.leave(contact=fresh(contact), now=now)
    assert fresh(contact).state == State.CLOSED
    assert Offer.objects.get().state == Offer.State.WITHDRAWN


def test_an_agent_who_talks_is_told_that_the_person_left(now: datetime) -> None:
    contact, _ = taken(now)
    leaving.leave(contact=fresh(contact), now=now)
    assert (fresh(contact).state, fresh(contact).left_at) == (State.ACTIVE, now)


def test_leaving_twice_while_an_agent_talks_is_told_once(now: datetime) -> None:
    contact, _ = taken(now)
    for seconds in range(3):
        leaving.leave(contact=fresh(contact), now=now + timedelta(seconds=seconds))
    assert contact.events.filter(code="left").count() == 1
    assert fresh(contact).left_at == now


def test_leaving_after_the_close_is_no_event(now: datetime) -> None:
    contact, agent = taken(now)
    before = fresh(contact)
    conversation.close(contact=contact, disposition="solved", summary="Done.", by=agent.user, now=now)
    leaving.leave(contact=before, now=now)
    assert not contact.events.filter(code="left").exists()
    assert fresh(contact).disposition == "solved"


def test_leaving_takes_the_offer_off_the_agents_desk(now: datetime) -> None:
    organisation = make_organisation()
    contact, agent = make_contact(organisation, now=now), make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    LiveEvent.objects.all().delete()
    leaving.leave(contact=contact, now=now)
    assert LiveEvent.objects.filter(topic=f"agent:{agent.pk}").exists()


def test_closing_by_leaving_is_announced_to_other_systems_once(now: datetime) -> None:
    organisation = make_organisation()
    Webhook.objects.create(organisation=organisation, url="https://crm.example.org/in", secret="s", created_at=now)
    contact = make_contact(organisation, now=now)
    for minutes in (1, 2):
        leaving.leave(contact=fresh(contact), now=now + timedelta(minutes=minutes))
    told = WebhookDelivery.objects.get(event="contact.closed")
    assert told.body["data"]["reference"] == contact.reference
    assert told.body["data"]["disposition"] == fresh(contact).disposition == "left"


def test_leaving_while_an_agent_talks_is_announced_as_no_close(now: datetime) -> None:
    contact, _ = taken(now)
    Webhook.objects.create(
        organisation=contact.organisation, url="https://crm.example.org/in", secret="s", created_at=now
    )
    leaving.leave(contact=fresh(contact), now=now)
    assert not WebhookDelivery.objects.filter(event="contact.closed").exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_leaving_while_it_is_being_offered_leaves_no_offer_open(now: datetime) -> None:
    organisation = make_organisation()
    contact, _ = make_contact(organisation, now=now), make_agent(organisation)
    dispatch = partial(routing.dispatch, organisation=organisation, now=now)
    assert meet(dispatch, partial(leaving.leave, contact=contact, now=now)) is None
    assert (fresh(contact).state, fresh(contact).agent, fresh(contact).left_at) == (State.CLOSED, None, now)
    assert Offer.objects.get().state == Offer.State.WITHDRAWN
    assert contact.events.filter(code="left").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_letting_go_while_it_is_being_offered_leaves_no_offer_open(now: datetime) -> None:
    organisation, later = make_organisation(), now + timedelta(minutes=1)
    contact, _ = make_contact(organisation, now=now), make_agent(organisation)
    Contact.objects.filter(pk=contact.pk).update(left_at=now)  # kept for danger, which there is none of any more
    dispatch = partial(routing.dispatch, organisation=organisation, now=later)
    assert meet(dispatch, partial(leaving.leave, contact=fresh(contact), since=now, now=later)) is None
    assert (fresh(contact).state, fresh(contact).agent, fresh(contact).left_at) == (State.CLOSED, None, later)
    assert Offer.objects.get().state == Offer.State.WITHDRAWN


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_leaving_while_the_agent_takes_it_is_told_to_the_agent(now: datetime) -> None:
    organisation = make_organisation()
    contact, agent = make_contact(organisation, now=now), make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    accept = partial(routing.accept, offer=Offer.objects.get(), agent=agent, now=now)
    assert meet(accept, partial(leaving.leave, contact=contact, now=now)) is None
    assert (fresh(contact).state, fresh(contact).agent, fresh(contact).left_at) == (State.ACTIVE, agent, now)


def test_how_it_went_is_kept_only_when_it_is_over(now: datetime) -> None:
    contact, agent = taken(now)
    with pytest.raises(Refused):
        leaving.rate(contact=contact, rating=5, words="", now=now)
    assert (fresh(contact).rating, contact.events.filter(code="rated").count()) == (None, 0)
    conversation.close(contact=contact, disposition="solved", summary="Done.", by=agent.user, now=now)
    leaving.rate(contact=contact, rating=5, words="Thank you", now=now)
    assert (fresh(contact).rating, fresh(contact).rating_words) == (5, "Thank you")
