"""The keys of the register: nothing starts without those that its rows were sealed with, and they can be changed."""

import hashlib
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from pharos.models import EntryPoint, Loop, NeedsKey, SupportNeed
from pharos.models.sealing import keys

BATCH: Final = 200


class KeyMissing(Exception):
    """A key that recorded needs are sealed with is not there; the text is one line that says what to do."""


def check(*, now: datetime) -> None:
    """Refuse when a key is missing that rows were sealed with; remember the newest, which rows will be sealed with."""
    held = [_mark(key) for key in keys()]
    missing = list(NeedsKey.objects.exclude(mark__in=held).values_list("mark", flat=True))
    if missing and (_is_sealed() or _runs_elsewhere(now)):
        raise KeyMissing(
            f"recorded needs and passwords are sealed with the key {missing[0]}, which is not there; "
            "put it back (in the setting, or as needs.key in the data folder: backups hold it) and start again"
        )
    NeedsKey.objects.filter(mark__in=missing).delete()
    NeedsKey.objects.bulk_create([NeedsKey(mark=held[0], since=now)], ignore_conflicts=True)


def seal_anew(*, now: datetime) -> int:
    """Seal every row with the newest key, each only while nobody else changes it; older keys are not needed then."""
    newest = _mark(keys()[0])
    NeedsKey.objects.bulk_create([NeedsKey(mark=newest, since=now)], ignore_conflicts=True)
    done = _sealed_anew(SupportNeed.objects.filter(ended_at__isnull=True), "what")
    done += _sealed_anew(EntryPoint.objects.exclude(secret=""), "secret")
    NeedsKey.objects.exclude(mark=newest).delete()
    return done


def _sealed_anew(all_rows: QuerySet[Any], name: str) -> int:
    """The column of each row sealed with the newest key; returns how many."""
    done = last = 0
    rows = all_rows.annotate(sealed=Cast(name, TextField())).order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        for row in batch:
            still = rows.filter(pk=row.pk, sealed=row.sealed).order_by()
            done += still.update(**{name: getattr(row, name)})
        last = batch[-1].pk
    return done


def _is_sealed() -> bool:
    needs = SupportNeed.objects.filter(ended_at__isnull=True)
    return needs.exists() or EntryPoint.objects.exclude(secret="").exists()


def _runs_elsewhere(now: datetime) -> bool:
    """Two machines that seal with keys of their own could not read each other's rows."""
    return Loop.objects.filter(lease_until__gt=now).exists()


def _mark(key: str) -> str:
    """By this a key is known without being told."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
