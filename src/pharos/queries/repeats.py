"""Who came again about the same matter: how often, and how often because we had kept silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from pharos.models import Contact, Merge, Organisation, Promise
from pharos.queries import incidents

WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Repeats:
    """Of the last day: contacts that came in, how many of them were of somebody already here, and why."""

    contacts: int
    repeats: int
    after_silence: int

    @property
    def per_issue(self) -> float | None:
        """How many contacts one matter took; None while there is none."""
        issues = self.contacts - self.repeats
        return self.contacts / issues if issues > 0 else None


def repeats(*, organisation: Organisation, now: datetime) -> Repeats:
    """What came in during the last day, counted by contact."""
    since = now - WINDOW
    # Every state is named, so that the index on (organisation, state, arrived_at) finds the day by itself.
    came = Contact.objects.filter(organisation=organisation, state__in=Contact.State.values, arrived_at__gte=since)
    again = Merge.objects.filter(organisation=organisation, at__gte=since, undone_at__isnull=True)
    counted = again.aggregate(all=Count("pk"), silent=Count("pk", filter=Q(after_silence=True)))
    return Repeats(came.count(), counted["all"], counted["silent"])


def is_after_silence(one: Contact, other: Contact) -> bool:
    """Whether we owed the person a word when they came again: a promise had passed unanswered, or an update was due."""
    first, again = sorted((one, other), key=lambda contact: (contact.arrived_at, contact.pk))
    at = again.arrived_at
    unanswered = Q(settled_at__isnull=True) | Q(settled_at__gt=at) | Q(kept=False, settled_at__lte=at)
    if Promise.objects.filter(unanswered, contact=first, by__lte=at).exists():
        return not first.first_answered_at or first.first_answered_at > at
    clock = incidents.clock(first.incident, now=at) if first.incident and first.incident.is_open else None
    return bool(clock and clock.is_late)
