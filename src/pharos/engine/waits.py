"""The honest wait: the present floor run forward under its own discipline, many times, for everyone who waits.

All times are seconds of the open time of a channel. A hypothetical next arrival is followed as a shadow that takes no
agent, so asking about every class at once disturbs nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pharos.engine.classes import DANGER, KINDS, ClassRules, Kind
from pharos.engine.estimates import BEYOND_HORIZON, NO_AGENTS, NO_HANDLE_TIME, Unknown, Wait
from pharos.engine.floor import Buckets
from pharos.engine.lanes import Group, GuardLane, Head, Lane, due_order, eligible, pools
from pharos.engine.paths import HandleTime, Line, PoolStart, Room, run

__all__ = ["FloorState", "HandleTime", "Held", "OnFloor", "Unknown", "Wait", "WaitCurve", "look_ahead"]

DEFAULT_PATHS: Final = 60
DEFAULT_HORIZON_S: Final = 48 * 3600.0
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
STEPS_PER_CONTACT: Final = 4
SPARE_STEPS: Final = 6000
# Head starts beyond any index that waiting can reach, in the order of the discipline.
DANGER_START_S: Final = 1e12
EXEMPT_START_S: Final = 1e8


class Held(NamedTuple):
    """A contact in an agent's hands, wrap-up included: for how long already, and the skill it asked for."""

    kind: Kind
    elapsed_s: float
    skill: str = ""


@dataclass(frozen=True, slots=True)
class OnFloor:
    """An agent of the coming hours: total capacity per kind, what is held, and from when to when available."""

    agent_id: int
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    gates: frozenset[str] = frozenset()
    capacity: Mapping[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 1))
    held: tuple[Held, ...] = ()
    from_s: float = 0.0
    until_s: float = inf


@dataclass(frozen=True, slots=True)
class FloorState:
    """The present: who waits, who works, and the measured rates.

    `handle` is keyed by (kind, skill), ("live", "") being the kind's own. `lanes` are further lanes to answer for.
    `patience_s` is the mean time people stay. `now` is the present on the clock of `Head.guard_due`.
    """

    waiting: Sequence[Head] = ()
    agents: Sequence[OnFloor] = ()
    handle: Mapping[tuple[Kind, str], HandleTime] = field(default_factory=dict)
    arrivals_per_s: Mapping[Lane, float] = field(default_factory=dict)
    patience_s: Mapping[Kind, float] = field(default_factory=dict)
    lanes: Collection[Lane] = ()
    buckets: Buckets = field(default_factory=dict)
    now: float = 0.0

    def handle_time(self, kind: Kind, skill: str) -> HandleTime | None:
        """The handle time of a skill, else of the kind."""
        return self.handle.get((kind, skill)) or self.handle.get((kind, ""))


@dataclass(frozen=True, slots=True)
class WaitCurve:
    """The wait of every lane's next arrival, and what is left for every contact that waits."""

    next_arrival: Mapping[Lane, Wait | Unknown]
    remaining: Mapping[int, Wait | Unknown]

    def of(self, lane: Lane) -> Wait | Unknown:
        """The wait of an arrival in this lane now; a lane that was not asked about is not known."""
        return self.next_arrival.get(lane, Unknown(NO_HANDLE_TIME))


def look_ahead(
    state: FloorState,
    rules: ClassRules,
    rng: np.random.Generator,
    paths: int = DEFAULT_PATHS,
    *,
    horizon_s: float = DEFAULT_HORIZON_S,
) -> WaitCurve:
    """Everyone's wait from `paths` simulated futures; a wait not over within the horizon is said to be unknown."""
    asked = {*state.lanes, *state.arrivals_per_s, *(head.lane for head in state.waiting)}
    next_arrival: dict[Lane, Wait | Unknown] = {}
    remaining: dict[int, Wait | Unknown] = {}
    for kind in KINDS:
        mine = [lane for lane in asked if lane.kind == kind]
        agents = [agent for agent in state.agents if agent.capacity.get(kind, 0) > 0 and agent.from_s < inf]
        for pool in pools((lane.group for lane in mine), agents):
            lanes = sorted(lane for lane in mine if lane.group in pool.groups)
            waiting = [head for head in state.waiting if head.lane.kind == kind and head.lane.group in pool.groups]
            team = [agent for agent in agents if agent.agent_id in pool.agents]
            reason = _cannot_say(state, lanes, team)
            if reason:
                next_arrival |= dict.fromkeys(lanes, Unknown(reason))
                remaining |= dict.fromkeys((head.contact_id for head in waiting), Unknown(reason))
                continue
            most_steps = STEPS_PER_CONTACT * (len(waiting) + len(lanes)) + SPARE_STEPS
            told = _told(run(_pool_start(state, rules, lanes, waiting, team), rng, paths, horizon_s, most_steps))
            remaining |= zip((head.contact_id for head in waiting), told, strict=False)
            next_arrival |= zip(lanes, told[len(waiting) :], strict=True)
    return WaitCurve(MappingProxyType(next_arrival), MappingProxyType(remaining))


def _cannot_say(state: FloorState, lanes: Iterable[Lane], team: Sequence[OnFloor]) -> str:
    if not team:
        return NO_AGENTS
    known = all(state.handle_time(lane.kind, lane.group.skill) for lane in lanes)
    return "" if known else NO_HANDLE_TIME


def _pool_start(
    state: FloorState, rules: ClassRules, lanes: Sequence[Lane], waiting: Sequence[Head], team: Sequence[OnFloor]
) -> PoolStart:
    """The pool as numbers: waiting contacts first, then the shadow of each lane's next arrival."""
    guard_lanes = sorted({GuardLane(lane.kind, lane.group) for lane in lanes})
    exempt = sorted({head.lane.group for head in waiting if head.exempt and head.lane.band != DANGER})
    due_s = [inf if head.guard_due is None else head.guard_due - state.now for head in waiting]
    return PoolStart(
        arrived_s=np.array([*(-head.waited_s for head in waiting), *(0.0 for _ in lanes)]),
        due_s=np.array([*due_s, *(inf for _ in lanes)]),
        people=len(waiting),
        lines=[
            *(_line(state, rules, lane, waiting, len(waiting) + number) for number, lane in enumerate(lanes)),
            *(_exempt_line(state, group, waiting) for group in exempt),
        ],
        rooms=_rooms(state, lanes, exempt, guard_lanes, team),
        guards=[_due_contacts(waiting, lane) for lane in guard_lanes],
        tokens=[int(state.buckets.get(lane, 0)) for lane in guard_lanes],
        guard_percent=rules.guard_percent,
        patience_s=state.patience_s.get(lanes[0].kind),
    )


def _line(state: FloorState, rules: ClassRules, lane: Lane, waiting: Sequence[Head], shadow: int) -> Line:
    danger = lane.band == DANGER
    mine = [number for number, head in enumerate(waiting) if head.lane == lane and (danger or not head.exempt)]
    rule = rules[lane.band, lane.kind]
    return Line(
        contacts=(*_by_arrival(mine, waiting), shadow),
        target_s=1.0 if danger else rule.target_s,
        head_start_s=DANGER_START_S if danger else rule.head_start_s,
        handle=_handle(state, lane),
        arrivals_per_s=state.arrivals_per_s.get(lane, 0.0),
        danger=danger,
    )


def _exempt_line(state: FloorState, group: Group, waiting: Sequence[Head]) -> Line:
    mine = [
        number
        for number, head in enumerate(waiting)
        if head.exempt and head.lane.group == group and head.lane.band != DANGER
    ]
    handle = _handle(state, waiting[mine[0]].lane)
    return Line(_by_arrival(mine, waiting), 1.0, EXEMPT_START_S, handle, exempt=True)


def _handle(state: FloorState, lane: Lane) -> HandleTime:
    known = state.handle_time(lane.kind, lane.group.skill)
    if known is None:
        raise ValueError(f"no handle time for {lane}")
    return known


def _rooms(
    state: FloorState,
    lanes: Sequence[Lane],
    exempt: Sequence[Group],
    guard_lanes: Sequence[GuardLane],
    team: Sequence[OnFloor],
) -> list[Room]:
    kind = lanes[0].kind
    rooms: list[Room] = []
    for agent in team:
        groups = {lane.group for lane in guard_lanes if eligible(agent, lane.group)}
        lines = [number for number, lane in enumerate(lanes) if lane.group in groups]
        lines += [number for number, group in enumerate(exempt, len(lanes)) if group in groups]
        guards = tuple(number for number, lane in enumerate(guard_lanes) if lane.group in groups)
        held = [contact for contact in agent.held if contact.kind == kind]
        room = Room(tuple(lines), guards, agent.from_s, agent.until_s)
        rooms += [_busy(room, contact, state, lanes[0]) for contact in held[: agent.capacity[kind]]]
        rooms += [room] * (agent.capacity[kind] - len(held))
    return sorted(rooms, key=lambda room: len(room.guards))


def _busy(room: Room, held: Held, state: FloorState, lane: Lane) -> Room:
    handle = state.handle_time(held.kind, held.skill) or _handle(state, lane)
    return replace(room, elapsed_s=held.elapsed_s, handle=handle)


def _due_contacts(waiting: Sequence[Head], lane: GuardLane) -> tuple[int, ...]:
    mine = [
        (due_order(head), number)
        for number, head in enumerate(waiting)
        if head.guard_due is not None and head.lane.group == lane.group and head.lane.band != DANGER
    ]
    return tuple(number for _, number in sorted(mine))


def _by_arrival(numbers: Iterable[int], waiting: Sequence[Head]) -> tuple[int, ...]:
    return tuple(sorted(numbers, key=lambda number: (waiting[number].arrival, waiting[number].contact_id)))


def _told(starts: NDArray[np.float64]) -> list[Wait | Unknown]:
    """The range of each column; the far end must be known in nine paths of ten."""
    ordered = np.sort(starts, axis=0)
    paths = len(ordered)
    low, middle, high = (ordered[min(paths - 1, int(np.ceil(share * paths)) - 1)] for share in (LOW, MIDDLE, HIGH))
    return [
        Wait(*ends, paths) if ends[-1] < inf else Unknown(BEYOND_HORIZON, ends[0] if ends[0] < inf else None)
        for ends in zip(low.tolist(), middle.tolist(), high.tolist(), strict=True)
    ]
