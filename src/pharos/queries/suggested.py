"""Which contacts a colleague is shown as maybe of the same person: the likely ones that nobody has said no to."""

from datetime import datetime

from django.db.models import Q

from pharos.models import Contact, NotSame
from pharos.queries import family
from pharos.queries.likeness import Match, likely

__all__ = ["Match", "matches"]


def matches(contact: Contact, *, now: datetime) -> list[Match]:
    """The likeliest first; of those who share a place, the one in whose place they wait. What is joined is no news."""
    mine = set(family.ids(contact))
    apart = _apart(mine)
    found: dict[int, Match] = {}
    for match in likely(contact, now=now):
        top = family.root(match.contact)
        if top.pk not in mine and not apart & {top.pk, match.contact.pk} and top.pk not in found:
            found[top.pk] = match._replace(contact=top)
    return list(found.values())


def _apart(contacts: set[int]) -> set[int]:
    """Those of whom somebody said that they are other people."""
    rows = NotSame.objects.filter(Q(first__in=contacts) | Q(second__in=contacts))
    return {one for pair in rows.values_list("first", "second") for one in pair} - contacts
