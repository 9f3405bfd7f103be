"""What the person says on their own page about the end: that we are no longer needed, and how it went."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos import live
from pharos.actions import cues, holds, promises, trail, webhooks
from pharos.actions.errors import Refused
from pharos.actions.states import FREE, State, in_states
from pharos.models import Contact, Offer
from pharos.queries import family, staying
from pharos.queries.cues import danger_stands

ATTEMPTS: Final = 5


def leave(*, contact: Contact, now: datetime, since: datetime | None = None) -> None:
    """The person says that we are no longer needed; an agent who is already talking is told instead, once.

    While their words mean danger to life, or nobody has said that they do not, the place stays where it is, with that
    mark, until an agent closes it; and so while it stands for somebody else, who was joined and may be another person.
    `since`: when they said so, where that was before: words that came later count more.
    """
    with transaction.atomic():
        held = hold(contact)
        if held:
            _leave(*held, since=since, now=now)


def hold(contact: Contact) -> tuple[Contact, Contact] | None:
    """The place and the contact as they are, with their offers, until the transaction ends; None when they never rest.

    Whoever may let a person go takes this before anything else.
    """
    for _attempt in range(ATTEMPTS):
        with transaction.atomic():
            held = _held(contact)
            if held:
                return held
            transaction.set_rollback(True)
    return None


def _held(contact: Contact) -> tuple[Contact, Contact] | None:
    """The place and the contact, which nobody else moves from here on; None when it was moved between our steps.

    Offer first, then contacts, as everywhere.
    """
    top_id = Contact.objects.values_list("merged_into", flat=True).get(pk=contact.pk) or contact.pk
    offers = holds.in_order(_offers(top_id))
    holds.place(top_id)
    mine = Contact.objects.select_related(*family.WITH_ALL).get(pk=contact.pk)
    if (mine.merged_into_id or mine.pk) != top_id or _offers(top_id).exclude(pk__in=offers).exists():
        return None
    return family.root(mine), mine


def _leave(top: Contact, mine: Contact, *, since: datetime | None, now: datetime) -> None:
    if since is None:
        is_told = _mark(top, mine, now=now)
    elif mine.left_at == since and staying.has_left(mine):
        is_told = False
    else:
        return
    if danger_stands(top) or staying.still_here(top) or not _close(top, now=now):
        return
    if not is_told or top.pk != mine.pk:
        trail.record(top, "left", now=now)
    trail.tell(top, now=now, topics=["queue"])


def _mark(top: Contact, mine: Contact, *, now: datetime) -> bool:
    """Who has left is seen wherever the contact is. False when it was said before, or all is over."""
    if top.state == State.CLOSED or (mine.left_at and staying.has_left(mine)):
        return False
    same = {mine.pk, top.pk} & set(family.shown_on(mine))
    for one in {mine.pk: mine, top.pk: top}.values():
        if one.pk in same:
            one.left_at = max(now, one.last_inbound_at)  # a faster clock may have kept their last words
            Contact.objects.filter(pk=one.pk).update(left_at=one.left_at)
        trail.tell(one, now=now, topics=["queue"])
    trail.record(mine, "left", now=now)
    if top.pk != mine.pk:
        trail.record(top, "member_left", now=now, reference=mine.reference)
    return True


def _close(top: Contact, *, now: datetime) -> bool:
    """False when somebody has it in hand, or it is closed: an agent closes it, or has."""
    left = {"state": State.CLOSED, "disposition": "left", "closed_at": now, "left_at": now, "wake_at": None}
    if not in_states(top, (*FREE, State.OFFERED)).update(agent=None, front_at=None, **left):
        return False
    withdraw(top, now=now)
    promises.drop(top, now=now)
    cues.forget(top)
    webhooks.announce(
        organisation_id=top.organisation_id,
        event="contact.closed",
        body={"reference": top.reference, "disposition": "left"},
        now=now,
    )
    return True


def _offers(contact_id: int) -> Any:
    return Offer.objects.filter(contact=contact_id, state=Offer.State.OPEN)


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
