"""How the desk says promises, picks, languages and days."""

from typing import Final, NamedTuple

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.content.calendars import about, local_date, local_digits
from pharos.engine.zones import local_day
from pharos.http.reader import Reader
from pharos.models import Contact, Offer, Promise
from pharos.queries.floor import MOST_INDEX

PICKED: Final[dict[str, LazyText]] = {
    "danger": _("Danger to life goes before everyone."),
    "guard": _("Its promise is due, and some of the starts are kept for those."),
    "raised": _("A colleague brought it forward."),
    "callback_due": _("The time of the agreed call has come."),
    "largest_index": _("Of all you can answer, it has used up the most of its time."),
}

NEAR_YEAR: Final = 200  # days around now in which a day is told without its year
URGENT_DAYS: Final = 7


class Said(NamedTuple):
    """A short text with its tone."""

    text: str
    tone: str = ""
    iso: str = ""


def promised(contact: Contact, reader: Reader) -> Said:
    """What the person was promised while they wait: by when, and how that stands."""
    by = contact.promise_by
    if by is None:
        return Said(gettext("no time promised yet"))
    time = {"time": reader.moment(by)}
    if by <= reader.now:
        return Said(gettext("promised by %(time)s, which has passed") % time, "bad", by.isoformat())
    if contact.promise_broken_at:
        return Said(gettext("promised by %(time)s, later than we first said") % time, "bad", by.isoformat())
    return Said(gettext("promised by %(time)s") % time, "", by.isoformat())


def stands(promise: Promise, reader: Reader) -> Said:
    """What became of one promise, or how far away it is."""
    if promise.kept is True:
        return Said(gettext("kept"), "good")
    if promise.kept is False:
        return Said(gettext("not kept"), "bad")
    if promise.settled_at:
        return Said(gettext("answered") if promise.waited_s is not None else gettext("told anew"))
    if promise.by is None:
        return Said(gettext("we could not say yet"))
    if promise.by <= reader.now:
        return Said(gettext("past, and not answered yet"), "bad")
    return Said(about((promise.by - reader.now).total_seconds(), reader.language))


def picked(offer: Offer, language: str) -> list[str]:
    """Why this contact was next, in sentences: the rule, its index, and who came after."""
    said = [str(PICKED.get(offer.reason, ""))]
    if offer.index < MOST_INDEX:
        said.append(gettext("Used up of its time: %(percent)s.") % {"percent": percent(offer.index, language)})
    if offer.runner_up:
        known = {
            "reference": f"\u2068{offer.runner_up['reference']}\u2069",
            "percent": percent(offer.runner_up["index"], language),
        }
        said.append(gettext("Next after it: %(reference)s, with %(percent)s.") % known)
    return [one for one in said if one]


def percent(index: float, language: str) -> str:
    """An index as the share of its time that a contact has used up."""
    if index >= MOST_INDEX:
        return gettext("danger to life")
    sign = "٪" if language == "fa" else "%"
    return f"{local_digits(round(index * 100), language)}{sign}"


def request_type(contact: Contact, language: str) -> str:
    """What the contact is about; blank when nobody said."""
    known = content.request_types().get(contact.request_type)
    return content.pick(known.name, language).text if known else ""


class Needed(NamedTuple):
    """By when something is needed: the day, and how far it is where the person is."""

    day: str
    iso: str
    left: str
    is_past: bool
    is_near: bool


def needed(contact: Contact, reader: Reader) -> Needed | None:
    """The day by which the person needs it; None when they named none."""
    day = contact.needed_by
    if day is None:
        return None
    left = (day - local_day(reader.now, contact.time_zone)).days
    said = local_date(day, reader.language, "day" if abs(left) < NEAR_YEAR else "full")
    return Needed(said, day.isoformat(), _left(left, reader), left < 0, left <= URGENT_DAYS)


def _left(days: int, reader: Reader) -> str:
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    if days < 0:
        return gettext("past")
    return gettext("%(days)s days left") % {"days": reader.number(days)}


def since(at_text: str, long: str) -> str:
    """Since when, and how long that is."""
    return gettext("since %(time)s, %(long)s") % {"time": at_text, "long": long}
