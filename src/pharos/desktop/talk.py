"""The conversation column: who, what was said, what is being written, what can be done next."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos.desktop import same, texts, words
from pharos.desktop.behalf import BehalfForm
from pharos.desktop.forms import AsideForm, CloseForm, DateForm, HandForm, PanelForm, TransferForm, TypeForm
from pharos.desktop.need_forms import DrillForm, NeedsForm, ObserveForm
from pharos.desktop.reach import Reach, Standing
from pharos.desktop.who import WhoForm
from pharos.http.messages import channel_name, message_shown
from pharos.http.order import Said, who_left
from pharos.http.reader import Reader
from pharos.http.trail import disposition_name
from pharos.models import Attachment, Channel, Contact, Draft, Message
from pharos.queries import desk, family, identities, roads
from pharos.queries.alarms import language_name

State = Contact.State
TALKING: Final = (State.ACTIVE, State.PENDING)


class Panel(NamedTuple):
    """A form that opens above the conversation: its title, its main button and the key that opens it."""

    form: type[PanelForm]
    title: LazyText
    button: LazyText


PANELS: Final[Mapping[str, Panel]] = {
    "aside": Panel(AsideForm, _("Set aside until"), _("Set aside")),
    "transfer": Panel(TransferForm, _("Pass on to another team"), _("Pass on")),
    "hand": Panel(HandForm, _("Ask the duty lead to come"), _("Ask")),
    "type": Panel(TypeForm, _("Another kind of request"), _("Change")),
    "date": Panel(DateForm, _("By when it is needed"), _("Save the date")),
    "need": Panel(DrillForm, _("Note what helps"), _("Note it")),
    "observe": Panel(ObserveForm, _("Note what you noticed"), _("Keep for a while")),
    "who": Panel(WhoForm, _("Who is it?"), _("Check")),
    "behalf": Panel(BehalfForm, _("Who writes for whom?"), _("Note it")),
    "needs": Panel(NeedsForm, _("What the person told us"), _("Done")),
}


class Opened(NamedTuple):
    """A panel as it stands on the page."""

    name: str
    panel: Panel
    form: PanelForm


def opened(name: str, reached: Reach, reader: Reader, data: Any = None) -> Opened | None:
    """The panel of this name, empty or as it was sent; None for none."""
    panel = PANELS.get(name)
    if panel is None or not can_open(name, reached):
        return None
    return Opened(name, panel, panel.form(data, contact=reached.contact, reader=reader))


def can_open(name: str, reached: Reach) -> bool:
    """Whether this form makes sense now."""
    state = reached.contact.state
    if not reached.is_mine or state == State.CLOSED:
        return False
    return not (name == "aside" and state == State.PENDING)


def head(reached: Reach, reader: Reader) -> dict[str, Any]:
    """Who it is, how it stands, what can be done next."""
    contact = reached.contact
    return {
        "contact": contact,
        "is_mine": reached.is_mine,
        "is_gone": reached.standing == Standing.GONE,
        "is_looking": reached.standing == Standing.LOOKING,
        "name": contact.person.name or gettext("No name given"),
        "state": _state(contact, reader),
        "channel": channel_name(contact.channel),
        "language_name": language_name(contact.language),
        "request_type": words.request_type(contact, reader.language),
        "promise": None if contact.first_answered_at else words.promised(contact, reader),
        "left": who_left(contact, reader.language) if contact.state != State.CLOSED else "",
        "hand": desk.open_hands(contact).first() if contact.state != State.CLOSED else None,
        "form_id": "closing" if contact.state == State.WRAP_UP else "composer",
    }


def _state(contact: Contact, reader: Reader) -> str:
    if contact.state == State.PENDING:
        return gettext("Set aside until %(time)s") % {"time": reader.moment(contact.wake_at)}
    if contact.state == State.CLOSED:
        return gettext("Closed %(time)s") % {"time": reader.moment(contact.closed_at)}
    if contact.state == State.ACTIVE:
        return gettext("Yours since %(time)s") % {"time": reader.moment(contact.accepted_at)}
    if contact.state == State.WRAP_UP:
        return gettext("To be closed")
    return gettext("Waiting")


def log(reached: Reach, reader: Reader) -> dict[str, Any]:
    """All messages in order, with their files."""
    contact = reached.contact

    def file_url(attachment: Attachment) -> str:
        return reverse("desk_file", kwargs={"reference": contact.reference, "token": attachment.token})

    def page_url(message: Message) -> str:
        return reverse("desk_mail", kwargs={"reference": contact.reference, "pk": message.pk})

    shown = [
        message_shown(one, contact, reader, file_url=file_url, page_url=page_url)
        for one in family.conversation(contact)
    ]
    return {"history": shown, "ended": _ended(contact, reader)}


def _ended(contact: Contact, reader: Reader) -> dict[str, str] | None:
    if contact.state != State.CLOSED:
        return None
    return {"disposition": disposition_name(contact.disposition, reader.language), "rating": str(contact.rating or "")}


def composer(reached: Reach, reader: Reader, drafts: Mapping[str, str], *, typed: str | None = None) -> dict[str, Any]:
    """What is being written: the words of this moment, else the draft."""
    contact, road = reached.contact, roads.road(reached.contact, now=reader.now)
    body = drafts.get(Draft.Sort.REPLY, "") if typed is None else typed
    return {
        "can_write": reached.is_mine and contact.state in TALKING,
        "body": body,
        "after": desk.last_said(contact, by=reached.agent.user),
        "has_reply_draft": bool(drafts.get(Draft.Sort.REPLY)),
        "goes_to": _goes_to(contact, road),
        "roads": same.answers(contact, now=reader.now),
        "text_parts": texts.parts(body, reader) if road.channel == Channel.SMS else None,
    }


GOES: Final[Mapping[str, LazyText]] = {
    Channel.EMAIL: _("Goes by email to %(address)s."),
    Channel.SMS: _("Goes by text message to %(address)s."),
    Channel.SOCIAL: _("Goes as a private message to %(address)s."),
    Channel.CHAT: _("Goes into the chat."),
}


def _goes_to(contact: Contact, road: roads.Road) -> Said:
    """Where a reply can be read."""
    if road.channel == Channel.EMAIL and identities.is_dead(contact, road.address):
        return Said(
            gettext("Mail to %(address)s does not arrive. Call, or ask for another address.")
            % {"address": f"\u2068{road.address}\u2069"},
            "bad",
        )
    if road.channel in GOES:
        return Said(str(GOES[road.channel]) % {"address": f"\u2068{road.address}\u2069"})
    if contact.page_token and roads.is_silent(contact):
        return Said(gettext("The person wants no more text messages: they read it on their page."))
    if contact.page_token:
        return Said(gettext("We have no address: the person reads it on their page."))
    return Said(gettext("No address and no link: a reply reaches nobody. Make a new link first."), "bad")


def closing(reached: Reach, reader: Reader, drafts: Mapping[str, str]) -> CloseForm | None:
    """The form that closes the contact, while it is being written up."""
    if not reached.is_mine or reached.contact.state != State.WRAP_UP:
        return None
    return CloseForm(language=reader.language, written=drafts.get(Draft.Sort.SUMMARY, ""))
