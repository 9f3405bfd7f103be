"""Numbers that want no more texts."""

from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from pharos.models import Channel, Contact, Identity, Message, OptOut

NAMESAKES: Final = 200  # people who are known by one number; a family may share it


def may_write(organisation_id: int, address: str, *, key: str) -> bool:
    """Whether a text may go to this number; the one that says so to who wants none may. `key`: of the message."""
    told = OptOut.objects.filter(organisation_id=organisation_id, address=address).values_list("told_id", flat=True)
    return all(key == f"m{one}" for one in told)


def silent_since(organisation_id: int, address: str) -> datetime | None:
    """Since when this number wants no texts; None when it may be written to."""
    rows = OptOut.objects.filter(organisation_id=organisation_id, address=address)
    return rows.values_list("since", flat=True).first()


def contact_of(organisation_id: int, address: str) -> Contact | None:
    """Who wrote from this number: of their contacts the newest that is open, else the newest.

    A number that somebody only typed may be another's, who would then be told of a request that is not theirs.
    """
    known = Identity.objects.filter(
        organisation_id=organisation_id, sort__in=(Identity.Sort.PHONE, Identity.Sort.HANDLE), value=address
    )
    people = list(known.order_by("-id").values_list("person_id", flat=True)[:NAMESAKES])
    wrote = Message.objects.filter(contact=OuterRef("pk"), direction="in", channel=Channel.SMS, address=address)
    rows = Contact.objects.filter(Exists(wrote), organisation_id=organisation_id, person__in=people).order_by("-id")
    found = rows.select_related("person", "organisation", "incident", "lane__queue")
    return found.exclude(state=Contact.State.CLOSED).first() or found.first()
