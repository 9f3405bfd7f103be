"""The waiting list in words: who goes before whom, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from pharos import content
from pharos.http.reader import Reader
from pharos.http.trail import index_text
from pharos.models import Contact, Organisation
from pharos.queries import floor
from pharos.queries.contacts import reason_texts
from pharos.queries.rules import rule


@dataclass(frozen=True, slots=True)
class Row:
    """One waiting contact. `next_reference`, `next_index`: who stands behind it; `tone` says how its promise stands."""

    place: str
    contact: Contact
    person: str
    band: int
    kind: str
    queue: str
    reasons: str
    index: str
    next_reference: str
    next_index: str
    guard: bool
    is_front: bool
    waited: str
    promise: str
    tone: str


def waiting_list(organisation: Organisation, reader: Reader, *, limit: int) -> list[Row]:
    """The first `limit` of those who wait, in the order in which they would be served now."""
    places = floor.serving_order(organisation=organisation, now=reader.now, limit=limit + 1)
    behind = [*places[1:], None]
    pairs = list(zip(places, behind, strict=False))[:limit]  # nobody is behind the last one
    return [
        _row(number, place, following, reader, tone=promise_tone(place.contact, organisation, now=reader.now))
        for number, (place, following) in enumerate(pairs, start=1)
    ]


def _row(number: int, place: floor.Place, behind: floor.Place | None, reader: Reader, *, tone: str) -> Row:
    contact = place.contact
    reasons = reason_texts(contact.reasons, language=reader.language, audience="staff")
    return Row(
        place=reader.number(number),
        contact=contact,
        person=contact.person.name,
        band=place.band,
        kind=kind_name(place.kind),
        queue=content.pick(contact.lane.queue.name, reader.language).text,
        reasons=" · ".join(reason.text for reason in reasons),
        index=index_text(place.index, reader.language),
        next_reference=behind.contact.reference if behind else "",
        next_index=index_text(behind.index, reader.language) if behind else "",
        guard=place.guard,
        is_front=place.reason == "raised",
        waited=reader.ago(since(contact)),
        promise=reader.moment(contact.promise_by),
        tone=tone,
    )


def since(contact: Contact) -> datetime:
    """Since when the person has been without an answer."""
    return contact.arrived_at if contact.first_answered_at is None else contact.last_inbound_at


def promise_tone(contact: Contact, organisation: Organisation, *, now: datetime) -> str:
    """The tone of a promise: bad when it is broken, warn when it is close, else none."""
    if contact.promise_by is None:
        return ""
    if contact.promise_broken_at or contact.promise_by <= now:
        return "bad"
    lead = timedelta(minutes=rule(organisation, f"promise_at_risk_{contact.lane.kind}_minutes"))
    return "warn" if contact.promise_by <= now + lead else ""


def kind_name(kind: str) -> str:
    """How a contact is held, in words."""
    return _("live") if kind == "live" else _("written")


def state_name(state: str) -> str:
    """Where a contact is, in words."""
    return {
        Contact.State.WAITING: _("Waiting"),
        Contact.State.OFFERED: _("Offered to an agent"),
        Contact.State.ACTIVE: _("With an agent"),
        Contact.State.PENDING: _("Set aside"),
        Contact.State.WRAP_UP: _("Being written up"),
        Contact.State.CLOSED: _("Closed"),
    }[Contact.State(state)]
