"""Dropping what nobody needs any more, a little at a time so that no other write waits long."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from pharos.models import Attachment, Contact, Cue, LiveEvent, Quarantined, Submission, WaitReading, WebhookDelivery

LIVE_LOG = timedelta(hours=1)
STAGED = timedelta(hours=24)
SUBMISSIONS = timedelta(days=30)
ASIDE = timedelta(days=45)  # longer than a delivery is known
TOLD = timedelta(days=7)
READINGS = timedelta(days=35)
BATCH = 2_000


def live_log(*, now: datetime) -> int:
    """Drop what live pages no longer come back for; those that do are told to load everything."""
    return _drop(LiveEvent.objects.filter(at__lt=now - LIVE_LOG))


def cues(*, now: datetime) -> int:
    """Drop what the words of closed contacts suggested, where a release that knows of none of it has closed them."""
    return _drop(Cue.objects.filter(contact__state=Contact.State.CLOSED))


def submissions(*, now: datetime) -> int:
    """Drop the proofs of deliveries that nobody sends again."""
    return _drop(Submission.objects.filter(at__lt=now - SUBMISSIONS))


def quarantined(*, now: datetime) -> int:
    """Drop mail kept aside that is settled, and reports nobody needs. A person's words stay until somebody looks."""
    passing = (Quarantined.Why.AUTOMATIC, Quarantined.Why.OWN, Quarantined.Why.BOUNCE)
    waits = Q(state=Quarantined.State.KEPT) & ~Q(why__in=passing)
    return _drop(Quarantined.objects.filter(at__lt=now - ASIDE).exclude(waits))


def wait_readings(*, now: datetime) -> int:
    """Drop the readings that nothing is learned from any more."""
    return _drop(WaitReading.objects.filter(at__lt=now - READINGS))


def webhook_deliveries(*, now: datetime) -> int:
    """Drop what other systems were told, or could not be told."""
    settled = (WebhookDelivery.State.SENT, WebhookDelivery.State.FAILED)
    return _drop(WebhookDelivery.objects.filter(state__in=settled, created_at__lt=now - TOLD))


def staged_attachments(*, now: datetime) -> int:
    """Drop files that were put to a form which was never sent."""
    forgotten = Attachment.objects.filter(message__isnull=True, created_at__lt=now - STAGED)
    dropped = 0
    for pk, path in forgotten.values_list("pk", "path")[:BATCH]:
        if forgotten.filter(pk=pk).delete()[0]:
            (settings.UPLOADS_DIR / path).unlink(missing_ok=True)
            dropped += 1
    return dropped


def _drop(rows: "QuerySet[Any]") -> int:
    oldest = rows.order_by("pk").values_list("pk", flat=True)[:BATCH]
    return rows.filter(pk__in=list(oldest)).delete()[0]
