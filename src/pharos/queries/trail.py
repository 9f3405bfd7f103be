"""What happened to a contact, in words for staff."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext

from pharos import content
from pharos.content import calendars
from pharos.models import ContactEvent, Organisation, Queue


class Entry(NamedTuple):
    """One thing that happened. `by`: who did it, blank for the person and for the centre itself."""

    at: str
    at_iso: str
    title: str
    text: str
    by: str
    shape: str
    past: bool = True


def entries(
    events: Iterable[ContactEvent], *, organisation: Organisation, queues: Iterable[Queue], language: str, now: datetime
) -> list[Entry]:
    """Events in words of the active language, which is `language`; times on the organisation's clock."""
    telling = _Telling(organisation, {queue.code: queue.name for queue in queues}, language, now)
    return [telling.entry(event) for event in events]


class _Telling(NamedTuple):
    """All that is needed to tell an event."""

    organisation: Organisation
    queues: Mapping[str, Mapping[str, str]]
    language: str
    now: datetime

    def entry(self, event: ContactEvent) -> Entry:
        """One event."""
        return Entry(
            at=self._clock(event.at),
            at_iso=event.at.isoformat(),
            title=titles().get(event.code, event.code),
            text=self._detail(event.code, event.data),
            by=event.user.get_full_name() if event.user else "",
            shape=SHAPES.get(event.code, "dot"),
        )

    def _detail(self, code: str, data: Mapping[str, Any]) -> str:
        """What exactly: until when, to whom, from what to what."""
        for name, tell in (("until", self._moment), ("by_time", self._moment), ("to", self._queue)):
            if data.get(name):
                return tell(data[name])
        if code == "closed":
            return self._named(content.dispositions(), data.get("disposition"))
        changes = {
            "promise_moved": self._moment,
            "promise_earlier": self._moment,
            "date_corrected": self._day,
            "retyped": self._type,
            "rebanded": _band,
        }
        return self._change(data, changes[code]) if code in changes else ""

    def _change(self, data: Mapping[str, Any], tell: Callable[[Any], str]) -> str:
        none = gettext("none")
        before, after = (tell(data.get(end)) or none for end in ("before", "after"))
        return gettext("%(before)s, now %(after)s") % {"before": before, "after": after}

    def _queue(self, code: str) -> str:
        return content.pick(self.queues.get(code, {}), self.language).text or code

    def _type(self, code: Any) -> str:
        return self._named(content.request_types(), code)

    def _named(self, known: Mapping[str, Any], code: Any) -> str:
        return content.pick(known[code].name, self.language).text if code in known else ""

    def _moment(self, iso: Any) -> str:
        return self._clock(datetime.fromisoformat(iso)) if iso else ""

    def _clock(self, at: datetime) -> str:
        zone = self.organisation.time_zone
        return calendars.local_moment(at, zone, self.language, now=self.now, zone_named=False)

    def _day(self, iso: Any) -> str:
        return calendars.local_date(date.fromisoformat(iso), self.language) if iso else ""


def _band(band: Any) -> str:
    return bands().get(band, "")


def bands() -> dict[int, str]:
    """What each band is called, in the active language."""
    return {
        0: gettext("Danger to life"),
        1: gettext("Cannot wait"),
        2: gettext("Should not wait"),
        3: gettext("Ordinary"),
    }


SHAPES: Mapping[str, str] = {
    "received": "person",
    "words_added": "person",
    "left": "person",
    "rated": "person",
    "accepted": "check",
    "closed": "check",
    "replied": "pen",
    "noted": "pen",
    "pended": "pause",
    "transferred": "arrow",
    "promise_told": "clock",
    "promise_earlier": "clock",
    "promise_moved": "clock",
    "promise_broken": "triangle",
    "delivery_failed": "triangle",
    "hand_raised": "triangle",
}


def titles() -> dict[str, str]:
    """What each kind of event is called, in the active language."""
    return {
        "received": gettext("Came in"),
        "offered": gettext("Offered to an agent"),
        "offer_declined": gettext("Not taken; place kept"),
        "offer_expired": gettext("Offer not answered; place kept"),
        "offer_withdrawn": gettext("Offer taken back; place kept"),
        "accepted": gettext("Taken"),
        "replied": gettext("Answered"),
        "noted": gettext("Note written"),
        "words_added": gettext("The person wrote again"),
        "finished": gettext("Conversation ended"),
        "pended": gettext("Set aside until"),
        "resumed": gettext("Gone on with"),
        "woken": gettext("Back in line"),
        "transferred": gettext("Passed on to"),
        "retyped": gettext("Kind of request changed"),
        "raised": gettext("Brought forward"),
        "rebanded": gettext("Urgency worked out anew"),
        "date_corrected": gettext("Date corrected"),
        "promise_told": gettext("We promised an answer by"),
        "promise_earlier": gettext("Promise moved earlier"),
        "promise_moved": gettext("Promise not kept; a new time told"),
        "promise_broken": gettext("Promise not kept"),
        "hand_raised": gettext("Duty lead asked for"),
        "hand_lowered": gettext("Duty lead no longer needed"),
        "page_revoked": gettext("Link to the person's page stopped"),
        "page_renewed": gettext("New link to the person's page"),
        "delivery_failed": gettext("A message did not arrive"),
        "sent_again": gettext("Message sent again"),
        "closed": gettext("Closed"),
        "reopened": gettext("Opened again"),
        "left": gettext("The person no longer needs us"),
        "rated": gettext("The person told us how it went"),
    }
