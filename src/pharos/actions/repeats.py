"""Somebody wrote again: told once, kindly, that one request is enough, and where it stands."""

from datetime import datetime
from typing import Final

from pharos.actions import letters, trail
from pharos.models import Contact, ContactEvent, Message
from pharos.queries import family

TOLD: Final = "told_one_is_enough"


def tell_once(again: Contact, *, now: datetime) -> None:
    """By the road they came on, once for a matter. Nobody is told whom we do not answer by ourselves.

    That is who writes where everyone reads it, whose words came by themselves, and who is being talked to already.
    """
    top = family.root(again)
    if top.state not in (Contact.State.WAITING, Contact.State.OFFERED) or not _may_tell(again):
        return
    if ContactEvent.objects.filter(contact__in=family.ids(top), code=TOLD).exists():
        return
    letters.one_is_enough(again, now=now).save(force_insert=True)
    trail.record(again, TOLD, now=now)


def _may_tell(contact: Contact) -> bool:
    if not contact.messages.filter(sort=Message.Sort.ACKNOWLEDGEMENT).exists():
        return False
    last = contact.messages.filter(direction=Message.Direction.IN).order_by("-created_at", "-id").first()
    return last is not None and not last.is_public
