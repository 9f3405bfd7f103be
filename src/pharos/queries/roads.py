"""How a person is answered: by the road they last came on, else by mail, else on their own page."""

from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Q

from pharos.models import Channel, Contact, Message
from pharos.queries import chat, identities
from pharos.queries.optouts import silent_since

ANSWERED_THERE: Final = (Channel.EMAIL, Channel.SMS, Channel.SOCIAL)  # a reply goes to where the words came from


class Road(NamedTuple):
    """A channel, the person's address on it, and the entry point of ours (its key) that it goes out from."""

    channel: Channel
    address: str = ""
    entry_id: int | None = None

    @property
    def is_carried(self) -> bool:
        """Whether somebody has to carry what goes this way; our own pages show it."""
        return self.channel not in {Channel.WEB, Channel.CHAT}


PAGE: Final = Road(Channel.WEB)


def mail(address: str, entry_id: int | None = None) -> Road:
    """By mail; without an address, on the person's page."""
    return Road(Channel.EMAIL, address, entry_id) if address else PAGE


def road(contact: Contact, *, now: datetime) -> Road:
    """Where an answer to this contact goes now. In a drill nothing leaves the house."""
    if contact.incident and contact.incident.is_drill:
        return PAGE
    last, known = _last(contact), identities.mail_of(contact.person_id)
    mail_to = known.typed if known else ""
    if last is None or _is_silent(last) or (last.channel == Channel.CHAT and not chat.is_open(contact, now=now)):
        return mail(mail_to)
    return road_of(Channel(last.channel), last.address, last.entry_id, mail_to=mail_to)


def is_silent(contact: Contact) -> bool:
    """Whether they wrote from a number that wants no more texts."""
    last = _last(contact)
    return last is not None and _is_silent(last)


def _is_silent(message: Message) -> bool:
    return message.channel == Channel.SMS and bool(silent_since(message.organisation_id, message.address))


def road_of(channel: Channel, address: str, entry_id: int | None, *, mail_to: str) -> Road:
    """Where somebody is answered who came on this channel from this address to this entry point of ours."""
    if channel == Channel.CHAT and entry_id:
        return Road(channel, address, entry_id)
    if address and channel in ANSWERED_THERE:
        return Road(channel, address, entry_id)
    return mail(mail_to)


def _last(contact: Contact) -> Message | None:
    """The newest words of the person that came by a carrier or a chat; what is typed on our pages names no road."""
    rows = contact.messages.filter(direction=Message.Direction.IN).exclude(sort=Message.Sort.AUTOMATIC)
    carried = rows.filter(~Q(address="") | Q(channel=Channel.CHAT, entry__isnull=False))
    return carried.order_by("-created_at", "-id").first()
