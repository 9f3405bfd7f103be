"""What an agent has typed and not sent: kept at every pause, so that no crash or change of browser takes it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos.actions.errors import Refused
from pharos.models import Agent, Contact, Draft, User
from pharos.queries import desk

MOST_CHARACTERS = 100_000


def keep(*, contact: Contact, agent: Agent, sort: Draft.Sort, body: str, now: datetime, after: int = 0) -> bool:
    """Keep these words; empty ones are forgotten. `after`: the agent's last message when they were written.

    False when they have been said since, or belong to another window: a later message, any words after the close.
    """
    if len(body) > MOST_CHARACTERS:
        raise Refused("too_long", _("This is too long to keep. Please make it shorter."))
    with transaction.atomic():
        # A reply sent at this moment comes before or after.
        held = Contact.objects.select_for_update(no_key=True).only("state", "agent_id").get(pk=contact.pk)
        if sort == Draft.Sort.REPLY and after != desk.last_said(contact, by=agent.user):
            return False
        # Whose contact somebody else has closed may still copy what they had typed.
        if held.state == Contact.State.CLOSED and (sort == Draft.Sort.SUMMARY or held.agent_id == agent.pk):
            return False
        if not body.strip():
            forget(contact=contact, by=agent.user, sort=sort)
            return True
        row = Draft(contact=contact, agent=agent, sort=sort, body=body, saved_at=now)
        Draft.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["contact", "agent", "sort"],
            update_fields=["body", "saved_at"],
        )
    return True


def forget(*, contact: Contact, by: User, sort: Draft.Sort) -> None:
    """These words were sent, or are no longer wanted."""
    Draft.objects.filter(contact=contact, agent__user=by, sort=sort).delete()


def forget_all(*, contact: Contact, by: User) -> None:
    """The contact is closed: nothing that `by` had typed is going to be sent."""
    Draft.objects.filter(contact=contact, agent__user=by).delete()
