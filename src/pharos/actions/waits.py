"""Working out the waits and publishing them: the doors only read."""

from datetime import datetime
from itertools import product
from typing import cast

import numpy as np
from django.db import transaction

from pharos import live
from pharos.actions import promises
from pharos.engine.classes import BANDS, KINDS, Kind
from pharos.engine.estimates import Unknown, Wait
from pharos.engine.lanes import Lane
from pharos.engine.waits import FloorState, WaitCurve, look_ahead
from pharos.models import Organisation, WaitEstimate
from pharos.queries import floor, lookahead
from pharos.queries.rules import class_rules

PATHS = 60
WORK = 60_000  # paths times waiting contacts: a long line is followed on fewer paths
FEWEST_PATHS = 20
NOTICEABLE = 0.1


def publish(*, organisation: Organisation, now: datetime, rng: np.random.Generator) -> None:
    """Look ahead from the present, publish every class's wait, and hold the told promises against it."""
    state = lookahead.floor_state(organisation=organisation, now=now)
    paths = max(FEWEST_PATHS, min(PATHS, WORK // max(len(state.waiting), 1)))
    curve = look_ahead(state, class_rules(organisation), rng, paths)
    _publish(organisation, state, curve, now=now)
    promises.hold_against(organisation=organisation, curve=curve, now=now)


def _publish(organisation: Organisation, state: FloorState, curve: WaitCurve, *, now: datetime) -> None:
    counts = lookahead.how_many(organisation, state.waiting)
    unseen = lookahead.unseen(state, counts)
    queues = organisation.queues.select_related("skill")
    rows = [
        WaitEstimate(organisation=organisation, queue=queue, language=language, band=band, kind=kind, at=now)
        for queue, language, band, kind in product(queues, organisation.languages, BANDS, KINDS)
    ]
    for row in rows:
        lane = Lane(row.band, cast("Kind", row.kind), floor.group_for(row.queue, row.language))
        row.waiting = counts[lane]
        row.each_s = lookahead.each_s(state, lane)
        _fill(row, curve.of(lane), more_s=lookahead.beyond_s(state, lane, unseen))
    before = {_key(row): row for row in WaitEstimate.objects.filter(organisation=organisation)}
    with transaction.atomic():
        WaitEstimate.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["queue", "language", "band", "kind"],
            update_fields=["low_s", "median_s", "high_s", "each_s", "unknown", "waiting", "at"],
        )
        if any(_differs(before.get(_key(row)), row) for row in rows):
            live.nudge(organisation_id=organisation.pk, topics=["board", "waits"], now=now)


def _fill(row: WaitEstimate, wait: Wait | Unknown, *, more_s: float) -> None:
    if isinstance(wait, Unknown):
        row.unknown = wait.reason
    else:
        row.low_s, row.median_s, row.high_s = wait.low_s + more_s, wait.median_s + more_s, wait.high_s + more_s


def _key(row: WaitEstimate) -> tuple[int, str, int, str]:
    return row.queue_id, row.language, row.band, row.kind


def _differs(before: WaitEstimate | None, after: WaitEstimate) -> bool:
    """Whether a reader would notice."""
    if before is None or before.unknown != after.unknown or before.waiting != after.waiting:
        return True
    if before.high_s is None or after.high_s is None:
        return before.high_s != after.high_s
    return abs(before.high_s - after.high_s) > NOTICEABLE * max(before.high_s, 60.0)
