"""Messages as staff read them, and the roads they take, in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos.engine.segments import segments
from pharos.http.reader import Reader
from pharos.models import Attachment, Channel, Contact, Message

CHANNELS: Final[dict[str, LazyText]] = {
    Channel.WEB: _("Form"),
    Channel.EMAIL: _("Email"),
    Channel.SMS: _("Text message"),
    Channel.CHAT: _("Chat"),
    Channel.VOICE: _("Phone"),
    Channel.SOCIAL: _("Social network"),
    Channel.STAFF: _("Taken down by staff"),
}


class FileShown(NamedTuple):
    """A file as the page lists it."""

    url: str
    name: str
    size: str


class MessageShown(NamedTuple):
    """A message as the page shows it. `automatic`: what it is when the centre wrote it by itself, else blank.

    `as_sent`: the address of the mail as it was sent, where that says more than its words.
    """

    id: int
    direction: str
    author: str
    at: str
    at_iso: str
    body: str
    language: str
    channel: str
    delivery: str
    failed: bool
    automatic: str
    files: Sequence[FileShown]
    quoted: str = ""
    not_taken: Sequence[str] = ()
    as_sent: str = ""


def message_shown(
    message: Message,
    contact: Contact,
    reader: Reader,
    *,
    file_url: Callable[[Attachment], str],
    page_url: Callable[[Message], str],
) -> MessageShown:
    """One message with who wrote it, and how it went on its way."""
    return MessageShown(
        id=message.pk,
        direction=message.direction,
        author=_author(message, contact),
        at=reader.moment(message.created_at),
        at_iso=message.created_at.isoformat(),
        body=message.body,
        language=message.language,
        channel=_came_by(message, contact),
        delivery=_delivery(message, reader),
        failed=message.state == Message.State.FAILED,
        automatic=_automatic(message),
        files=[_file(one, reader, file_url) for one in message.attachments.all()],
        quoted=message.quoted,
        not_taken=[_not_taken(one) for one in message.not_taken],
        as_sent=page_url(message) if hasattr(message, "page") else "",
    )


WHYS: Final[dict[str, LazyText]] = {
    "big_file": _("it is larger than 10 MB"),
    "file_type": _("we take pictures, PDF and plain text"),
    "big_picture": _("the picture has too many pixels"),
    "broken_picture": _("the picture is damaged"),
    "sealed": _("the words are encrypted, and nobody here can read them"),
    "too_many": _("too many files came at once"),
}


def _not_taken(one: Mapping[str, str]) -> str:
    """A file that came along and was refused, and why."""
    why = WHYS.get(one["why"], _("it could not be read"))
    return gettext("Not taken: %(name)s (%(why)s)") % {"name": f"\u2068{one['name']}\u2069", "why": why}


def _came_by(message: Message, contact: Contact) -> str:
    """The road; for a message of a request that shares the place, with whose address and reference it is."""
    road = _road(message)
    if message.contact_id == contact.pk:
        return road
    return " · ".join(one for one in (road, message.address, message.contact.reference) if one)


def channel_name(channel: str) -> str:
    """The road a contact came by, in words."""
    return str(CHANNELS[channel])


def _road(message: Message) -> str:
    """By what road it went, and who else can read it there."""
    if message.channel != Channel.SOCIAL or message.direction == Message.Direction.NOTE:
        return channel_name(message.channel)
    return gettext("Social network · public") if message.is_public else gettext("Social network · private")


def _author(message: Message, contact: Contact) -> str:
    if message.author:
        return message.author.get_full_name()
    if message.direction == Message.Direction.IN:
        return message.contact.person.name or gettext("The person")
    return gettext("Sent by itself")


def _automatic(message: Message) -> str:
    if message.sort == Message.Sort.ACKNOWLEDGEMENT:
        return gettext("Acknowledgement, sent by itself")
    if message.sort == Message.Sort.CHECK_IN:
        return gettext("A question about what we noted, sent by itself")
    return gettext("New promise, told by itself") if message.sort == Message.Sort.PROMISE_MOVED else ""


def _delivery(message: Message, reader: Reader) -> str:
    state = Message.State(message.state)
    if state == Message.State.SENT:
        time = reader.moment(message.settled_at)
        if message.delivered_at:
            said = gettext("Delivered %(time)s") % {"time": reader.moment(message.delivered_at)}
            return _with_parts(message, said, reader)
        said = _with_parts(message, gettext("Sent %(time)s") % {"time": time}, reader)
        return f"{said}. " + gettext("It may have gone out twice.") if message.maybe_twice else said
    return {
        Message.State.QUEUED: gettext("On its way"),
        Message.State.SENDING: gettext("On its way"),
        Message.State.SHOWN: _shown(message),
        Message.State.FAILED: gettext("Did not arrive: %(why)s") % {"why": message.failure},
    }.get(state, "")


def _with_parts(message: Message, said: str, reader: Reader) -> str:
    """A text message says in how many parts it went."""
    parts = segments(message.body).parts if message.channel == Channel.SMS else 1
    return f"{said} · " + gettext("Parts: %(count)s") % {"count": reader.number(parts)} if parts > 1 else said


def _shown(message: Message) -> str:
    if message.channel == Channel.CHAT:
        return gettext("Shown in the chat")
    return gettext("Shown on the person's page only: we have no address")


def _file(one: Attachment, reader: Reader, url: Callable[[Attachment], str]) -> FileShown:
    size = gettext("%(size)s kB") % {"size": reader.number(max(1, one.size // 1024))}
    return FileShown(url(one), one.name, size)
