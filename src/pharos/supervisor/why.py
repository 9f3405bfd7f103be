"""Why a contact is where it is, in words: who goes before it, how it was picked, what was promised."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from pharos.content.calendars import duration_range
from pharos.content.lists import joined
from pharos.engine.classes import BANDS, DANGER
from pharos.http.order import Said, percent, place_shared, stands, why_next
from pharos.http.reader import Reader
from pharos.http.trail import OFFERS, band_name
from pharos.models import Contact, ContactEvent, Offer, Override, Promise
from pharos.queries.explanation import Explanation, explain
from pharos.queries.family import members
from pharos.queries.floor import Place

FRONT: Final = "front"


class AheadShown(NamedTuple):
    """One of those who go before it, and why."""

    reference: str
    band: int
    why: str


class PickShown(NamedTuple):
    """It was put before an agent: why it was next, and what became of that."""

    at: str
    name: str
    why: list[str]
    became: str


class PromiseShown(NamedTuple):
    """What was told, and how that stands."""

    told: str
    by: str
    range: str
    stands: Said


class OverrideShown(NamedTuple):
    """A change by hand."""

    at: str
    by: str
    to: str
    reason: str
    undone: str
    is_undoable: bool


def why_shown(contact: Contact, reader: Reader) -> dict[str, Any]:
    """What the page says about the place of a contact, in any state."""
    found = explain(contact, now=reader.now)
    return {
        "place": reader.number(found.place) if found.place else "",
        "share": percent(found.index, reader.language) if found.index is not None and contact.lane.band else "",
        "place_shared": place_shared(members(contact), reader.language),
        "counts_since": _counts_since(contact, reader),
        "exempt": found.mine is not None and contact.front_at is not None and contact.lane.band != DANGER,
        "is_guard": found.mine is not None and found.mine.guard,
        "ahead": _ahead_in_all(found, reader),
        "near": [_ahead(one, found.mine, reader) for one in found.near if found.mine],
        "is_first": found.place == 1,
        "overrides": [_override(one, found, reader) for one in found.overrides],
        "picks": [_pick(one, reader) for one in found.picks],
        "promises": [*(_promise(one, reader) for one in found.promises), *(_move(one, reader) for one in found.moves)],
    }


def _counts_since(contact: Contact, reader: Reader) -> str:
    """The virtual arrival, where it is not the arrival itself."""
    return reader.moment(contact.virtual_arrival) if contact.virtual_arrival != contact.arrived_at else ""


def _ahead_in_all(found: Explanation, reader: Reader) -> str:
    if not found.place or found.place == 1:
        return ""
    counted = ((found.ahead[band], band_name(band)) for band in BANDS)
    return joined((f"{reader.number(count)} × {name}" for count, name in counted if count), reader.language)


def _ahead(one: Place, mine: Place, reader: Reader) -> AheadShown:
    return AheadShown(one.contact.reference, one.band, _why_before(one, mine, reader))


def _why_before(one: Place, mine: Place, reader: Reader) -> str:
    if one.band == DANGER:
        return _("danger to life goes first, by arrival")
    if one.reason == "raised":
        return _("a lead brought it to the front")
    if one.reason == "callback_due":
        return _("a callback was due")
    if one.guard:
        return _("its promise is due, and some of the starts are kept for those")
    if (one.band, one.kind) == (mine.band, mine.kind):
        return _("as urgent, and counts since %(time)s") % {"time": reader.moment(one.contact.virtual_arrival)}
    shares = {"theirs": percent(one.index, reader.language), "own": percent(mine.index, reader.language)}
    return _("has used up %(theirs)s of its time, this one %(own)s") % shares


def _override(one: Override, found: Explanation, reader: Reader) -> OverrideShown:
    undone = {"name": one.undone_by.get_full_name() if one.undone_by else "", "time": reader.moment(one.undone_at)}
    return OverrideShown(
        at=reader.moment(one.at),
        by=one.by.get_full_name() if one.by else "",
        to=_("To the front") if one.band is None else band_name(one.band),
        reason=one.reason,
        undone=_("taken back by %(name)s, %(time)s") % undone if one.undone_at else "",
        is_undoable=found.undoable is not None and found.undoable.pk == one.pk,
    )


def _pick(one: Offer, reader: Reader) -> PickShown:
    became = str(OFFERS[Offer.State(one.state)])
    return PickShown(reader.moment(one.offered_at), str(one.agent), why_next(one, reader.language), became)


def _promise(one: Promise, reader: Reader) -> PromiseShown:
    said = "" if one.low_s is None or one.high_s is None else duration_range(one.low_s, one.high_s, reader.language)
    return PromiseShown(reader.moment(one.told_at), reader.moment(one.by), said, stands(one, reader))


def _move(event: ContactEvent, reader: Reader) -> PromiseShown:
    after = event.data.get("after")
    by = reader.moment(datetime.fromisoformat(after)) if after else ""
    return PromiseShown(reader.moment(event.at), by, "", Said(_("moved earlier, without a message")))


def choices_up(contact: Contact, bands: Iterable[int]) -> list[tuple[str, str]]:
    """How far a waiting contact can be moved up."""
    front = [(FRONT, _("To the front: next after danger to life and the turn of promises that are due"))]
    up = [(str(band), band_name(band)) for band in bands if band < contact.lane.band]
    return (front if contact.front_at is None else []) + up
