"""The present as the look-ahead reads it: who waits, who works, and what was measured lately."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import NamedTuple, cast

import numpy as np
from django.db.models import Count, Q

from pharos.engine.classes import BANDS, KINDS, Kind
from pharos.engine.lanes import Head, eligible
from pharos.engine.lanes import Lane as EngineLane
from pharos.engine.waits import FloorState, HandleTime, Held, OnFloor
from pharos.models import Agent, Contact, Lane, Organisation
from pharos.queries import floor
from pharos.queries.calendars import calendars
from pharos.queries.rules import rule

RECENT_ARRIVALS = timedelta(minutes=10)
RECENT_WORK = timedelta(hours=24)
SAMPLES = 500
MOST_WAITING = 4000  # the far end of a longer line is not followed one by one: `beyond_s` counts its work
PRIOR_WEIGHT = 10  # measured contacts that weigh as much as the starting value
PRIOR_CV = 0.8
LEAST_HANDLE_S = 0.5
LEAST_CV, MOST_CV = 0.2, 3.0


def floor_state(*, organisation: Organisation, now: datetime) -> FloorState:
    """A snapshot of one organisation's floor."""
    return FloorState(
        waiting=waiting(organisation=organisation, now=now),
        agents=_agents(organisation, now),
        handle=handle_times(organisation=organisation, now=now),
        arrivals_per_s=_arrivals(organisation, now),
        patience_s={"live": float(rule(organisation, "patience_live_seconds"))},
        lanes=every_lane(organisation),
        buckets=floor.buckets(organisation),
        now=now.timestamp(),
    )


def waiting(*, organisation: Organisation, now: datetime) -> list[Head]:
    """Everyone who waits, the longest waiting first; of a very long line those who are served last are left out."""
    hours = calendars(organisation)
    lanes = {lane.pk: lane for lane in Lane.objects.filter(organisation=organisation).select_related("queue__skill")}
    rows = Contact.objects.filter(organisation=organisation, state=Contact.State.WAITING).order_by(
        "lane__band", "virtual_arrival", "id"
    )
    engine_lanes = {pk: _engine_lane(lane) for pk, lane in lanes.items()}
    columns = ("id", "lane_id", "virtual_arrival", "guard_at", "front_at")
    heads = (
        Head(
            contact_id=pk,
            lane=engine_lanes[lane],
            waited_s=floor.waited_s(lanes[lane], since, now=now, hours=hours),
            arrival=since.timestamp(),
            guard_due=due.timestamp() if due else None,
            exempt="raised" if front else None,
        )
        for pk, lane, since, due, front in rows.values_list(*columns)[:MOST_WAITING]
        if lane in lanes
    )
    return sorted(heads, key=lambda head: (head.arrival, head.contact_id))


def how_many(organisation: Organisation, followed: Iterable[Head]) -> Counter[EngineLane]:
    """How many wait in each lane, those who are not `followed` one by one included."""
    seen = Counter(head.lane for head in followed)
    if seen.total() < MOST_WAITING:
        return seen
    return _by_lane(organisation, Q(state=Contact.State.WAITING))


def _by_lane(organisation: Organisation, which: Q) -> Counter[EngineLane]:
    """How many of these contacts came to each lane."""
    lanes = Lane.objects.filter(organisation=organisation).select_related("queue__skill").in_bulk()
    rows = Contact.objects.filter(which, organisation=organisation).values_list("lane").annotate(count=Count("id"))
    counts: Counter[EngineLane] = Counter()
    for lane, count in rows.order_by():
        counts[_engine_lane(lanes[lane])] += count
    return counts


class Work(NamedTuple):
    """What those of one lane who are not followed one by one will take, and of whom."""

    band: int
    seconds: float
    servers: frozenset[int]


def unseen(state: FloorState, waiting: Mapping[EngineLane, int]) -> list[Work]:
    """The work of those who wait and are not in the snapshot."""
    left = Counter(waiting) - Counter(head.lane for head in state.waiting)
    handles = {lane: state.handle_time(lane.kind, lane.group.skill) for lane in left}
    return [
        Work(lane.band, count * handle.mean_s, _servers(state, lane))
        for lane, count in left.items()
        if (handle := handles[lane])
    ]


def beyond_s(state: FloorState, lane: EngineLane, works: Iterable[Work]) -> float:
    """What those who are not followed one by one add to a lane's wait: their work, shared by all who may do it."""
    mine = _servers(state, lane)
    ahead = (work for work in works if work.band <= lane.band and work.servers & mine)
    return sum(work.seconds / len(work.servers | mine) for work in ahead)


def every_lane(organisation: Organisation) -> list[EngineLane]:
    """Every lane a next arrival may join."""
    groups = [
        floor.group_for(queue, language)
        for queue, language in product(organisation.queues.select_related("skill"), organisation.languages)
    ]
    return [EngineLane(band, kind, group) for band, kind, group in product(BANDS, KINDS, groups)]


def each_s(state: FloorState, lane: EngineLane) -> float:
    """What one more contact ahead adds to the wait: a handle time, shared by all who may serve the lane."""
    handle = state.handle_time(lane.kind, lane.group.skill)
    servers = len(_servers(state, lane))
    return handle.mean_s / servers if handle and servers else 0.0


def _servers(state: FloorState, lane: EngineLane) -> frozenset[int]:
    may = (agent for agent in state.agents if agent.capacity.get(lane.kind) and eligible(agent, lane.group))
    return frozenset(agent.agent_id for agent in may)


def _engine_lane(lane: Lane) -> EngineLane:
    return EngineLane(lane.band, cast("Kind", lane.kind), floor.group_of(lane))


def _agents(organisation: Organisation, now: datetime) -> list[OnFloor]:
    """Those who are available now, as one server each: handle times are measured over whole agents (`handle_times`)."""
    agents = Agent.objects.filter(
        organisation=organisation, status=Agent.Status.AVAILABLE, user__is_active=True
    ).prefetch_related("skills__skill")
    held = _held(organisation, now)
    return [
        OnFloor(
            agent_id=agent.pk,
            skills={one.skill.code: one.level for one in agent.skills.all()},
            languages=frozenset(agent.languages),
            gates=frozenset(str(one.skill_id) for one in agent.skills.all()),
            capacity={"live": min(agent.capacity_live, 1), "written": min(agent.capacity_written, 1)},
            held=tuple(held[agent.pk][:1]),
            whole=True,
        )
        for agent in agents
    ]


def _held(organisation: Organisation, now: datetime) -> defaultdict[int, list[Held]]:
    rows = Contact.objects.filter(
        organisation=organisation, agent__isnull=False, state__in=floor.IN_HAND
    ).select_related("lane__queue__skill")
    held: defaultdict[int, list[Held]] = defaultdict(list)
    for row in rows.order_by("accepted_at", "id"):
        elapsed = max((now - (row.accepted_at or now)).total_seconds(), 0.0)
        held[cast("int", row.agent_id)].append(Held(cast("Kind", row.lane.kind), elapsed, row.lane.queue.skill.code))
    return held


def _arrivals(organisation: Organisation, now: datetime) -> dict[EngineLane, float]:
    # Every state is named so that the index by state and arrival serves: what came before costs nothing.
    recent = Q(state__in=Contact.State.values, arrived_at__gte=now - RECENT_ARRIVALS, arrived_at__lte=now)
    counts = _by_lane(organisation, recent)
    return {lane: count / RECENT_ARRIVALS.total_seconds() for lane, count in counts.items()}


class Worked(NamedTuple):
    """One contact that was worked on: by whom, from when to when."""

    agent_id: int
    kind: Kind
    start: datetime
    end: datetime


def handle_times(*, organisation: Organisation, now: datetime) -> dict[tuple[Kind, str], HandleTime]:
    """How long one agent is taken by one contact, per kind of channel.

    An agent may hold several written contacts at once; the time is divided by how many were held together on average,
    so that an agent counts as one server. Until there are enough samples they lean on the operator's starting value.
    """
    worked = _worked(organisation, now)
    together = _held_together(worked)
    return {(kind, ""): _handle_time(organisation, kind, worked, together) for kind in KINDS}


def _worked(organisation: Organisation, now: datetime) -> list[Worked]:
    rows = Contact.objects.filter(
        organisation=organisation,
        state=Contact.State.CLOSED,
        closed_at__gte=now - RECENT_WORK,
        accepted_at__isnull=False,
        agent__isnull=False,
    ).order_by("-closed_at")
    values = rows.values_list("agent_id", "lane__kind", "accepted_at", "closed_at")[:SAMPLES]
    return [
        Worked(agent, cast("Kind", kind), start, end) for agent, kind, start, end in values if agent and start and end
    ]


def _held_together(worked: Iterable[Worked]) -> float:
    """How many contacts a busy agent held at once, on average; at least 1."""
    by_agent: dict[int, list[Worked]] = defaultdict(list)
    for one in worked:
        by_agent[one.agent_id].append(one)
    busy = total = 0.0
    for spans in by_agent.values():
        total += sum((one.end - one.start).total_seconds() for one in spans)
        busy += _covered(sorted((one.start, one.end) for one in spans))
    return max(total / busy, 1.0) if busy else 1.0


def _covered(spans: list[tuple[datetime, datetime]]) -> float:
    """Seconds that lie in at least one span; sorted by start."""
    covered, reached = 0.0, spans[0][0]
    for start, end in spans:
        if end > reached:
            covered += (end - max(start, reached)).total_seconds()
            reached = end
    return covered


def _handle_time(organisation: Organisation, kind: Kind, worked: list[Worked], together: float) -> HandleTime:
    prior = float(rule(organisation, f"handle_time_{kind}_seconds"))
    believed = int(rule(organisation, "wait_minimum_samples"))
    seconds = np.array([(one.end - one.start).total_seconds() for one in worked if one.kind == kind]) / together
    n = len(seconds)
    if n < believed:
        mean = (PRIOR_WEIGHT * prior + float(seconds.sum())) / (PRIOR_WEIGHT + n)
        return HandleTime(mean, PRIOR_CV)
    mean = max(float(seconds.mean()), LEAST_HANDLE_S)
    return HandleTime(mean, min(max(float(seconds.std()) / mean, LEAST_CV), MOST_CV))
