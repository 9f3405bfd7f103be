"""An agent at the desk: signed in at the organisation's host name, with contacts that came through the real door."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pharos.actions import routing
from pharos.models import Agent, Contact, Offer, Organisation, User
from tests.factories import make_agent, make_contact, make_organisation

HTMX = {"HX-Request": "true"}
WAITED = timedelta(minutes=20)


def client_of(user: User, organisation: Organisation) -> Client:
    """A browser in which this user is signed in."""
    host = organisation.hosts.get().host
    client = Client(headers={"host": host})
    client.force_login(user)
    return client


@dataclass
class Desk:
    """One agent with a browser, in an organisation of their own."""

    organisation: Organisation = field(default_factory=make_organisation)
    agent: Agent = field(init=False)
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.agent = make_agent(self.organisation)
        self.client = client_of(self.agent.user, self.organisation)

    def in_days(self, days: int) -> date:
        """So many days after contacts come here, which was yesterday a little after midnight."""
        return (timezone.now() - WAITED + timedelta(days=days)).date()

    def offered(self, **fields: Any) -> Offer:
        """A contact that is put before this agent."""
        make_contact(self.organisation, now=timezone.now() - WAITED, **fields)
        routing.dispatch(organisation=self.organisation, now=timezone.now())
        return Offer.objects.get(agent=self.agent, state=Offer.State.OPEN)

    def held(self, **fields: Any) -> Contact:
        """A contact that this agent has taken."""
        offer = self.offered(**fields)
        return routing.accept(offer=offer, agent=self.agent, now=timezone.now())

    def get(self, contact: Contact, part: str = "") -> Any:
        """A page of a contact."""
        return self.client.get(f"/desk/{contact.reference}/{part}")

    def post(self, contact: Contact, part: str, data: dict[str, Any] | None = None, *, script: bool = False) -> Any:
        """A button of a contact, pressed with or without a script."""
        headers = HTMX if script else {}
        return self.client.post(f"/desk/{contact.reference}/{part}/", data or {}, headers=headers)


@pytest.fixture
def desk(db: None) -> Desk:
    """An available agent at the desk."""
    return Desk()
