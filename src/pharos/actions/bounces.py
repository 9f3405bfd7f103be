"""Addresses that mail does not reach: known from what mail servers send back, until mail comes from there again."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from pharos.actions import delivery, trail
from pharos.models import Identity, Message, Organisation, StaffMail

SENT = Message.State.SENT


def bounced(*, message: Message, said: str, is_for_good: bool, now: datetime) -> None:
    """A message of ours came back. When its address is none, all who look at it see so. Told twice is told once."""
    failure = said[: delivery.FAILURE_MAX]
    with transaction.atomic():
        came_back = Message.objects.filter(pk=message.pk, state=SENT)
        if came_back.update(state=Message.State.FAILED, failure=failure, settled_at=now):
            trail.record(message.contact, "delivery_failed", now=now, message=message.pk)
            trail.tell(message.contact, now=now)
        if is_for_good:
            working = known(message.organisation_id, message.address).filter(undelivered_at=None)
            working.update(undelivered_at=now, undelivered=failure)


def bounced_staff(*, mail: StaffMail, said: str) -> None:
    """The same for mail to a member of staff."""
    rows = StaffMail.objects.filter(pk=mail.pk, state=StaffMail.State.SENT)
    rows.update(state=StaffMail.State.FAILED, failure=said[: delivery.FAILURE_MAX])


def arrives(*, organisation: Organisation, address: str) -> None:
    """Mail came from this address: it works, as far as anybody can know."""
    rows = known(organisation.pk, address).filter(undelivered_at__isnull=False)
    if rows.exists():  # looking must not take SQLite's only write lock
        rows.update(undelivered_at=None, undelivered="")


def known(organisation_id: int, address: str) -> QuerySet[Identity]:
    """Everybody in the organisation who is known by this mail address."""
    return Identity.objects.filter(
        organisation_id=organisation_id, sort=Identity.Sort.EMAIL, value=address.strip().lower()
    )
