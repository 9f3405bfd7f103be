"""Files that came with a message and are still at its carrier: fetched after the words are safe, given up late."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F

from pharos.actions import intake, trail, uploads
from pharos.models import Enclosure, Message

LEASE: Final = timedelta(seconds=60)
PAUSES_S: Final = (15, 60, 300, 1800, 7200, 28800)
FAILURE_MAX: Final = 300


def add(*, message: Message, urls: Sequence[str], now: datetime) -> None:
    """Remember where the files of a message are; the same again changes nothing."""
    rows = [Enclosure(message=message, number=number, url=url, due_at=now) for number, url in enumerate(urls)]
    Enclosure.objects.bulk_create(rows, ignore_conflicts=True)


def lease(*, now: datetime) -> Enclosure | None:
    """Take the next that is due, for `LEASE`; None when there is none. Two workers never take the same."""
    due = Enclosure.objects.filter(due_at__lte=now).order_by("due_at", "id")
    found = due.select_related("message__contact__organisation", "message__entry").first()
    if found is None:
        return None
    still = Enclosure.objects.filter(pk=found.pk, due_at=found.due_at)
    if not still.update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return None
    found.attempts += 1
    return found


def arrived(*, enclosure: Enclosure, name: str, content: bytes, now: datetime) -> None:
    """The file is here and belongs to its message; raises `Refused` when it is none that we take."""
    message = enclosure.message
    if not Enclosure.objects.filter(pk=enclosure.pk).exists():  # another worker was faster
        return
    kept = uploads.keep(organisation=message.contact.organisation, name=name, content=content, now=now)
    with transaction.atomic():
        if Enclosure.objects.filter(pk=enclosure.pk).delete()[0]:
            intake.adopt((kept.token,), message=message)
            trail.tell(message.contact, now=now)


def failed(*, enclosure: Enclosure, reason: str, permanent: bool, now: datetime) -> None:
    """It could not be fetched: again later, or given up, which the agent is told."""
    over = permanent or enclosure.attempts > len(PAUSES_S)
    due_at = None if over else now + timedelta(seconds=PAUSES_S[enclosure.attempts - 1])
    with transaction.atomic():
        rows = Enclosure.objects.filter(pk=enclosure.pk, due_at__isnull=False)
        if rows.update(due_at=due_at, failure=reason[:FAILURE_MAX]) and over:
            trail.record(enclosure.message.contact, "file_lost", now=now)
            trail.tell(enclosure.message.contact, now=now)
