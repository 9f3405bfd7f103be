"""How staff pages say picks and promises."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos.content.calendars import about, local_digits
from pharos.content.lists import joined
from pharos.http.reader import Reader
from pharos.models import Contact, Offer, Promise
from pharos.queries.floor import MOST_INDEX
from pharos.queries.staying import still_here

PICKED: Final[dict[str, LazyText]] = {
    "danger": _("Danger to life goes before everyone."),
    "guard": _("Its promise is due, and some of the starts are kept for those."),
    "raised": _("A colleague brought it forward."),
    "callback_due": _("The time of the agreed call has come."),
    "largest_index": _("Of all you can answer, it has used up the most of its time."),
}

FITS: Final[dict[str, LazyText]] = {
    "met_before": _("They have met this agent before."),
    "specialist": _("What they need is recorded, so it goes to the specialist team first."),
    "no_specialist": _("What they need is recorded, and nobody of the specialist team was free."),
}


class Said(NamedTuple):
    """A short text with its tone."""

    text: str
    tone: str = ""
    iso: str = ""


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


def place_shared(others: Iterable[Contact], language: str) -> str:
    """That a contact has the earliest place of all who wait in it; empty for one that stands by itself."""
    names = joined((f"\u2068{one.reference}\u2069" for one in others), language)
    said = gettext("It takes the earliest place of the contacts that were merged: this one and %(references)s.")
    return said % {"references": names} if names else ""


def who_left(contact: Contact, language: str) -> str:
    """That the person needs nothing more, and who still waits in their place; empty when they have not said so."""
    if contact.left_at is None:
        return ""
    here = [] if contact.merged_into_id else still_here(contact)
    if not here or contact in here:
        return gettext("The person told us that they no longer need help.")
    names = joined((f"\u2068{one.reference}\u2069" for one in here), language)
    said = gettext("%(reference)s needs nothing more. Still waiting in this place: %(others)s.")
    return said % {"reference": f"\u2068{contact.reference}\u2069", "others": names}


def why_next(offer: Offer, language: str) -> list[str]:
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
    said.append(str(FITS.get(offer.fit, "")))
    return [one for one in said if one]


def percent(index: float, language: str) -> str:
    """A share, such as an index: that of its time that a contact has used up."""
    if index >= MOST_INDEX:
        return gettext("danger to life")
    sign = "٪" if language == "fa" else "%"
    return f"{local_digits(round(index * 100), language)}{sign}"
