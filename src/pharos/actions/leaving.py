"""What the person says on their own page about the end: that we are no longer needed, and how it went."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pharos import live
from pharos.actions import cues, promises, trail
from pharos.actions.errors import Refused
from pharos.actions.states import FREE, TAKEN, State, in_states
from pharos.models import Contact, Offer
from pharos.queries import family
from pharos.queries.cues import danger_stands

ATTEMPTS = 5
ANEW: Final = Q(left_at__isnull=True) | Q(left_at__lt=F("last_inbound_at"))  # not said since they wrote last


def leave(*, contact: Contact, now: datetime, since: datetime | None = None) -> None:
    """The person says that we are no longer needed; an agent who is already talking is told instead, once.

    While their words mean danger to life, or nobody has said that they do not, the contact stays where it is, with that
    mark, until an agent closes it. `since`: when they said so, where that was before: words that came later count more.
    """
    if contact.merged_into_id:
        _leave_merged(contact, now=now)
        return
    for _attempt in range(ATTEMPTS):
        if _leave(contact, since=since, now=now):
            return


def _leave_merged(contact: Contact, *, now: datetime) -> None:
    """Whose place it is stays, unless it was confirmed that both are one person; the agent reads that one has left."""
    with transaction.atomic():
        if not Contact.objects.filter(pk=contact.pk, left_at__isnull=True).update(left_at=now):
            return
        top = family.root(contact)
        trail.record(contact, "left", now=now)
        trail.record(top, "member_left", now=now, reference=contact.reference)
        for one in (contact, top):
            trail.tell(one, now=now)
    if top.pk in family.shown_on(contact):
        leave(contact=top, now=now)


def _leave(contact: Contact, *, since: datetime | None, now: datetime) -> bool:
    """False when the contact was moved between our steps: offered, set aside, or heard to be in danger.

    Offer first, then contact, as everywhere. Nobody else moves an offered contact whose offer is withdrawn.
    """
    left = {"state": State.CLOSED, "disposition": "left", "closed_at": now, "left_at": now, "wake_at": None}
    if danger_stands(contact):
        if since is None:
            _mark_left(contact, now=now)
        return True
    with transaction.atomic():
        states = (*FREE, State.OFFERED) if withdraw(contact, now=now) else FREE
        if _silent(contact, states, since=since).update(agent=None, front_at=None, **left):
            if danger_stands(contact):
                transaction.set_rollback(True)
                return False
            promises.drop(contact, now=now)
            cues.forget(contact)
        elif since:
            is_offered = _silent(contact, (*FREE, State.OFFERED), since=since).exists()
            transaction.set_rollback(True)
            return not is_offered
        elif not in_states(contact, TAKEN).filter(ANEW).update(left_at=now):
            return not in_states(contact, (*FREE, State.OFFERED)).exists()
        trail.record(contact, "left", now=now)
        trail.tell(contact, now=now, topics=["queue"])
    return True


def _silent(contact: Contact, states: tuple[Contact.State, ...], *, since: datetime | None) -> Any:
    """The contact while it is in one of these states; `since`: and while nothing was written after they said so."""
    rows = in_states(contact, states)
    return rows.filter(left_at=since, last_inbound_at__lte=since) if since else rows


def _mark_left(contact: Contact, *, now: datetime) -> None:
    with transaction.atomic():
        if in_states(contact, (*FREE, State.OFFERED, *TAKEN)).filter(ANEW).update(left_at=now):
            trail.record(contact, "left", now=now)
            trail.tell(contact, now=now, topics=["queue"])


def withdraw(contact: Contact, *, now: datetime) -> bool:
    """Take back the offer of a contact, if there is one; whoever does so moves the contact in the same transaction."""
    for offer in Offer.objects.filter(contact=contact, state=Offer.State.OPEN):
        still = Offer.objects.filter(pk=offer.pk, state=Offer.State.OPEN)
        if still.update(state=Offer.State.WITHDRAWN, settled_at=now):
            live.nudge(organisation_id=contact.organisation_id, topics=[f"agent:{offer.agent_id}"], now=now)
            return True
    return False


def rate(*, contact: Contact, rating: int, words: str, now: datetime) -> None:
    """How it went, in the person's own view: 1 (badly) to 5 (well). Refused while it is not over."""
    if not 1 <= rating <= 5:
        raise Refused("rating", _("Choose one of the five answers."))
    with transaction.atomic():
        top = family.root(contact)
        is_over = top.state in (State.CLOSED, State.WRAP_UP)
        if not is_over or not in_states(contact, (State.CLOSED, State.WRAP_UP)).update(
            rating=rating, rating_words=words
        ):
            raise Refused("not_over", _("Your request is open again. Please tell us how it went when it is over."))
        trail.record(contact, "rated", now=now)
        trail.tell(contact, now=now)
