"""Writing down what happened, and letting live pages know."""

from collections.abc import Iterable
from datetime import date, datetime

from pharos import live
from pharos.models import Contact, ContactEvent, User


def record(contact: Contact, code: str, *, now: datetime, by: User | None = None, **data: object) -> None:
    """Add one event to the contact's trail."""
    ContactEvent.objects.create(contact=contact, at=now, code=code, user=by, data=data)


def iso(when: date | None) -> str | None:
    """A day or a moment as the trail and other systems keep it."""
    return when.isoformat() if when else None


def tell(contact: Contact, *, now: datetime, topics: Iterable[str] = ()) -> None:
    """Let the contact's pages, its agents, the board and other `topics` know that it changed."""
    agents = (contact.agent_id, contact.preferred_agent_id)
    about = [f"contact:{contact.pk}", "board", *topics, *(f"agent:{agent}" for agent in agents if agent)]
    live.nudge(organisation_id=contact.organisation_id, topics=about, now=now)
