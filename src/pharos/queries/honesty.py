"""How honest the waits were that people were told: what was told, held against what came."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Count, Q
from django.db.models.query import QuerySet

from pharos.engine.scores import Scored, WaitScore, score
from pharos.models import LookAhead, Organisation, Promise

SEEN: Final = timedelta(days=7)
MOST: Final = 20_000  # the newest; more would change no figure
FEWEST: Final = 20  # promises: fewer say nothing in public


class Kept(NamedTuple):
    """How many promises came due or were met, and how many of them were kept."""

    due: int
    kept: int

    @property
    def share(self) -> float | None:
        """None before any came due."""
        return self.kept / self.due if self.due else None


class Honesty(NamedTuple):
    """Of one class, or of all (`band` and `kind` None): promises, and ranges against the waits that came."""

    band: int | None
    kind: str | None
    kept: Kept
    score: WaitScore | None


class Look(NamedTuple):
    """How waits are worked out now, and what the nights have taught. `without`: why not by machine code."""

    at: datetime | None
    paths: int
    without: str
    learned_at: datetime | None
    lessons: int
    is_believed: bool
    gain: float | None


def kept(*, organisation: Organisation, now: datetime) -> Kept:
    """The promises of the last week."""
    counts = _settled(organisation, now).aggregate(
        due=Count("pk", filter=Q(kept__isnull=False)), kept=Count("pk", filter=Q(kept=True))
    )
    return Kept(counts["due"], counts["kept"])


def public_share(*, organisation: Organisation, now: datetime) -> float | None:
    """The share of promises kept in the last week; None from too few."""
    found = kept(organisation=organisation, now=now)
    return found.share if found.due >= FEWEST else None


def honesty(*, organisation: Organisation, now: datetime) -> list[Honesty]:
    """All together first, then every class that was told something that has come due or was answered."""
    columns = ("band", "kind", "low_s", "median_s", "high_s", "waited_s", "told_at", "settled_at", "kept")
    rows = list(_settled(organisation, now).order_by("-settled_at").values(*columns)[:MOST])
    classes: defaultdict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        classes[row["band"], row["kind"]].append(row)
    found = [_honesty(None, None, rows), *(_honesty(band, kind, classes[band, kind]) for band, kind in sorted(classes))]
    return [one for one in found if one.kept.due or one.score]


def _settled(organisation: Organisation, now: datetime) -> "QuerySet[Promise]":
    return Promise.objects.filter(contact__organisation=organisation, settled_at__gt=now - SEEN, settled_at__lte=now)


def _honesty(band: int | None, kind: str | None, rows: list[dict[str, Any]]) -> Honesty:
    due = [row["kept"] for row in rows if row["kept"] is not None]
    told = list(_scored(rows))
    return Honesty(band, kind, Kept(len(due), sum(due)), score(told) if told else None)


def _scored(rows: Iterable[dict[str, Any]]) -> Iterable[Scored]:
    """Ranges whose wait is over, and those that were broken first: these were at least as long as we know by then."""
    for row in rows:
        if row["low_s"] is None or row["high_s"] is None or (row["waited_s"] is None and row["kept"] is not False):
            continue
        came_s = row["waited_s"]
        if came_s is None:
            came_s = max((row["settled_at"] - row["told_at"]).total_seconds(), row["high_s"] + 1.0)
        middle_s = (row["low_s"] + row["high_s"]) / 2 if row["median_s"] is None else row["median_s"]
        yield Scored("", middle_s, row["low_s"], row["high_s"], came_s)


def look(*, organisation: Organisation) -> Look | None:
    """None before the first look ahead."""
    row = LookAhead.objects.filter(organisation=organisation).first()
    if row is None:
        return None
    believed = row.residual is not None
    return Look(row.at, row.paths, row.without, row.learned_at, row.lessons, believed, row.gain)
