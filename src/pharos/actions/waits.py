"""Working out the waits and publishing them: the doors only read."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Any, NamedTuple, cast

import numpy as np
from django.db import transaction

from pharos import live
from pharos.actions import promises
from pharos.engine import paths
from pharos.engine.classes import BANDS, KINDS, Kind
from pharos.engine.estimates import Unknown, Wait
from pharos.engine.lanes import Lane
from pharos.engine.telling import Said, Teller
from pharos.engine.waits import Run, WaitCurve, look_ahead
from pharos.models import Contact, LookAhead, Organisation, WaitEstimate, WaitReading
from pharos.queries import floor, lookahead, telling
from pharos.queries.lookahead import Present
from pharos.queries.rules import class_rules, rule

FEWEST_PATHS = 20
NOTICEABLE = 0.1
BETWEEN = timedelta(minutes=1)  # readings of one class
ENDS = ("low_s", "median_s", "high_s")


class Player(NamedTuple):
    """Who plays the futures, and how many: a long line is followed on fewer. `without`: why not machine code."""

    run: Run = paths.run
    most_paths: int = 60
    work: int = 60_000  # paths times waiting contacts
    without: str = ""

    def paths(self, waiting: int) -> int:
        """How many futures of a line so long."""
        return max(FEWEST_PATHS, min(self.most_paths, self.work // max(waiting, 1)))


ARRAYS = Player()
Key = tuple[int, str, int, str]


def publish(*, organisation: Organisation, now: datetime, rng: np.random.Generator, player: Player = ARRAYS) -> None:
    """Look ahead from the present, publish every class's wait, and hold the told promises against it."""
    present = lookahead.present(organisation=organisation, now=now)
    count = player.paths(len(present.state.waiting))
    curve = look_ahead(present.state, class_rules(organisation), rng, count, run=player.run)
    teller = telling.teller(organisation=organisation, now=now)
    before = {_key(row): row for row in WaitEstimate.objects.filter(organisation=organisation)}
    _read(organisation, before, now=now)
    _publish(organisation, present, curve, teller, before, now=now)
    known = {"at": now, "paths": count, "without": player.without}
    LookAhead.objects.update_or_create(organisation=organisation, defaults=known)
    promises.hold_against(organisation=organisation, curve=_told(present, curve, teller), now=now)


def _publish(
    organisation: Organisation,
    present: Present,
    curve: WaitCurve,
    teller: Teller,
    before: Mapping[Key, WaitEstimate],
    *,
    now: datetime,
) -> None:
    counts = lookahead.how_many(organisation, present.state.waiting)
    unseen = lookahead.unseen(present, counts)
    queues = organisation.queues.select_related("skill")
    rows = [
        WaitEstimate(organisation=organisation, queue=queue, language=language, band=band, kind=kind, at=now)
        for queue, language, band, kind in product(queues, organisation.languages, BANDS, KINDS)
    ]
    for row in rows:
        lane = Lane(row.band, cast("Kind", row.kind), floor.group_for(row.queue, row.language))
        row.waiting = counts[lane]
        row.each_s = lookahead.each_s(present, lane)
        _fill(row, curve.of(lane), lane, present, teller, more_s=lookahead.beyond_s(present, lane, unseen))
    with transaction.atomic():
        WaitEstimate.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["queue", "language", "band", "kind"],
            update_fields=[*ENDS, "each_s", "unknown", "waiting", "basis", "at"],
        )
        if any(_differs(before.get(_key(row)), row) for row in rows):
            live.nudge(organisation_id=organisation.pk, topics=["board", "waits"], now=now)


def _fill(
    row: WaitEstimate, wait: Wait | Unknown, lane: Lane, present: Present, teller: Teller, *, more_s: float
) -> None:
    if isinstance(wait, Unknown):
        row.unknown = wait.reason
        return
    state = present.situation.numbers(lane)
    whole = Wait(wait.low_s + more_s, wait.median_s + more_s, wait.high_s + more_s, wait.paths)
    said = teller.say(lane, whole, state)
    row.basis = _basis(said, state)
    if isinstance(said.told, Unknown):
        row.unknown = said.told.reason
    else:
        row.low_s, row.median_s, row.high_s = said.told.low_s, said.told.median_s, said.told.high_s


def _basis(said: Said, state: tuple[float, ...]) -> dict[str, object]:
    return {
        "ahead": round(said.ahead_s, 1),
        "point": [round(getattr(said.point, end), 1) for end in ENDS],
        "range": [said.range.low_s, said.range.high_s],
        "state": [round(number, 4) for number in state],
    }


def _told(present: Present, curve: WaitCurve, teller: Teller) -> WaitCurve:
    """What is left for everyone who waits, as it may be told: a residual is learned of arrivals and is not for them."""
    lanes = {head.contact_id: head.lane for head in present.state.waiting}
    remaining = {
        contact: teller.say(lanes[contact], wait, ()).told if isinstance(wait, Wait) else wait
        for contact, wait in curve.remaining.items()
    }
    return WaitCurve(curve.next_arrival, remaining)


def _read(organisation: Organisation, before: Mapping[Key, WaitEstimate], *, now: datetime) -> None:
    """Keep what was worked out for some who came since: one of each class a minute."""
    since = max((row.at for row in before.values()), default=now)
    if since < now - timedelta(seconds=rule(organisation, "wait_valid_seconds")):
        return
    recent = WaitReading.objects.filter(organisation=organisation, at__gt=now - BETWEEN)
    read = set(recent.values_list("band", "kind"))
    came = Contact.objects.filter(
        organisation=organisation, state__in=Contact.State.values, arrived_at__gt=since, arrived_at__lte=now
    ).select_related("lane")
    ahead: Counter[tuple[int, str, int]] = Counter()
    rows = []
    for contact in came.only("lane", "arrived_at").order_by("arrived_at", "id"):
        lane = contact.lane
        estimate = before.get((lane.queue_id, lane.language, lane.band, lane.kind))
        if estimate and estimate.basis and (lane.band, lane.kind) not in read:
            read.add((lane.band, lane.kind))
            first = sum(ahead[lane.queue_id, lane.kind, band] for band in range(lane.band + 1))
            rows.append(_reading(contact, estimate, estimate.basis, more_s=estimate.each_s * first))
        ahead[lane.queue_id, lane.kind, lane.band] += 1
    WaitReading.objects.bulk_create(rows)


def _reading(contact: Contact, estimate: WaitEstimate, basis: Mapping[str, Any], *, more_s: float) -> WaitReading:
    lane = contact.lane
    point, range_ = basis["point"], basis["range"]
    return WaitReading(
        organisation_id=estimate.organisation_id,
        contact=contact,
        band=lane.band,
        kind=lane.kind,
        at=contact.arrived_at,
        ahead_s=basis["ahead"] + more_s,
        low_s=point[0] + more_s,
        median_s=point[1] + more_s,
        high_s=point[2] + more_s,
        said_low_s=range_[0] + more_s,
        said_high_s=range_[1] + more_s,
        state=basis["state"],
    )


def _key(row: WaitEstimate) -> Key:
    return row.queue_id, row.language, row.band, row.kind


def _differs(before: WaitEstimate | None, after: WaitEstimate) -> bool:
    """Whether a reader would notice."""
    if before is None or before.unknown != after.unknown or before.waiting != after.waiting:
        return True
    if before.high_s is None or after.high_s is None:
        return before.high_s != after.high_s
    return abs(before.high_s - after.high_s) > NOTICEABLE * max(before.high_s, 60.0)
