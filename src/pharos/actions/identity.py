"""What a colleague does to know who they are talking with, before something personal is told, changed or paid."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos.actions import checks, codes, trail
from pharos.actions.errors import Refused
from pharos.actions.states import held_by
from pharos.models import Contact, Identity, IdentityCheck, User

Way = IdentityCheck.Way
VOUCHED: Final = (Way.BOOKING, Way.CALLED_BACK, Way.DOCUMENT)


def ask(*, contact: Contact, by: User, now: datetime) -> Identity:
    """Send the person a code that they tell `by`, who has the contact in hand. Returns where it went."""
    with transaction.atomic():
        _in_hand(contact, by=by)
        sent_to = codes.send(contact=contact, by=by, now=now)
        trail.record(contact, "identity_asked", now=now, by=by)
        trail.tell(contact, now=now)
    return sent_to


def told(*, contact: Contact, code: str, by: User, now: datetime) -> None:
    """The person told `by` the code; refused when it is another, or its time is over. Each try is in the trail."""
    _in_hand(contact, by=by)
    if not codes.enter(contact=contact, code=code, by=by, now=now):
        with transaction.atomic():
            trail.record(contact, "identity_not_shown", now=now, by=by)
            trail.tell(contact, now=now)
        raise Refused("wrong_code", _("This is not the code, or its time is over. Ask again, or send a new one."))


def vouch(*, contact: Contact, way: str, by: User, now: datetime) -> None:
    """`by` knows it another way, and says which; the number somebody calls from is no such way."""
    if way not in VOUCHED:
        raise Refused("way", _("Choose how you know who it is."))
    with transaction.atomic():
        _in_hand(contact, by=by)
        checks.passed(contact=contact, way=Way(way), by=by, now=now)


def _in_hand(contact: Contact, *, by: User) -> None:
    if not held_by(by, contact).exists():
        raise Refused("moved_on", _("This contact has moved on. Nothing was changed."))
