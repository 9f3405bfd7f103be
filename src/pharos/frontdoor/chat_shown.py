"""A chat as its person reads it: words both ways, and who came and went, in the order in which it happened."""

from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pharos.content import calendars
from pharos.frontdoor.forms import RatingForm
from pharos.frontdoor.person import MessageShown, message_shown, standing
from pharos.models import Contact, ContactEvent, EntryPoint
from pharos.queries import chat
from pharos.queries.rules import rule

SAID: Final[dict[str, LazyText]] = {
    "accepted": gettext_lazy("%(name)s is with you now."),
    "transferred": gettext_lazy("%(name)s has passed your request on to a colleague. Your place in line is kept."),
    "pended": gettext_lazy("%(name)s waits for news and comes back to you. You need not stay on this page."),
    "resumed": gettext_lazy("%(name)s is with you again."),
    "closed": gettext_lazy("This conversation is closed. Write again, and it opens with its old place."),
    "reopened": gettext_lazy("Your request is open again, with its old place."),
    "chat_reach": gettext_lazy("Thank you. We can reach you there, too."),
}


class Happened(NamedTuple):
    """Something that the chat says by itself."""

    id: int
    at: str
    at_iso: str
    text: str


class Item(NamedTuple):
    """A line of the chat: words of somebody, or something that happened."""

    message: MessageShown | None
    event: Happened | None


def items(contact: Contact, language: str, *, after: int, now: datetime) -> list[Item]:
    """What stands after this message; all that happened, for the page knows what it has."""
    said = [
        (one.created_at, 0, one.pk, Item(message_shown(one, contact, language, now=now), None))
        for one in chat.messages(contact, after=after, now=now)
    ]
    happened = [
        (one.at, 1, one.pk, Item(None, _happened(one, contact, language, now=now))) for one in chat.events(contact)
    ]
    return [item for _at, _sort, _pk, item in sorted([*said, *happened], key=lambda one: one[:3])]


def _happened(event: ContactEvent, contact: Contact, language: str, *, now: datetime) -> Happened:
    name = event.user.get_full_name() if event.user else ""
    return Happened(
        event.pk,
        calendars.local_moment(event.at, contact.time_zone, language, now=now, zone_named=False),
        event.at.isoformat(),
        str(SAID[event.code]) % {"name": name or _("A colleague")},
    )


def shown(contact: Contact, entry: EntryPoint, language: str, *, after: int, now: datetime) -> dict[str, Any]:
    """What the page and its parts need."""
    stood = standing(contact, language, now=now)
    top = cast(Contact, stood["stands"])
    return {
        **stood,
        "items": items(contact, language, after=after, now=now),
        "entry": entry,
        "language": language,
        "organisation_name": "",
        "is_long": chat.is_long(top, now=now),
        "is_over": top.state == Contact.State.CLOSED,
        "rating": RatingForm(),
        "may_leave": top.state in {Contact.State.WAITING, Contact.State.OFFERED, Contact.State.PENDING},
    }


def opening(entry: EntryPoint, language: str, *, now: datetime) -> dict[str, str]:
    """How long it takes now, in words; or when the chat opens."""
    found = chat.opening(entry.organisation, language=language, now=now)
    zone = entry.incident.zone if entry.incident else entry.organisation.time_zone
    return {
        "wait": calendars.duration_range(found.wait.low_s, found.wait.high_s, language) if found.wait else "",
        "opens": calendars.local_moment(found.opens_at, zone, language, now=now) if found.opens_at else "",
    }


def leaves_after(entry: EntryPoint, language: str) -> str:
    """After how many minutes without the page a chat goes on by mail."""
    return calendars.local_digits(rule(entry.organisation, "chat_left_minutes"), language)
