"""What happened to a contact, in words for staff."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple, TypeAlias

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.content.calendars import local_date, local_digits
from pharos.content.lists import clauses
from pharos.http.reader import Reader
from pharos.models import Contact, ContactEvent, IdentityCheck, Offer
from pharos.queries.alarms import hand_whys
from pharos.queries.floor import MOST_INDEX

Data: TypeAlias = Mapping[str, Any]

TITLES: Final[Mapping[str, LazyText]] = {
    "received": _("Came in"),
    "accepted": _("Taken by an agent"),
    "replied": _("Answered"),
    "noted": _("Note written"),
    "words_added": _("The person wrote again"),
    "finished": _("Conversation over"),
    "closed": _("Closed"),
    "reopened": _("Open again"),
    "pended": _("Set aside"),
    "resumed": _("Taken up again"),
    "woken": _("Waits again"),
    "transferred": _("Sent to another queue"),
    "retyped": _("Kind of request changed"),
    "raised": _("Brought forward by hand"),
    "raise_undone": _("Bringing forward taken back"),
    "rebanded": _("Urgency changed"),
    "promise_told": _("Promise told"),
    "promise_earlier": _("Promise moved earlier"),
    "promise_moved": _("Promise broken, new time told"),
    "promise_broken": _("Promise broken"),
    "left": _("The person needs nothing more"),
    "rated": _("The person said how it went"),
    "delivery_failed": _("A message did not arrive"),
    "sent_again": _("Sent again"),
    "answered_in_public": _("Answered in public, without a word of the matter"),
    "post_deleted": _("The person deleted what they had posted"),
    "date_corrected": _("Date put right"),
    "danger_read": _("What was written may mean danger to life"),
    "danger_confirmed": _("A colleague said: there may be danger to life"),
    "danger_dismissed": _("A colleague said: there is no danger to life"),
    "danger_put_right": _("An answer about danger to life was put right"),
    "hand_raised": _("Asked the duty lead to come"),
    "hand_lowered": _("Duty lead no longer needed"),
    "page_revoked": _("Link to the person's page stopped"),
    "page_renewed": _("New link to the person's page"),
    "need_recorded": _("What helps was noted, with a yes"),
    "need_asked": _("Asked what helps; nothing was noted"),
    "need_observed": _("A colleague noted what they noticed"),
    "need_confirmed": _("What helps was confirmed"),
    "need_withdrawn": _("The person took something back"),
    "identity_asked": _("A code was sent, to know who it is"),
    "identity_shown": _("Checked who it is"),
    "identity_not_shown": _("A wrong code was told"),
    "texts_stopped": _("The person wants no more text messages"),
    "texts_started": _("The person wants text messages again"),
    "file_lost": _("A file that came with a message could not be fetched"),
    "merged": _("Another request joined this one"),
    "merged_into": _("Joined to another request: it waits in that place"),
    "unmerged": _("A request was taken out again"),
    "unmerged_from": _("Stands by itself again"),
    "merge_confirmed": _("A colleague confirmed: both are one person"),
    "not_same": _("A colleague said: not the same person"),
    "words_joined": _("The person wrote again, to a request that joined this one"),
    "member_left": _("Who wrote the other request needs nothing more"),
    "told_one_is_enough": _("Told that one request is enough"),
    "chat_reach": _("Told us where else to reach them"),
    "callback_asked": _("Asked to be called back"),
    "chat_left": _("Has left the chat"),
    "chat_back": _("Is back in the chat"),
    "behalf_recorded": _("Noted who writes for whom"),
    "check_in_asked": _("Asked whether what we noted is still right"),
}
PICKED: Final[Mapping[str, LazyText]] = {
    "danger": _("danger to life goes first"),
    "guard": _("its promise was due"),
    "raised": _("brought forward by hand"),
    "callback_due": _("a callback was due"),
    "largest_index": _("the largest index"),
}
OFFERS: Final[Mapping[str, LazyText]] = {
    Offer.State.OPEN: _("not answered yet"),
    Offer.State.ACCEPTED: _("taken"),
    Offer.State.DECLINED: _("declined"),
    Offer.State.EXPIRED: _("nobody answered"),
    Offer.State.WITHDRAWN: _("taken back"),
}
CHECKED: Final[Mapping[str, LazyText]] = {
    IdentityCheck.Way.CODE: _("told us the code"),
    IdentityCheck.Way.PAGE: _("typed the code on their page"),
    IdentityCheck.Way.BOOKING: _("knew the booking and what was booked"),
    IdentityCheck.Way.CALLED_BACK: _("we called the number we had from before"),
    IdentityCheck.Way.DOCUMENT: _("showed a document"),
}
TAKEN: Final[Mapping[str, LazyText]] = {
    "call": _("By telephone"),
    "visit": _("In person"),
    "paper": _("On a paper form"),
}
SHAPES: Final = {
    "identity_shown": "check",
    "identity_not_shown": "triangle",
    "danger_read": "octagon",
    "promise_broken": "triangle",
    "promise_moved": "triangle",
    "delivery_failed": "triangle",
    "texts_stopped": "triangle",
    "file_lost": "triangle",
    "callback_asked": "person",
}


class Item(NamedTuple):
    """One line of the trail, as the timeline draws it."""

    at: str
    at_iso: str
    title: str
    text: str
    by: str
    shape: str
    past: bool = True


def trail(contact: Contact, reader: Reader) -> list[Item]:
    """Everything that happened, the newest first; an offer says whom it went to and why."""
    told = [
        (event.at, event.pk, _event(event, reader))
        for event in contact.events.select_related("user")
        if not event.code.startswith("offer")  # the offers themselves say more
    ]
    told += [(offer.offered_at, 0, _offer(offer, reader)) for offer in contact.offers.select_related("agent__user")]
    told.sort(key=lambda one: one[:2], reverse=True)
    return [item for _at, _order, item in told]


def _event(event: ContactEvent, reader: Reader) -> Item:
    say = DETAILS.get(event.code)
    return Item(
        at=reader.moment(event.at),
        at_iso=event.at.isoformat(),
        title=str(TITLES.get(event.code, event.code)),
        text=say(event.data, reader) if say else "",
        by=event.user.get_full_name() if event.user else "",
        shape=SHAPES.get(event.code, "dot"),
    )


def _offer(offer: Offer, reader: Reader) -> Item:
    return Item(
        at=reader.moment(offer.offered_at),
        at_iso=offer.offered_at.isoformat(),
        title=gettext("Offered to %(name)s") % {"name": offer.agent},
        text=picked(offer, reader.language),
        by="",
        shape="arrow",
    )


def picked(offer: Offer, language: str) -> str:
    """Why this contact was offered, before whom, and what became of the offer."""
    why = str(PICKED.get(offer.reason, offer.reason))
    if offer.index < MOST_INDEX:
        why += f" ({index_text(offer.index, language)})"
    if runner_up := offer.runner_up:
        before = {"reference": runner_up["reference"], "index": index_text(runner_up["index"], language)}
        why = clauses((why, gettext("before %(reference)s (%(index)s)") % before), language)
    return clauses((why, OFFERS[Offer.State(offer.state)]), language)


def index_text(index: float, language: str) -> str:
    """The share of its target that a contact has used up: 0.72."""
    return "∞" if index >= MOST_INDEX else local_digits(f"{index:.2f}", language)


def band_name(band: int) -> str:
    """A band in words."""
    names = (_("Danger to life"), _("Cannot wait"), _("Should not wait"), _("Ordinary"))
    return str(names[band])


def disposition_name(code: str, language: str) -> str:
    """How a contact ended, in words."""
    known = content.dispositions().get(code)
    return content.pick(known.name, language).text if known else ""


def _clock(data: Data, key: str, reader: Reader) -> str:
    said = data.get(key)
    return reader.moment(datetime.fromisoformat(said)) if said else "–"


def _day(data: Data, key: str, reader: Reader) -> str:
    said = data.get(key)
    return local_date(date.fromisoformat(said), reader.language) if said else "–"


def _type_name(code: str, reader: Reader) -> str:
    known = content.request_types().get(code)
    return content.pick(known.name, reader.language).text if known else "–"


def _taken_down(data: Data, reader: Reader) -> str:
    """How a colleague took it down, and when the person spoke, where that was before."""
    said = [str(TAKEN[data["how"]])] if data.get("how") in TAKEN else []
    if number := data.get("form_number"):
        said.append(gettext("form %(number)s") % {"number": number})
    if data.get("taken_at"):
        said.append(
            gettext("said %(time)s, the place in line is from then") % {"time": _clock(data, "taken_at", reader)}
        )
    return clauses(said, reader.language)


def _reference(data: Data, _reader: Reader) -> str:
    return str(data.get("reference", ""))


def _danger_is(data: Data) -> str:
    return gettext("There may be danger to life") if data["is_danger"] else gettext("There is no danger to life")


def _raised_to(data: Data) -> str:
    return gettext("To the front") if data["band"] is None else band_name(data["band"])


DETAILS: Final[Mapping[str, Callable[[Data, Reader], str]]] = {
    "received": _taken_down,
    "promise_told": lambda data, reader: _clock(data, "by_time", reader),
    "promise_broken": lambda data, reader: _clock(data, "by_time", reader),
    "promise_earlier": lambda data, reader: f"{_clock(data, 'before', reader)} → {_clock(data, 'after', reader)}",
    "promise_moved": lambda data, reader: f"{_clock(data, 'before', reader)} → {_clock(data, 'after', reader)}",
    "date_corrected": lambda data, reader: f"{_day(data, 'before', reader)} → {_day(data, 'after', reader)}",
    "hand_raised": lambda data, _reader: hand_whys().get(data.get("why", ""), ""),
    "transferred": lambda data, _reader: str(data.get("to", "")),
    "pended": lambda data, reader: _clock(data, "until", reader),
    "rebanded": lambda data, _reader: f"{band_name(data['before'])} → {band_name(data['after'])}",
    "raised": lambda data, reader: clauses((_raised_to(data), data.get("why", "")), reader.language),
    "raise_undone": lambda data, _reader: _raised_to(data),
    "retyped": lambda data, reader: f"{_type_name(data['before'], reader)} → {_type_name(data['after'], reader)}",
    "identity_shown": lambda data, _reader: str(CHECKED.get(data.get("way", ""), "")),
    **dict.fromkeys(("merged", "merged_into", "unmerged", "unmerged_from", "merge_confirmed", "not_same"), _reference),
    **dict.fromkeys(("words_joined", "member_left"), _reference),
    "danger_put_right": lambda data, reader: clauses((_danger_is(data), data.get("why", "")), reader.language),
    "closed": lambda data, reader: disposition_name(data.get("disposition", ""), reader.language),
}
