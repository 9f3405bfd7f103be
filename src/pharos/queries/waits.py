"""The published waits."""

from datetime import datetime, timedelta

from pharos.engine.estimates import Unknown, Wait
from pharos.models import Lane, Organisation, WaitEstimate
from pharos.queries.rules import rule

NOT_MEASURED = "not_measured"


def wait_of(lane: Lane, *, organisation: Organisation, now: datetime) -> Wait | Unknown:
    """What the next arrival of this lane must expect, by the last published estimate if that is fresh enough."""
    fresh = now - timedelta(seconds=rule(organisation, "wait_valid_seconds"))
    row = WaitEstimate.objects.filter(
        queue_id=lane.queue_id, language=lane.language, band=lane.band, kind=lane.kind, at__gte=fresh
    ).first()
    return Unknown(NOT_MEASURED) if row is None else told(row)


def told(row: WaitEstimate) -> Wait | Unknown:
    """One published row as a wait."""
    if row.low_s is None or row.median_s is None or row.high_s is None:
        return Unknown(row.unknown or NOT_MEASURED)
    return Wait(row.low_s, row.median_s, row.high_s, 0)
