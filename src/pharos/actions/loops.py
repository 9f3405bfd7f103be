"""Which worker runs which loop, and how each loop fares.

A lease keeps several workers from doing the same work; nothing breaks when two do it for a moment, because every action
changes only rows that are still as it read them.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from pharos.actions import holds
from pharos.models import Loop

LEASE = timedelta(seconds=6)  # a worker that is killed is replaced within this time
AHEAD = 2 * LEASE  # no lease ends later than this, unless a clock was put back since


class Fared(NamedTuple):
    """How a loop fared in this worker: `failures` in a row; `last_run_at` is the end of the last run."""

    name: str
    last_run_at: datetime
    next_run_at: datetime
    failures: int
    last_failure: str


def enter(*, names: Iterable[str], known: Collection[str]) -> None:
    """Make the rows of these loops where there are none, and forget those that the program no longer knows."""
    Loop.objects.bulk_create([Loop(name=name) for name in names], ignore_conflicts=True)
    Loop.objects.exclude(name__in=known).delete()


def are_missing(*, names: Collection[str]) -> bool:
    """Whether rows of these loops are gone: a worker of another release does not know them and has forgotten them."""
    return Loop.objects.filter(name__in=names).count() < len(names)


def claim(*, names: Collection[str], holder: str, now: datetime) -> frozenset[str]:
    """Renew the leases this worker holds and take those that are free or have ended; the names that it now holds."""
    ended = Q(lease_until__lte=now) | Q(lease_until__gt=now + AHEAD)
    free = Q(holder=holder) | Q(lease_until__isnull=True) | ended
    with transaction.atomic():
        holds.in_order(Loop.objects.filter(name__in=names))
        Loop.objects.filter(free, name__in=names).update(holder=holder, lease_until=now + LEASE)
    held = Loop.objects.filter(holder=holder, lease_until__gt=now, name__in=names)
    return frozenset(held.values_list("name", flat=True))


def release(*, holder: str) -> None:
    """Let another worker go on at once."""
    Loop.objects.filter(holder=holder).update(holder="", lease_until=None)


def release_all() -> None:
    """In data that were just restored: whoever held a loop when the backup was made is not here."""
    Loop.objects.update(holder="", lease_until=None)


def report(*, fared: Iterable[Fared]) -> None:
    """Write down how loops fared, unless another worker has reported later."""
    with transaction.atomic():
        fared = list(fared)
        holds.in_order(Loop.objects.filter(name__in=[one.name for one in fared]))
        for one in fared:
            ahead = Q(last_run_at__gt=one.last_run_at + AHEAD)
            older = Q(last_run_at__isnull=True) | Q(last_run_at__lt=one.last_run_at) | ahead
            Loop.objects.filter(older, name=one.name).update(
                last_run_at=one.last_run_at,
                next_run_at=one.next_run_at,
                failures=one.failures,
                last_failure=one.last_failure,
            )
