"""The published waits."""

from dataclasses import replace
from datetime import datetime, timedelta

from pharos.engine.estimates import Unknown, Wait
from pharos.models import Contact, Lane, Organisation, WaitEstimate
from pharos.queries.rules import rule

NOT_MEASURED = "not_measured"


def wait_of(lane: Lane, *, organisation: Organisation, now: datetime) -> Wait | Unknown:
    """What the next arrival of this lane must expect: the last published estimate, if that is fresh enough.

    In a burst hundreds come between two looks ahead; each that came since and goes first adds its share.
    """
    fresh = now - timedelta(seconds=rule(organisation, "wait_valid_seconds"))
    row = WaitEstimate.objects.filter(
        queue_id=lane.queue_id, language=lane.language, band=lane.band, kind=lane.kind, at__gte=fresh
    ).first()
    if row is None:
        return Unknown(NOT_MEASURED)
    return with_more(row, _came_since(row, lane) if row.each_s else 0)


def with_more(row: WaitEstimate, came: int) -> Wait | Unknown:
    """A published wait, and the share of each who came since and goes first."""
    wait = told(row)
    if isinstance(wait, Unknown) or not row.each_s:
        return wait
    more_s = row.each_s * came
    return replace(wait, low_s=wait.low_s + more_s, median_s=wait.median_s + more_s, high_s=wait.high_s + more_s)


def _came_since(row: WaitEstimate, lane: Lane) -> int:
    return Contact.objects.filter(
        organisation_id=row.organisation_id,
        state=Contact.State.WAITING,
        arrived_at__gt=row.at,
        lane__queue_id=lane.queue_id,
        lane__kind=lane.kind,
        lane__band__lte=lane.band,
    ).count()


def told(row: WaitEstimate) -> Wait | Unknown:
    """One published row as a wait."""
    if row.low_s is None or row.median_s is None or row.high_s is None:
        return Unknown(row.unknown or NOT_MEASURED)
    return Wait(row.low_s, row.median_s, row.high_s, 0)
