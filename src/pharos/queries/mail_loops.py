"""Whether a machine may answer an address: the rules that keep two of them from writing to each other for ever."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from pharos.models import Channel, ContactEvent, EntryPoint, Message, Organisation

ANSWERS: Final = ((timedelta(hours=1), 3), (timedelta(days=1), 8))  # at most so many to one address by ourselves
SAME_WORDS: Final = 3  # the same words so often from one address in a day: no person writes so, unless one of us acts
HEARD_MOST: Final = 12  # so often in a day, whatever somebody does in between: it may be a machine as well
ACTS: Final = ("replied", "closed", "left")  # what happens to a contact only when a person does it


def may_answer(*, organisation: Organisation, address: str, now: datetime) -> bool:
    """Whether one more answer may go to this address that nobody wrote by hand."""
    by_itself = _of(organisation, address).filter(direction=Message.Direction.OUT, author=None)
    return all(by_itself.filter(created_at__gt=now - within).count() < most for within, most in ANSWERS)


def is_repeated(*, organisation: Organisation, address: str, text: str, now: datetime) -> bool:
    """Whether these words have come from this address again and again today, as only a machine sends them.

    After somebody has answered or closed, or the person has left, they are heard as often again.
    """
    today = _of(organisation, address).filter(direction=Message.Direction.IN, created_at__gt=now - timedelta(days=1))
    before = today.filter(body=text).exclude(sort=Message.Sort.AUTOMATIC).order_by("-created_at", "-id")
    heard = list(before.values_list("created_at", "contact", "contact__merged_into")[:HEARD_MOST])
    if not SAME_WORDS <= len(heard) < HEARD_MOST:
        return len(heard) >= HEARD_MOST
    contacts = {pk for _at, *pks in heard for pk in pks if pk}
    acts = ContactEvent.objects.filter(contact__in=contacts, code__in=ACTS)
    return not acts.filter(at__gt=heard[SAME_WORDS - 1][0]).exists()


def is_ours(*, organisation: Organisation, address: str) -> bool:
    """Whether this is an address that we send from or read."""
    ours = {organisation.mail_from.lower(), settings.ENVIRONMENT.mail_from.lower()}
    if address.lower() in ours:
        return True
    entries = EntryPoint.objects.filter(organisation=organisation, channel=Channel.EMAIL)
    return entries.filter(address__iexact=address).exists()


def _of(organisation: Organisation, address: str) -> QuerySet[Message]:
    return Message.objects.filter(organisation=organisation, address__in=_spellings(address))


def _spellings(address: str) -> Sequence[str]:
    return list(dict.fromkeys((address, address.lower())))
