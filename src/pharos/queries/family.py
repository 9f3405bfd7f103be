"""The contacts that share one place in line: who is merged into whom, and what of it who may see."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.db.models.query import QuerySet

from pharos.models import Contact, Merge, Message

WITH_ALL = ("organisation", "person", "incident__organisation", "lane__queue", "agent__user", "raised_by")


class Joined(NamedTuple):
    """A contact that waits in the place of another, and the merge by which it does."""

    contact: Contact
    merge: Merge


def root(contact: Contact) -> Contact:
    """The contact in whose place this one waits: itself, unless it was merged."""
    if contact.merged_into_id is None:
        return contact
    return Contact.objects.select_related(*WITH_ALL).get(pk=contact.merged_into_id)


def members(contact: Contact) -> list[Contact]:
    """Those who wait in the place of this contact, however they came there."""
    return list(Contact.objects.filter(merged_into=contact).select_related(*WITH_ALL).order_by("pk"))


def ids(contact: Contact) -> list[int]:
    """The contact and those who wait in its place."""
    return [contact.pk, *Contact.objects.filter(merged_into=contact).values_list("pk", flat=True)]


def people(contact: Contact) -> list[int]:
    """The people of a contact and of those who wait in its place: the same one, as far as we know."""
    rows = Contact.objects.filter(Q(pk=contact.pk) | Q(merged_into=contact))
    return list(rows.order_by("pk").values_list("person_id", flat=True))


def of(contact: Contact) -> Q:
    """Rows that belong to a contact, or to one that waits in its place."""
    return Q(contact=contact) | Q(contact__merged_into=contact)


def open_or_closed_since(since: datetime) -> Q:
    """Contacts that stand open, or were closed after this: of one that was merged, the one in whose place it waits."""
    alone = ~Q(state=Contact.State.CLOSED) | Q(closed_at__gt=since)
    together = ~Q(merged_into__state=Contact.State.CLOSED) | Q(merged_into__closed_at__gt=since)
    return Q(merged_into__isnull=True) & alone | Q(merged_into__isnull=False) & together


def merges(contact: Contact) -> "QuerySet[Merge, Merge]":
    """Every merge into a contact that was not undone, the first one first."""
    rows = Merge.objects.filter(keep=contact, undone_at__isnull=True)
    return rows.select_related("join__person", "join__lane", "by", "confirmed_by").order_by("pk")


def all_merges(contact: Contact) -> list[Merge]:
    """Every merge that holds below a contact, down to the last."""
    rows = Merge.objects.filter(join__merged_into=contact, undone_at__isnull=True)
    found = rows.select_related("keep", "join__person", "join__organisation", "join__incident", "by", "confirmed_by")
    return list(found.order_by("pk"))


def merge_of(contact: Contact) -> Merge | None:
    """The merge by which a contact left the line; None while it stands by itself."""
    return Merge.objects.filter(join=contact, undone_at__isnull=True).select_related("keep", "by").first()


def below(contact: Contact) -> list[int]:
    """The contact and all that were merged into it, or into one of those."""
    found, fresh = [contact.pk], [contact.pk]
    while fresh:
        rows = Merge.objects.filter(keep__in=fresh, undone_at__isnull=True)
        fresh = list(rows.order_by("pk").values_list("join", flat=True))
        found += fresh
    return found


def shown_on(contact: Contact) -> list[int]:
    """The contacts whose words the page of this one shows: its own, and those confirmed to be of the same person."""
    top = contact.merged_into_id or contact.pk
    rows = Merge.objects.filter(Q(join__merged_into=top), undone_at__isnull=True, confirmed_at__isnull=False)
    links = list(rows.values_list("keep", "join"))
    found, fresh = {contact.pk}, {contact.pk}
    while fresh:
        near = {one for link in links for one in link if fresh & set(link)}
        fresh = near - found
        found |= fresh
    return sorted(found)


def conversation(contact: Contact) -> list[Message]:
    """Every message of a place in line, in order, notes included; no codes. What a mail looked like is not loaded."""
    rows = Message.objects.filter(of(contact)).exclude(sort=Message.Sort.CODE)
    beside = rows.select_related("author", "contact__person", "page").defer("page__html")
    return list(beside.prefetch_related("attachments"))


def answered_next(contact: Contact, joined: Sequence[Contact]) -> Contact:
    """Whose words an answer is on, unless the agent chooses: those that came last, of those who have not left."""
    everyone = (contact, *joined)
    here = [one.pk for one in everyone if one.left_at is None or one.left_at < one.last_inbound_at]
    asked = Q(contact__in=here) if here else of(contact)
    rows = Message.objects.filter(asked, direction=Message.Direction.IN)
    last = rows.exclude(sort=Message.Sort.AUTOMATIC).order_by("-created_at", "-id").values_list("contact").first()
    return next((one for one in joined if last and one.pk == last[0]), contact)
