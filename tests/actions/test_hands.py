"""Asking for the duty lead, and when that is over."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import alarms, conversation, hands, routing
from pharos.actions.errors import Refused
from pharos.models import Agent, Alarm, Contact, LiveEvent, Offer, Role, StaffMail
from pharos.queries.alarms import sentence
from tests.factories import make_agent, make_contact, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(now: datetime) -> tuple[Contact, Agent]:
    """A contact whose agent has asked for the duty lead."""
    organisation = make_organisation()
    make_contact(organisation, now=now)
    agent = make_agent(organisation, "samuel")
    routing.dispatch(organisation=organisation, now=now)
    contact = routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    hands.raise_hand(contact=contact, why="decision", words="May we pay the hotel?", by=agent.user, now=now)
    return contact, agent


def escalated() -> Alarm:
    return Alarm.objects.get(sort=Alarm.Sort.ESCALATED)


def test_lead_is_told_at_once_and_once(asked, now):
    contact, _agent = asked
    lead = make_user(contact.organisation, role=Role.LEAD, email="lead@example.org")
    alarms.sweep(organisation=contact.organisation, now=now)
    alarms.sweep(organisation=contact.organisation, now=now + timedelta(seconds=5))
    assert [mail.to for mail in StaffMail.objects.all()] == [lead.email]
    assert "samuel asks for you. A decision is needed." in StaffMail.objects.get().body
    assert "hotel" not in StaffMail.objects.get().body


def test_sentence_names_agent_and_reason(asked, now):
    contact, _agent = asked
    told = sentence(escalated(), organisation=contact.organisation, language="en", now=now)
    assert told == f"{contact.reference}: samuel asks for you. A decision is needed."


def test_agent_hears_when_someone_comes(asked, now):
    contact, _agent = asked
    LiveEvent.objects.all().delete()
    alarms.acknowledge(alarm=escalated(), by=make_user(contact.organisation, role=Role.LEAD), now=now)
    assert LiveEvent.objects.filter(topic=f"contact:{contact.pk}").exists()


def test_hand_is_over_when_the_contact_is_closed(asked, now):
    contact, agent = asked
    conversation.close(contact=contact, disposition="solved", summary="Done", by=agent.user, now=now)
    alarms.sweep(organisation=contact.organisation, now=now)
    assert escalated().cleared_at == now


def test_hand_stays_while_the_contact_is_set_aside(asked, now):
    contact, agent = asked
    conversation.pend(contact=contact, until=now + timedelta(hours=1), by=agent.user, now=now)
    alarms.sweep(organisation=contact.organisation, now=now)
    assert escalated().cleared_at is None


def test_hand_lowered_may_be_raised_again(asked, now):
    contact, agent = asked
    hands.lower_hand(contact=contact, by=agent.user, now=now)
    hands.raise_hand(contact=contact, why="danger", words="", by=agent.user, now=now)
    assert [alarm.cleared_at for alarm in Alarm.objects.order_by("pk")] == [now, None]


def test_hand_for_a_contact_of_someone_else_is_refused(asked, now):
    contact, _agent = asked
    other = make_agent(contact.organisation)
    Alarm.objects.all().delete()
    with pytest.raises(Refused):
        hands.raise_hand(contact=contact, why="danger", words="", by=other.user, now=now)
    assert not Alarm.objects.exists()
