"""Reports that may be of a person somebody is looking for: by the name, in any script, for staff to look at."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import Q

from pharos.engine.identity_levels import MISSING, NAME, names
from pharos.models import Contact

NEAR: Final = NAME.index("part")
SEEN: Final = timedelta(days=30)
MOST: Final = 5_000  # contacts whose names are compared, the newest first
SHOWN: Final = 10


class Alike(NamedTuple):
    """A contact with a name like the one that is looked for, or an enquiry that looks for a name like this one."""

    contact: Contact
    name: str
    is_enquiry: bool
    level: str


def alike(contact: Contact, *, now: datetime) -> list[Alike]:
    """For an enquiry: who wrote, or was written about, under such a name. For others: enquiries that look for them."""
    others = Contact.objects.filter(organisation=contact.organisation_id, arrived_at__gte=now - SEEN)
    others = others.exclude(pk=contact.pk).exclude(incident__is_drill=True).order_by("-arrived_at", "-id")
    enquiry = getattr(contact, "enquiry", None)
    columns = ("pk", "person__name", "behalf__name", "enquiry__name")
    if enquiry is None:
        sought = [one for one in (contact.person.name, _about(contact)) if one]
        rows = others.filter(enquiry__isnull=False) if sought else others.none()
    else:
        sought = [enquiry.name]
        named = ~Q(person__name="") | Q(behalf__isnull=False) | Q(enquiry__isnull=False)
        rows = others.filter(named)
    found: dict[int, tuple[int, str, bool]] = {}
    for pk, own, about, looked_for in rows.values_list(*columns)[:MOST]:
        offered = [(looked_for or "", True)] if enquiry is None or looked_for else [(own, False), (about or "", False)]
        levels = [(names(sought, [name]), name, is_one) for name, is_one in offered if name]
        fitting = [one for one in levels if one[0] != MISSING and one[0] <= NEAR]
        if fitting:
            found[pk] = min(fitting)
    first = sorted(found.items(), key=lambda item: (item[1][0], -item[0]))[:SHOWN]
    contacts = Contact.objects.select_related("person").in_bulk([pk for pk, _fit in first])
    return [Alike(contacts[pk], name, is_one, NAME[level]) for pk, (level, name, is_one) in first]


def _about(contact: Contact) -> str:
    behalf = getattr(contact, "behalf", None)
    return str(behalf.name) if behalf else ""
