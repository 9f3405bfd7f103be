"""Sample paths of a floor: made up at random, run under the real order, kept for the guarantees to be checked on."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random

from pharos.engine.classes import DANGER, KINDS, ClassRules
from pharos.engine.discipline import (
    Assignment,
    FreeAgent,
    Group,
    GuardLane,
    Head,
    Lane,
    Pick,
    assign,
    eligible,
    lanes_of,
)
from pharos.engine.lanes import Exempt

RULES = ClassRules()
OTHER_RULES = ClassRules.from_mapping(
    {1: {"live": {"head_start_s": 0}}, 2: {"live": {"target_s": 600, "head_start_s": 1200}}}, guard_percent=45
)
ANYONE = Group()
SKILLS = ("refund", "change", "care")
LANGUAGES = ("en", "fa")


@dataclass(frozen=True)
class Arrival:
    """A contact of a sample path; times in seconds from the start of the path."""

    number: int
    at: float
    lane: Lane
    handle_s: float
    promised_s: float | None = None
    exempt: Exempt | None = None
    head_start_s: float = 0.0
    has_needs: bool = False

    @property
    def due(self) -> float | None:
        return None if self.promised_s is None else self.at + self.promised_s

    def head(self, now: float) -> Head:
        arrival = self.at - self.head_start_s
        return Head(self.number, self.lane, now - arrival, arrival, self.due, self.exempt, has_needs=self.has_needs)


@dataclass(frozen=True)
class Plan:
    """All that a sample path depends on."""

    arrivals: tuple[Arrival, ...]
    agents: tuple[FreeAgent, ...]
    rules: ClassRules = RULES
    buckets: Mapping[GuardLane, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One filling of the free agents: what it saw and what it did."""

    now: float
    waiting: tuple[Head, ...]
    agents: tuple[FreeAgent, ...]
    buckets: Mapping[GuardLane, int]
    result: Assignment


@dataclass(frozen=True)
class Start:
    """One start of a path, with everyone who waited and every agent as it stood just before."""

    now: float
    pick: Pick
    head: Head
    waiting: tuple[Head, ...]
    agents: dict[int, FreeAgent]

    @property
    def agent(self) -> FreeAgent:
        return self.agents[self.pick.agent_id]

    def could_take(self, head: Head) -> bool:
        return can_take(self.agent, head)


@dataclass
class Path:
    """A path that was run."""

    plan: Plan
    turns: list[Turn] = field(default_factory=list)

    def starts(self) -> list[Start]:
        found = []
        for turn in self.turns:
            waiting = {head.contact_id: head for head in turn.waiting}
            agents = {agent.agent_id: agent for agent in turn.agents}
            for pick in turn.result.picks:
                head = waiting[pick.contact_id]
                found.append(Start(turn.now, pick, head, tuple(waiting.values()), dict(agents)))
                del waiting[pick.contact_id]
                agents[pick.agent_id] = after_start(agents[pick.agent_id], head)
        return found


def can_take(agent: FreeAgent, head: Head) -> bool:
    return agent.most > 0 and agent.capacity.get(head.lane.kind, 0) > 0 and eligible(agent, head.lane.group)


def after_start(agent: FreeAgent, head: Head) -> FreeAgent:
    capacity = {**agent.capacity, head.lane.kind: agent.capacity[head.lane.kind] - 1}
    return replace(agent, capacity=capacity, holding=agent.holding + 1, most=agent.most - 1)


def after_end(agent: FreeAgent, head: Head, now: float) -> FreeAgent:
    capacity = {**agent.capacity, head.lane.kind: agent.capacity[head.lane.kind] + 1}
    return replace(agent, capacity=capacity, holding=agent.holding - 1, most=agent.most + 1, idle_since=now)


def run(plan: Plan) -> Path:
    """The path under the real discipline: it is asked at every arrival and at every end."""
    path = Path(plan)
    agents = {agent.agent_id: agent for agent in plan.agents}
    waiting: dict[int, Arrival] = {}
    handle = {arrival.number: arrival.handle_s for arrival in plan.arrivals}
    buckets = plan.buckets
    order = count()
    events: list[tuple[float, int, Arrival | None, tuple[int, Head] | None]]
    events = [(arrival.at, next(order), arrival, None) for arrival in plan.arrivals]
    heapq.heapify(events)
    while events:
        now, _, arrival, ended = heapq.heappop(events)
        if arrival is not None:
            waiting[arrival.number] = arrival
        if ended is not None:
            agent_id, head = ended
            agents[agent_id] = after_end(agents[agent_id], head, now)
        heads = {number: one.head(now) for number, one in waiting.items()}
        free = tuple(agent for agent in agents.values() if agent.most > 0 and any(agent.capacity.values()))
        result = assign(lanes_of(heads.values(), now), free, buckets, plan.rules)
        path.turns.append(Turn(now, tuple(heads.values()), free, buckets, result))
        buckets = result.buckets
        for pick in result.picks:
            head = heads[pick.contact_id]
            del waiting[pick.contact_id]
            agents[pick.agent_id] = after_start(agents[pick.agent_id], head)
            heapq.heappush(events, (now + handle[pick.contact_id], next(order), None, (pick.agent_id, head)))
    assert not any(can_take(agent, one.head(0.0)) for agent in agents.values() for one in waiting.values())
    return path


def random_plan(rng: Random, *, contacts: int = 40, one_pool: bool = False, bands=(0, 1, 1, 2, 2, 3, 3, 3)) -> Plan:
    """A busy path: more work than agents, promises that break, sometimes several skills and languages.

    In one pool every agent can serve every contact and has room for one.
    """
    rules = rng.choice([RULES, RULES, OTHER_RULES])
    kinds = [rng.choice(KINDS)] if rng.random() < 0.5 else list(KINDS)
    scale = rng.choice([60.0, 900.0, 7200.0])
    groups = [ANYONE] if one_pool else [_group(rng) for _ in range(rng.randint(1, 4))]
    arrivals, at = [], 0.0
    for number in range(contacts):
        at += rng.choice([0.0, rng.expovariate(1 / scale)])
        arrivals.append(
            Arrival(
                number=number,
                at=at,
                lane=Lane(rng.choice(bands), rng.choice(kinds), rng.choice(groups)),
                handle_s=rng.expovariate(1 / scale) * rng.choice([1, 4]),
                promised_s=rng.choice([None, rng.uniform(0, 4 * scale)]),
                exempt=rng.choice([None] * 12 + ["raised", "callback_due"]),
                head_start_s=rng.choice([0.0, 0.0, 0.0, rng.uniform(0, scale)]),
                has_needs=rng.random() < 0.3,
            )
        )
    agents = tuple(_agent(rng, number, kinds, one_pool) for number in range(rng.randint(1, 5)))
    known = dict.fromkeys((arrival.lane.guard_lane for arrival in arrivals), 0) if one_pool else {}
    return Plan(tuple(arrivals), agents, rules, known)


def _group(rng: Random) -> Group:
    skill = rng.choice(("", *SKILLS))
    return Group(skill, rng.choice(("", *LANGUAGES)), rng.choice([1, 1, 3]), rng.choice([(), (), ("crisis",)]))


def _agent(rng: Random, number: int, kinds: list, one_pool: bool) -> FreeAgent:
    if one_pool:
        return FreeAgent(number, capacity=dict.fromkeys(kinds, 1), most=1, is_specialist=rng.random() < 0.4)
    return FreeAgent(
        agent_id=number,
        skills={skill: rng.randint(1, 4) for skill in SKILLS if rng.random() < 0.7},
        languages=frozenset(language for language in LANGUAGES if rng.random() < 0.7),
        gates=frozenset(["crisis"] if rng.random() < 0.6 else []),
        capacity={kind: rng.choice([0, 1, 1, 2]) for kind in kinds},
        most=rng.choice([1, 2, 9]),
        is_specialist=rng.random() < 0.4,
    )


def is_ordinary(start: Start) -> bool:
    """A start that guarantees 2 and 3 speak of: not danger, not the guard's, not exempt."""
    return start.pick.reason == "largest_index"


def outside_danger(head: Head) -> bool:
    return head.lane.band != DANGER
