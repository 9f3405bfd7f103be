"""What one agent has on the desk: what they hold, what is offered, and one contact with all that belongs to it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeAlias

from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.db.models.functions import Left
from django.db.models.query import QuerySet

from pharos.models import Agent, Alarm, Channel, Contact, Draft, Identity, Message, Offer, Promise, User
from pharos.queries import family

State = Contact.State
HELD: Final = (State.ACTIVE, State.WRAP_UP, State.PENDING)
ANSWERS: Final = (Message.Sort.REPLY, Message.Sort.SUMMARY)
GIST: Final = 140  # characters of the newest words that the list shows
EARLIER: Final = 6
NAMESAKES: Final = 200  # equal identities that are looked at; a booking may be everybody's
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
WITH_ALL: Final = ("person", "incident__organisation", "lane__queue", "agent__user", "organisation")
Alarms: TypeAlias = "QuerySet[Alarm, Alarm]"


class Held(NamedTuple):
    """A contact in the agent's hands. `waits_since`: when the person's words came that nobody has answered yet."""

    contact: Contact
    waits_since: datetime | None
    gist: str
    has_draft: bool


class Earlier(NamedTuple):
    """Another contact from an equal address, and which kinds of address are equal: maybe the same person."""

    contact: Contact
    by: tuple[str, ...]


def held(agent: Agent) -> list[Held]:
    """What the agent holds: who waits for an answer first, the longest first; what is set aside last, by its time."""
    mine = Q(contact=OuterRef("pk")) | Q(contact__merged_into=OuterRef("pk"))
    messages = Message.objects.filter(mine).order_by("-created_at", "-id")
    answered = messages.filter(direction=Message.Direction.OUT, sort__in=ANSWERS)
    words = messages.filter(direction=Message.Direction.IN)
    rows: QuerySet[Contact, Any] = (
        Contact.objects.filter(agent=agent, state__in=HELD)
        .select_related("person", "lane")
        .annotate(
            answered_at=Subquery(answered.values("created_at")[:1]),
            gist=Subquery(words.annotate(start=Left("body", GIST)).values("start")[:1]),
            has_draft=Exists(Draft.objects.filter(contact=OuterRef("pk"), agent=agent)),
        )
    )
    found = [Held(row, _waits_since(row), " ".join((row.gist or "").split()), row.has_draft) for row in rows]
    return sorted(found, key=_order)


def _waits_since(contact: Any) -> datetime | None:
    """On the phone people are answered by talking."""
    if contact.state != State.ACTIVE or contact.channel == Channel.VOICE:
        return None
    answers = [at for at in (contact.answered_at, contact.first_answered_at) if at]
    if not answers:
        return contact.arrived_at  # type: ignore[no-any-return]
    return contact.last_inbound_at if contact.last_inbound_at > max(answers) else None


def _order(one: Held) -> tuple[int, datetime, int]:
    contact = one.contact
    if one.waits_since:
        return 0, one.waits_since, contact.pk
    if contact.state == State.PENDING:
        return 3, contact.wake_at or LONG_AGO, contact.pk
    return 2 if contact.state == State.WRAP_UP else 1, contact.accepted_at or LONG_AGO, contact.pk


def open_offer(agent: Agent) -> Offer | None:
    """The contact that is put before the agent now."""
    rows = Offer.objects.filter(agent=agent, state=Offer.State.OPEN)
    return rows.select_related(*(f"contact__{name}" for name in WITH_ALL)).first()


def has_held(agent: Agent, contact: Contact) -> bool:
    """Whether the agent once took this contact."""
    return Offer.objects.filter(contact=contact, agent=agent, state=Offer.State.ACCEPTED).exists()


def pick(contact: Contact) -> Offer | None:
    """The offer by which the contact last came to somebody: why it was next."""
    rows = Offer.objects.filter(contact=contact, state=Offer.State.ACCEPTED)
    return rows.order_by("-settled_at", "-id").first()


def last_said(contact: Contact, *, by: User) -> int:
    """The id of this author's last message on a contact, or on one that shares its place; 0 for none."""
    last = Message.objects.filter(family.of(contact), author=by).aggregate(last=Max("pk"))["last"]
    return last or 0


def drafts(contact: Contact, agent: Agent) -> dict[str, str]:
    """What the agent has typed and not sent, by what it is going to be."""
    return dict(Draft.objects.filter(contact=contact, agent=agent).values_list("sort", "body"))


def open_hands(contact: Contact) -> Alarms:
    """The agent's call for the duty lead, while it stands."""
    rows = Alarm.objects.filter(contact=contact, sort=Alarm.Sort.ESCALATED, cleared_at__isnull=True)
    return rows.select_related("acknowledged_by")


def promises(contact: Contact) -> list[Promise]:
    """What was told, in order."""
    return list(contact.promises.order_by("told_at", "id"))


def earlier(contact: Contact, identities: Sequence[Identity]) -> list[Earlier]:
    """Other contacts of this organisation from exactly the same address, number or booking, the newest first."""
    same = Q()
    for one in identities:
        same |= Q(sort=one.sort, value=one.value)
    if not same:
        return []
    rows = Identity.objects.filter(same, organisation_id=contact.organisation_id)
    by_person: dict[int, set[str]] = {}
    for person, sort in rows.order_by("-person_id").values_list("person_id", "sort")[:NAMESAKES]:
        by_person.setdefault(person, set()).add(sort)
    contacts = Contact.objects.filter(organisation_id=contact.organisation_id, person_id__in=list(by_person))
    newest = contacts.exclude(pk=contact.pk).select_related("agent").order_by("-arrived_at", "-id")[:EARLIER]
    return [Earlier(row, tuple(sorted(by_person[row.person_id]))) for row in newest]
