"""Of those who share one place: who may still need us, and who has said that they need nothing more.

Contacts that were confirmed to be of one person count together: what that person said last holds for all of them.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Max

from pharos.models import Contact, ContactEvent, Merge, Message
from pharos.queries import family

State = Contact.State


def has_left(contact: Contact) -> bool:
    """Whether the person said that they need nothing more, and has not written since."""
    mine = family.shown_on(contact)
    if mine == [contact.pk] and contact.merged_into_id is None and not _is_shared(contact):
        return contact.left_at is not None and contact.left_at >= contact.last_inbound_at
    contacts = list(Contact.objects.filter(pk__in=mine))
    return _have_left(contacts, _last_words(mine))


def still_here(top: Contact) -> list[Contact]:
    """Whoever a place still stands for: all who wait in it, but those who have left and those it was closed for."""
    merges = family.all_merges(top)
    everyone = [top, *(one.join for one in merges)]
    words = _last_words([one.pk for one in everyone])
    together = _together(everyone, merges)
    over = _over(everyone, merges, words)
    return [one for one in everyone if one.pk not in over and not _have_left(together[one.pk], words)]


def _is_shared(top: Contact) -> bool:
    return Contact.objects.filter(merged_into=top).exists()


def _have_left(contacts: Collection[Contact], words: Mapping[int, datetime]) -> bool:
    """Of one person: whether the last thing they said is that they need nothing more."""
    left = [one.left_at for one in contacts if one.left_at]
    return bool(left) and max(left) >= max(words.get(one.pk, one.arrived_at) for one in contacts)


def _last_words(contacts: Collection[int]) -> dict[int, datetime]:
    """When each of them wrote last; what a machine wrote counts for nothing."""
    rows = Message.objects.filter(contact__in=contacts, direction=Message.Direction.IN)
    rows = rows.exclude(sort=Message.Sort.AUTOMATIC).order_by()
    return dict(rows.values_list("contact").annotate(last=Max("created_at")))


def _together(everyone: Collection[Contact], merges: Collection[Merge]) -> dict[int, list[Contact]]:
    """By contact: all that were confirmed to be of the same person, itself among them."""
    groups = {one.pk: [one] for one in everyone}
    for merge in merges:
        one, other = groups[merge.keep_id], groups[merge.join_id]
        if merge.confirmed_at and one is not other:
            both = one + other
            groups |= {contact.pk: both for contact in both}
    return groups


def _over(everyone: Collection[Contact], merges: Collection[Merge], words: Mapping[int, datetime]) -> set[int]:
    """Those joined who were closed before, or with the place since, and have not written after that."""
    upper = {one.join_id: one for one in merges}
    closes = list(ContactEvent.objects.filter(contact__in=everyone, code="closed").values_list("contact", "at"))
    over = set()
    for merge in merges:
        closed = [merge.at] if merge.before["state"] == State.CLOSED else []
        above: Merge | None = merge
        while above:
            closed += [at for contact, at in closes if contact == above.keep_id and at >= above.at]
            above = upper.get(above.keep_id)
        if closed and words.get(merge.join_id, merge.at) <= max(closed):
            over.add(merge.join_id)
    return over
