"""How the desk says promises, picks, languages and days."""

from typing import Final, NamedTuple

from django.utils.translation import gettext

from pharos import content
from pharos.content.calendars import local_date
from pharos.engine.zones import local_day
from pharos.http.order import Said
from pharos.http.reader import Reader
from pharos.models import Contact

NEAR_YEAR: Final = 200  # days around now in which a day is told without its year
URGENT_DAYS: Final = 7


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
