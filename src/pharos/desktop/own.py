"""The agent's own column: status, what is offered, what they hold."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from pharos.content.calendars import local_digits
from pharos.desktop import words
from pharos.http.messages import channel_name
from pharos.http.order import Said, why_next
from pharos.http.reader import Reader
from pharos.http.trail import band_name
from pharos.models import Agent, Contact, Offer
from pharos.queries import desk
from pharos.queries.alarms import language_name
from pharos.queries.contacts import ReasonText, reason_texts

NUMBERED: Final = 9  # contacts that a digit opens
GRACE: Final = timedelta(seconds=2)  # after an offer's end, for the loop that takes it back
State = Contact.State


class Status(NamedTuple):
    """One of the three statuses, as a button."""

    value: str
    label: str
    key: str
    shape: str
    is_current: bool


class Item(NamedTuple):
    """A contact in the list of what the agent holds."""

    reference: str
    name: str
    band: int
    gist: str
    language: str
    state: str
    has_draft: bool
    is_open: bool
    key: str


class Group(NamedTuple):
    """Contacts that are in the same state, with its name."""

    title: str
    items: list[Item]


class OfferShown(NamedTuple):
    """The contact that is offered: why it is next, and until when the offer holds."""

    id: int
    band: int
    reasons: list[ReasonText]
    why: list[str]
    promise: Said
    channel: str
    language: str
    request_type: str
    waiting: str
    needed: words.Needed | None
    knows: bool
    until: str
    until_iso: str
    ends_in_ms: int
    news: str


def column(agent: Agent, reader: Reader, *, open_reference: str = "") -> dict[str, Any]:
    """Everything in the own column, as it is now."""
    agent.refresh_from_db(fields=["status", "status_since", "missed_offers"])
    offer = desk.open_offer(agent)
    held = desk.held(agent)
    status = Agent.Status(agent.status)
    return {
        "agent": agent,
        "statuses": statuses(status),
        "status_since": words.since(reader.moment(agent.status_since), reader.ago(agent.status_since))
        if agent.status_since
        else "",
        "was_missed": status == Agent.Status.BREAK and agent.missed_offers > 0,
        "offer": _offer(offer, reader) if offer else None,
        "groups": _groups(held, reader, open_reference),
        "holds": reader.number(len(held)) if held else "",
        "open_reference": open_reference,
        "is_available": status == Agent.Status.AVAILABLE,
        "is_free": not held and not offer,
    }


def statuses(current: str) -> list[Status]:
    """The three statuses, each with its key."""
    rows = (
        (Agent.Status.AVAILABLE, gettext("Available"), "A", "dot"),
        (Agent.Status.BREAK, gettext("Break"), "B", "pause"),
        (Agent.Status.OFFLINE, gettext("Offline"), "O", "ring"),
    )
    return [Status(value, label, key, shape, value == current) for value, label, key, shape in rows]


def _offer(offer: Offer, reader: Reader) -> OfferShown:
    contact = offer.contact
    ends = offer.expires_at.astimezone(ZoneInfo(reader.zone))
    return OfferShown(
        id=offer.pk,
        band=contact.lane.band,
        reasons=reason_texts(contact.reasons, language=reader.language, audience="staff"),
        why=why_next(offer, reader.language),
        promise=words.promised(contact, reader),
        channel=channel_name(contact.channel),
        language=language_name(contact.language),
        request_type=words.request_type(contact, reader.language),
        waiting=words.since(reader.moment(contact.arrived_at), reader.ago(contact.arrived_at)),
        needed=words.needed(contact, reader),
        knows=contact.preferred_agent_id == offer.agent_id,
        until=local_digits(f"{ends:%H:%M:%S}", reader.language),
        until_iso=offer.expires_at.isoformat(),
        ends_in_ms=max(0, round((offer.expires_at + GRACE - reader.now).total_seconds() * 1000)),
        news=gettext("A contact is offered to you: %(band)s.") % {"band": band_name(contact.lane.band)},
    )


def _groups(held: Iterable[desk.Held], reader: Reader, open_reference: str) -> list[Group]:
    numbered = list(enumerate(held, start=1))
    return [
        Group(_title(sort), [_item(one, number, reader, open_reference) for number, one in members])
        for sort, members in groupby(numbered, key=lambda pair: _sort(pair[1]))
    ]


def _sort(one: desk.Held) -> str:
    return "waits" if one.waits_since else one.contact.state


def _title(sort: str) -> str:
    return {
        "waits": gettext("Waiting for your answer"),
        State.ACTIVE: gettext("Answered"),
        State.WRAP_UP: gettext("To be closed"),
        State.PENDING: gettext("Set aside"),
    }[sort]


def _item(one: desk.Held, number: int, reader: Reader, open_reference: str) -> Item:
    contact = one.contact
    return Item(
        reference=contact.reference,
        name=contact.person.name or gettext("No name given"),
        band=contact.lane.band,
        gist=one.gist,
        language=contact.language,
        state=_when(one, reader),
        has_draft=one.has_draft,
        is_open=contact.reference == open_reference,
        key=str(number) if number <= NUMBERED else "",
    )


def _when(one: desk.Held, reader: Reader) -> str:
    contact = one.contact
    if one.waits_since:
        return words.since(reader.moment(one.waits_since), reader.ago(one.waits_since))
    if contact.state == State.PENDING:
        return gettext("until %(time)s") % {"time": reader.moment(contact.wake_at)}
    return ""
