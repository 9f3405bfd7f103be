"""The side column: who the person is, what they need and by when, what we promised, what we know."""

from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext

from pharos import content
from pharos.content import Picked
from pharos.content.calendars import local_moment
from pharos.content.lists import joined
from pharos.desktop import behalf, suggested, who, words
from pharos.desktop.reach import Reach
from pharos.http.guards import RANK
from pharos.http.order import Said, stands, why_next
from pharos.http.reader import Reader
from pharos.http.trail import disposition_name, trail
from pharos.models import Contact, Identity, Incident, Promise, Role
from pharos.queries import desk, pages
from pharos.queries import needs as register
from pharos.queries.contacts import page_url, reason_texts

TITLE = 70  # characters of a text without a title that stand for it


class HelpShown(NamedTuple):
    """What we do differently for this person, and how."""

    name: Picked
    do: Picked


class PromiseShown(NamedTuple):
    """One promise as it was told."""

    by: str
    told: str
    stands: Said


class EarlierShown(NamedTuple):
    """Another contact that may be of the same person; `url` only where the agent may open it."""

    reference: str
    url: str
    at: str
    about: str
    ended: str
    same: str


class Snippet(NamedTuple):
    """A part of the public page that can be put into a reply."""

    id: str
    title: str
    body: Picked
    text: str


def column(reached: Reach, reader: Reader) -> dict[str, Any]:
    """Everything in the side column but the public page."""
    contact = reached.contact
    identities = list(contact.person.identities.order_by("sort", "id"))
    picked = desk.pick(contact)
    held = list(register.holding(contact.person_id, now=reader.now))
    return {
        "reasons": reason_texts(contact.reasons, language=reader.language, audience="staff"),
        "why": why_next(picked, reader.language) if picked else [],
        "identities": [(_sort_name(one.sort), one) for one in identities],
        "person_time": local_moment(reader.now, contact.time_zone, reader.language, now=reader.now),
        "is_elsewhere": contact.time_zone != reader.zone,
        "earlier": [_earlier(one, reached, reader) for one in desk.earlier(contact, identities)],
        "needed": words.needed(contact, reader),
        "helps": [_help(one, reader.language) for one in register.effects(held)],
        "may_open_needs": bool(held) and register.may_open(reached.agent.user, contact),
        "promises": [_promise(one, reader) for one in desk.promises(contact)],
        "page_url": page_url(contact),
        "who": who.standing(contact, reader),
        "behalf": behalf.shown(contact),
        "enquiry": behalf.enquiry(contact, reader),
        "alike": behalf.alike(reached, reader),
        "trail": trail(contact, reader),
        **suggested.column(contact, reader),
        "can_change": reached.is_mine and contact.state != Contact.State.CLOSED,
    }


def _sort_name(sort: str) -> str:
    return {
        Identity.Sort.EMAIL: gettext("Email"),
        Identity.Sort.PHONE: gettext("Phone"),
        Identity.Sort.BOOKING: gettext("Booking"),
        Identity.Sort.HANDLE: gettext("Name there"),
    }[Identity.Sort(sort)]


def _help(one: content.Accommodation, language: str) -> HelpShown:
    return HelpShown(content.pick(one.name, language), content.pick(one.do, language))


def _promise(promise: Promise, reader: Reader) -> PromiseShown:
    return PromiseShown(reader.moment(promise.by), reader.moment(promise.told_at), stands(promise, reader))


def _earlier(one: desk.Earlier, reached: Reach, reader: Reader) -> EarlierShown:
    contact = one.contact
    leads = RANK[Role(reached.agent.user.role)] >= RANK[Role.LEAD]
    may_open = contact.agent_id == reached.agent.pk or leads
    closed = contact.state == Contact.State.CLOSED
    return EarlierShown(
        reference=contact.reference,
        url=reverse("desk_contact", kwargs={"reference": contact.reference}) if may_open else "",
        at=reader.moment(contact.arrived_at),
        about=words.request_type(contact, reader.language),
        ended=disposition_name(contact.disposition, reader.language) if closed else gettext("still open"),
        same=joined(map(_sort_name, one.by), reader.language),
    )


def guide(incident: Incident | None, contact: Contact, reader: Reader) -> dict[str, Any]:
    """What the public page says in the person's language, so that agent and page say the same."""
    if incident is None:
        return {"incident": None}
    page = pages.public_page(incident, language=contact.language, now=reader.now)
    newest = next((update.versions[0] for update in page.updates if update.versions), None)
    blocks = [*page.to_do, *page.policies, *page.questions]
    return {
        "incident": incident,
        "incident_name": content.pick(incident.name, reader.language),
        "incident_state": content.pick(content.incident_states()[incident.state], reader.language),
        "newest": newest,
        "newest_at": reader.moment(newest.at) if newest else "",
        "public_url": page.path,
        "snippets": [_snippet(f"snippet-{number}", block) for number, block in enumerate(blocks)],
    }


def _snippet(id_: str, block: pages.Block) -> Snippet:
    body = block.body
    title = block.title.text or Truncator(" ".join(body.text.split())).chars(TITLE)
    text = f"{block.title.text}\n{body.text}" if block.title.text else body.text
    return Snippet(id_, title, body, text)
