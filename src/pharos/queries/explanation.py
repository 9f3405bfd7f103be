"""Why a contact is where it is: band and index now, who goes before it, how it was picked, what was promised."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pharos.models import Contact, ContactEvent, Offer, Override, Promise
from pharos.queries import board, floor

NEAR: Final = 5  # of those ahead, how many are named
READ: Final = 200  # how deep the serving order is read
MOVES: Final = ("promise_earlier",)  # what the rows of promises do not show by themselves
UP: Final = (Contact.State.WAITING, Contact.State.OFFERED)


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it, as data. `index` and `place` are None unless the contact waits; `near`: the last of those ahead.

    `mine` is its own place in the serving order, None when it is deeper than that was read; `ahead` counts those
    before it by band, of as many as were read.
    """

    contact: Contact
    index: float | None
    place: int | None
    mine: floor.Place | None
    near: Sequence[floor.Place]
    ahead: Counter[int]
    overrides: Sequence[Override]
    undoable: Override | None
    picks: Sequence[Offer]
    promises: Sequence[Promise]
    moves: Sequence[ContactEvent]


def explain(contact: Contact, *, now: datetime) -> Explanation:
    """Why this contact is here, whatever state it is in."""
    waits = contact.state == Contact.State.WAITING
    order: Sequence[floor.Place] = ()
    if waits:
        order = floor.serving_order(organisation=contact.organisation, now=now, limit=READ)
    at = next((number for number, one in enumerate(order) if one.contact.pk == contact.pk), None)
    before = order if at is None else order[:at]
    return Explanation(
        contact=contact,
        index=floor.finite(board.index_of(contact, now=now)) if waits else None,
        place=floor.place(contact=contact, now=now) if at is None else at + 1,
        mine=None if at is None else order[at],
        near=before[-NEAR:] if at is not None else (),
        ahead=Counter(one.band for one in before),
        overrides=list(contact.overrides.select_related("by", "undone_by").order_by("-id")),
        undoable=undoable(contact),
        picks=list(contact.offers.select_related("agent__user").order_by("-offered_at", "-id")),
        promises=list(contact.promises.order_by("told_at", "id")),
        moves=list(contact.events.filter(code__in=MOVES)),
    )


def undoable(contact: Contact) -> Override | None:
    """The last change by hand, while it still holds and no agent has taken the contact since."""
    if contact.state not in UP:
        return None
    last = contact.overrides.filter(undone_at__isnull=True).order_by("-id").first()
    if last is None or contact.events.filter(code="accepted", at__gte=last.at).exists():
        return None
    holds = contact.front_at is not None if last.band is None else contact.raised_band == last.band
    return last if holds else None
