"""Which contacts an agent may reach from the desk, and how: fetched and authorised in one step."""

from enum import Enum
from typing import NamedTuple

from django.http import Http404, HttpRequest

from pharos.http.guards import RANK, agent_of, contact_or_404, user_of
from pharos.models import Agent, Contact, Role
from pharos.queries import desk


class Standing(Enum):
    """How the agent stands to the contact."""

    MINE = "mine"  # in the agent's hands, or closed by them
    OFFERED = "offered"  # put before the agent, not taken yet
    GONE = "gone"  # was in the agent's hands and has moved on
    LOOKING = "looking"  # a lead looks at somebody else's


class Reach(NamedTuple):
    """An agent and a contact they may reach."""

    agent: Agent
    contact: Contact
    standing: Standing

    @property
    def is_mine(self) -> bool:
        """Whether the agent may work on it."""
        return self.standing == Standing.MINE


def reach(request: HttpRequest, reference: str) -> Reach:
    """A contact of this organisation that the signed-in agent has, had or may look at; 404 for any other."""
    agent = agent_of(request)
    contact = contact_or_404(request, reference)
    if contact.agent_id == agent.pk:
        return Reach(agent, contact, Standing.OFFERED if contact.state == Contact.State.OFFERED else Standing.MINE)
    if desk.has_held(agent, contact):
        return Reach(agent, contact, Standing.GONE)
    if RANK[Role(user_of(request).role)] >= RANK[Role.LEAD]:
        return Reach(agent, contact, Standing.LOOKING)
    raise Http404


def reach_to_work(request: HttpRequest, reference: str) -> Reach:
    """The same for a change: a contact that the agent has or had; 404 for any other."""
    reached = reach(request, reference)
    if reached.standing not in {Standing.MINE, Standing.GONE}:
        raise Http404
    return reached
