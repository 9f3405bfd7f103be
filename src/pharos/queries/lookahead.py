"""The present as the look-ahead reads it: who waits, who works, and what was measured lately."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import product
from math import sqrt
from typing import Final, NamedTuple, cast

from django.db.models import Count
from django.db.models.query import QuerySet

from pharos.engine.arrivals import Present as Arrivals
from pharos.engine.classes import BANDS, KINDS, Kind
from pharos.engine.lanes import Head
from pharos.engine.lanes import Lane as EngineLane
from pharos.engine.paths import Unsure
from pharos.engine.telling import Situation
from pharos.engine.waits import FloorState, Held, OnFloor
from pharos.models import Agent, Contact, Lane, Organisation
from pharos.queries import floor, measures, workforce
from pharos.queries.calendars import calendars
from pharos.queries.usual import MIDDLES_S, STARTS_S, Profile

MOST_WAITING = 4000  # the far end of a longer line is not followed one by one: `beyond_s` counts its work
MEMORY: Final = 20  # contacts that weigh as much as what was believed before
LEAST_TIMES: Final = 1e-6


class Present(NamedTuple):
    """The floor as it is, in the engine's words, and how many times as many come as usual."""

    state: FloorState
    situation: Situation


def present(*, organisation: Organisation, now: datetime) -> Present:
    """A snapshot of one organisation's floor, with what was measured lately."""
    lanes = {lane.pk: engine_lane(lane) for lane in _lanes(organisation)}
    agents = _agents(organisation, now)
    held = [held for agent in agents for held in agent.held]
    profile = Profile.of(organisation)
    come = measures.arrivals(organisation, lanes, profile.behind(measures.SLOTS, now=now), ahead_s=MIDDLES_S, now=now)
    handling = measures.handling(organisation=organisation, held=held, now=now)
    patience = measures.patience(organisation=organisation, now=now)
    per_s, pulse = _coming(come, profile.ahead(now=now))
    state = FloorState(
        waiting=waiting(organisation=organisation, now=now),
        agents=agents,
        handle=handling.times,
        arrivals_per_s=per_s,
        patience_s=patience.stays,
        lanes=every_lane(organisation),
        buckets=floor.buckets(organisation),
        now=now.timestamp(),
        unsure=Unsure(come.cv, _spread(handling), 1 / sqrt(patience.farewells + MEMORY)),
        pulse=pulse,
        sway=come.course.sway if come.course else None,
    )
    return Present(state, Situation(state, come.times_usual))


def _coming(
    come: Arrivals[EngineLane], usual: Sequence[float]
) -> tuple[dict[EngineLane, float], list[tuple[float, float]]]:
    """Contacts per second in the first piece of the coming hours, and how many times that in each later one."""
    going_on = come.course.times if come.course else (1.0,) * len(MIDDLES_S)
    times = [one * two for one, two in zip(going_on, usual, strict=True)]
    first = max(times[0], LEAST_TIMES)
    per_s = {lane: rate * first for lane, rate in come.per_s.items() if rate > 0}
    return per_s, [(start_s, one / first) for start_s, one in zip(STARTS_S[1:], times[1:], strict=True)]


def _spread(handling: measures.Handling) -> float:
    """How sure the handle times are: of the kind that most is known of."""
    kind = max(KINDS, key=lambda kind: handling.measured.get(kind, 0))
    return handling.times[kind, ""].cv / sqrt(handling.measured.get(kind, 0) + MEMORY)


def waiting(*, organisation: Organisation, now: datetime) -> list[Head]:
    """Everyone who waits, the longest waiting first; of a very long line those who are served last are left out."""
    hours = calendars(organisation)
    lanes = {lane.pk: lane for lane in _lanes(organisation)}
    rows = Contact.objects.filter(organisation=organisation, state=Contact.State.WAITING).order_by(
        "lane__band", "virtual_arrival", "id"
    )
    engine_lanes = {pk: engine_lane(lane) for pk, lane in lanes.items()}
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
    return _waiting_by_lane(organisation)


def _waiting_by_lane(organisation: Organisation) -> Counter[EngineLane]:
    lanes = {lane.pk: lane for lane in _lanes(organisation)}
    waiting = Contact.objects.filter(organisation=organisation, state=Contact.State.WAITING)
    rows = waiting.values_list("lane").annotate(count=Count("id"))
    counts: Counter[EngineLane] = Counter()
    for lane, count in rows.order_by():
        if lane in lanes:  # one made a moment ago is counted next time
            counts[engine_lane(lanes[lane])] += count
    return counts


class Work(NamedTuple):
    """What those of one lane who are not followed one by one will take, and of whom."""

    band: int
    seconds: float
    servers: frozenset[int]


def unseen(present: Present, waiting: Mapping[EngineLane, int]) -> list[Work]:
    """The work of those who wait and are not in the snapshot."""
    state = present.state
    left = Counter(waiting) - Counter(head.lane for head in state.waiting)
    handles = {lane: state.handle_time(lane.kind, lane.group.skill) for lane in left}
    return [
        Work(lane.band, count * handle.mean_s, present.situation.servers(lane))
        for lane, count in left.items()
        if (handle := handles[lane])
    ]


def beyond_s(present: Present, lane: EngineLane, works: Iterable[Work]) -> float:
    """What those who are not followed one by one add to a lane's wait: their work, shared by all who may do it."""
    mine = present.situation.servers(lane)
    ahead = (work for work in works if work.band <= lane.band and work.servers & mine)
    return sum(work.seconds / len(work.servers | mine) for work in ahead)


def every_lane(organisation: Organisation) -> list[EngineLane]:
    """Every lane a next arrival may join."""
    groups = [
        floor.group_for(queue, language)
        for queue, language in product(organisation.queues.select_related("skill"), organisation.languages)
    ]
    return [EngineLane(band, kind, group) for band, kind, group in product(BANDS, KINDS, groups)]


def each_s(present: Present, lane: EngineLane) -> float:
    """What one more contact ahead adds to the wait: a handle time, shared by all who may serve the lane."""
    handle = present.state.handle_time(lane.kind, lane.group.skill)
    servers = len(present.situation.servers(lane))
    return handle.mean_s / servers if handle and servers else 0.0


def _lanes(organisation: Organisation) -> "QuerySet[Lane]":
    return Lane.objects.filter(organisation=organisation).select_related("queue__skill")


def engine_lane(lane: Lane) -> EngineLane:
    """A lane's class and group in the engine's words."""
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
        organisation=organisation, agent__isnull=False, state__in=workforce.IN_HAND
    ).select_related("lane__queue__skill")
    held: defaultdict[int, list[Held]] = defaultdict(list)
    for row in rows.order_by("accepted_at", "id"):
        elapsed = max((now - (row.accepted_at or now)).total_seconds(), 0.0)
        held[cast("int", row.agent_id)].append(Held(cast("Kind", row.lane.kind), elapsed, row.lane.queue.skill.code))
    return held
