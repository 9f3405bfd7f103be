"""Chats: which widget is meant, who may frame it, and whether anybody is there."""

import re
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Max

from pharos.engine.classes import Kind
from pharos.engine.estimates import Wait
from pharos.models import Channel, Chat, Contact, ContactEvent, EntryPoint, Identity, Message, Organisation
from pharos.queries import doors, waits
from pharos.queries.rules import rule

ADAPTER: Final = "chat"
PRESENT: Final = timedelta(seconds=60)  # a page says at least twice in this time that it is there
LATE: Final = timedelta(seconds=60)  # on PostgreSQL a lower id may be committed this long after a higher one
LIVE: Final[Kind] = "live"
ORDINARY_BAND: Final = 3
SITE: Final = re.compile(  # a name without a dot is a site only when its scheme is said, as http://localhost:8000
    r"(?:(?P<scheme>https?://)(?P<host>(?:\*\.)?[a-z0-9][a-z0-9.-]*)|(?P<plain>(?:\*\.)?[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+))"
    r"(?P<port>:\d{1,5})?/?",
    re.IGNORECASE | re.ASCII,
)
ANSWERS: Final = (Message.Sort.REPLY, Message.Sort.SUMMARY)
NOT_SHOWN: Final = (Message.Sort.ACKNOWLEDGEMENT, Message.Sort.CODE)
TOLD: Final = (
    "accepted",
    "transferred",
    "pended",
    "resumed",
    "closed",
    "reopened",
    "chat_reach",
)  # of the trail, on the chat's page


class Presence(NamedTuple):
    """How a chat stands for who answers it. `since`: when the page was last seen."""

    is_open: bool
    is_handed_over: bool
    since: datetime
    has_read: bool  # our last answer; False also while there is none
    call_to: str  # the number on which they asked to be called; blank for none


class Opening(NamedTuple):
    """What somebody who is about to write is told: how long it takes now, or when we open. None: we can't say."""

    wait: Wait | None
    opens_at: datetime | None


def entry(organisation: Organisation, token: str) -> EntryPoint | None:
    """The widget that this token names, whether it is switched on or not."""
    rows = EntryPoint.objects.filter(organisation=organisation, adapter=ADAPTER, token=token)
    return rows.select_related("organisation", "incident").first()


def sites(options: dict[str, Any]) -> tuple[str, ...]:
    """The origins whose pages may show the widget in a frame; what is no site is left out."""
    named = str(options.get("sites", "")).replace(",", " ").split()
    found = [SITE.fullmatch(one) for one in named]
    return tuple(
        f"{one['scheme'] or 'https://'}{one['host'] or one['plain']}{one['port'] or ''}".lower() for one in found if one
    )


def is_open(contact: Contact, *, now: datetime) -> bool:
    """Whether the person's chat page was there within the last minute: then an answer is read at once."""
    rows = Chat.objects.filter(contact=contact, away_at__isnull=True, handed_at__isnull=True)
    return rows.filter(seen_at__gt=now - PRESENT).exists()


def presence(contact: Contact, *, now: datetime) -> Presence | None:
    """Who is there, for whoever answers; None when this contact never chatted."""
    chat = Chat.objects.filter(contact=contact).first()
    if chat is None:
        return None
    newest = contact.messages.filter(direction=Message.Direction.OUT, sort__in=ANSWERS).aggregate(last=Max("id"))[
        "last"
    ]
    return Presence(
        is_open=chat.away_at is None and chat.handed_at is None and chat.seen_at > now - PRESENT,
        is_handed_over=chat.handed_at is not None,
        since=chat.away_at or chat.seen_at,
        has_read=newest is not None and chat.read_to >= newest,
        call_to=_call_to(contact),
    )


def _call_to(contact: Contact) -> str:
    if not contact.events.filter(code="callback_asked").exists():
        return ""
    number = contact.person.identities.filter(sort=Identity.Sort.PHONE).order_by("-id").first()
    return number.typed if number else ""


def messages(contact: Contact, *, after: int, now: datetime) -> list[Message]:
    """What stands in the chat after this message; the last minute again, for a lower id may come later."""
    rows = contact.messages.exclude(direction=Message.Direction.NOTE).exclude(sort__in=NOT_SHOWN)
    if after:
        rows = rows.filter(pk__gt=after) | rows.filter(created_at__gt=now - LATE)
    return list(rows.select_related("author").prefetch_related("attachments"))


def events(contact: Contact) -> list[ContactEvent]:
    """Who came and went, as the chat tells it: few, so always all."""
    return list(contact.events.filter(code__in=TOLD).select_related("user"))


def opening(organisation: Organisation, *, language: str, now: datetime) -> Opening:
    """How long an ordinary chat waits now."""
    known = doors.of(organisation, now=now)
    hours = known.hours.get(LIVE)
    if hours is not None and not hours.is_open(now):
        return Opening(None, hours.next_open(now))
    queue = next((one for one in known.queues if one.is_default), None)
    row = known.estimates.get((queue.pk, language, ORDINARY_BAND, LIVE)) if queue else None
    wait = waits.told(row) if row else None
    return Opening(wait if isinstance(wait, Wait) else None, None)


def is_long(contact: Contact, *, now: datetime) -> bool:
    """Whether it is kind to say that nobody need sit and wait here."""
    limit_s = rule(contact.organisation, "callback_offer_wait_minutes") * 60
    if contact.first_answered_at or contact.state not in {Contact.State.WAITING, Contact.State.OFFERED}:
        return False
    if contact.promise_by is None or contact.wait_high_s is None:
        return True
    return contact.wait_high_s > limit_s or contact.promise_by < now


def is_chat(contact: Contact) -> bool:
    """Whether this contact may be opened as a chat."""
    return contact.channel == Channel.CHAT
