"""Contacts by the state they are in: who changes one asks that it still is in it."""

from typing import Any

from pharos.models import Agent, Contact, User

State = Contact.State
HELD = (State.ACTIVE, State.WRAP_UP, State.PENDING)
TAKEN = (State.ACTIVE, State.WRAP_UP)
FREE = (State.WAITING, State.PENDING)


def in_states(contact: Contact, states: tuple[Contact.State, ...]) -> Any:
    """The contact while it is in one of these states."""
    return Contact.objects.filter(pk=contact.pk, state__in=states)


def held_by(by: User, contact: Contact, states: tuple[Contact.State, ...] = HELD) -> Any:
    """The contact while `by` holds it. Only its own columns are asked: PostgreSQL asks those again after a wait."""
    agent = Agent.objects.filter(user=by).values_list("pk", flat=True).first()
    return in_states(contact, states).filter(agent_id=agent or 0)
