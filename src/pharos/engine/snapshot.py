"""The present floor, and each independent part of it as numbers that a look-ahead can run."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final, NamedTuple

import numpy as np

from pharos.engine.classes import DANGER, KINDS, ClassRules, Kind
from pharos.engine.floor import Buckets
from pharos.engine.handling import Floats, HandleTime
from pharos.engine.lanes import GuardLane, Head, Lane, components, due_order, eligible
from pharos.engine.paths import SURE, Line, PoolStart, Room, Unsure
from pharos.engine.patience import Hazard

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
    """An agent of the coming hours: total capacity per kind, what is held, and from when to when available.

    A `whole` agent is one server for all kinds of which it has any capacity; handle times are then those of a server.
    """

    agent_id: int
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    gates: frozenset[str] = frozenset()
    capacity: Mapping[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 1))
    held: tuple[Held, ...] = ()
    from_s: float = 0.0
    until_s: float = inf
    whole: bool = False


@dataclass(frozen=True, slots=True)
class FloorState:
    """The present: who waits, who works, and the measured rates.

    `handle` is keyed by (kind, skill), ("live", "") being the kind's own. `lanes` are further lanes to answer for.
    `patience_s` is the mean time people stay, or the measured hazard of leaving. `now` is the present on the clock of
    `Head.guard_due`. Every path has its own true rates, as far from the measured ones as `unsure` says.
    `pulse` is the expected course of the coming hours: from when on how many times as many come as now; `sway` says how
    far the true one may lie from it, and then stands in the place of what `unsure` says of arrivals (`course`).
    """

    waiting: Sequence[Head] = ()
    agents: Sequence[OnFloor] = ()
    handle: Mapping[tuple[Kind, str], HandleTime] = field(default_factory=dict)
    arrivals_per_s: Mapping[Lane, float] = field(default_factory=dict)
    patience_s: Mapping[Kind, float | Hazard] = field(default_factory=dict)
    lanes: Collection[Lane] = ()
    buckets: Buckets = field(default_factory=dict)
    now: float = 0.0
    unsure: Unsure = SURE
    pulse: Sequence[tuple[float, float]] = ()
    sway: Floats | None = None

    def handle_time(self, kind: Kind, skill: str) -> HandleTime | None:
        """The handle time of a skill, else of the kind."""
        return self.handle.get((kind, skill)) or self.handle.get((kind, ""))


@dataclass(frozen=True, slots=True)
class Seat:
    """One agent's rooms of one sort: the kinds they serve and what is in them; all are alike."""

    agent: OnFloor
    kinds: tuple[Kind, ...]
    rooms: int
    held: tuple[Held, ...]

    def serves(self, lane: GuardLane) -> bool:
        """Whether its rooms may take a contact of this group and kind."""
        return lane.kind in self.kinds and eligible(self.agent, lane.group)


@dataclass(frozen=True, slots=True)
class Part:
    """Lanes and seats joined by who can serve whom: nothing outside it changes a wait inside."""

    lanes: tuple[Lane, ...]
    groups: tuple[GuardLane, ...]
    waiting: tuple[Head, ...]
    seats: tuple[Seat, ...]


def parts(state: FloorState) -> list[Part]:
    """The independent parts of a floor; every contact and every lane asked about is in exactly one."""
    by_group: defaultdict[GuardLane, set[Lane]] = defaultdict(set)
    heads: defaultdict[GuardLane, list[Head]] = defaultdict(list)
    for lane in (*state.lanes, *state.arrivals_per_s):
        by_group[lane.guard_lane].add(lane)
    for head in state.waiting:
        by_group[head.lane.guard_lane].add(head.lane)
        heads[head.lane.guard_lane].append(head)
    seats = [seat for agent in state.agents if agent.from_s < inf for seat in _seats(agent)]
    found = components(sorted(by_group), range(len(seats)), lambda group, seat: seats[seat].serves(group))
    return [
        Part(
            lanes=tuple(lane for group in groups for lane in sorted(by_group[group])),
            groups=groups,
            waiting=tuple(sorted((head for group in groups for head in heads[group]), key=_by_arrival)),
            seats=tuple(seats[seat] for seat in members),
        )
        for groups, members in found
    ]


def _seats(agent: OnFloor) -> Iterable[Seat]:
    kinds = tuple(kind for kind in KINDS if agent.capacity.get(kind, 0) > 0)
    if agent.whole and kinds:
        yield Seat(agent, kinds, 1, agent.held)
        return
    for kind in kinds:
        yield Seat(agent, (kind,), agent.capacity[kind], tuple(held for held in agent.held if held.kind == kind))


def pool_start(part: Part, state: FloorState, rules: ClassRules) -> PoolStart:
    """A part as numbers: waiting contacts by arrival, then the shadow of each lane's next arrival."""
    waiting, lanes = part.waiting, part.lanes
    plain, exempt, due = _sorted_out(waiting)
    lines = [_line(state, rules, lane, plain[lane]) for lane in lanes]
    lines += [_exempt_line(state, waiting, numbers) for numbers in exempt.values()]
    shadows = [replace(lines[n], contacts=(len(waiting) + n,), arrivals_per_s=0.0) for n in range(len(lanes))]
    served = [lane.guard_lane for lane in lanes]
    due_s = [inf if head.guard_due is None else head.guard_due - state.now for head in waiting]
    return PoolStart(
        arrived_s=np.array([*(-head.waited_s for head in waiting), *(0.0 for _ in lanes)]),
        due_s=np.array([*due_s, *(inf for _ in lanes)]),
        people=len(waiting),
        lines=[*lines, *shadows],
        rooms=_rooms(part, state, [*served, *exempt, *served]),
        guards=[tuple(due[group]) for group in part.groups],
        tokens=[int(state.buckets.get(group, 0)) for group in part.groups],
        guard_percent=rules.guard_percent,
        unsure=state.unsure,
        pulse=state.pulse,
        sway=state.sway,
    )


def _sorted_out(
    waiting: Sequence[Head],
) -> tuple[Mapping[Lane, list[int]], Mapping[GuardLane, list[int]], Mapping[GuardLane, list[int]]]:
    """The numbers of those in the ordinary lines, of the exempt and of those with a promise, each in its order."""
    plain: defaultdict[Lane, list[int]] = defaultdict(list)
    exempt: defaultdict[GuardLane, list[int]] = defaultdict(list)
    due: defaultdict[GuardLane, list[int]] = defaultdict(list)
    for number, head in enumerate(waiting):
        ordinary = head.lane.band == DANGER or not head.exempt
        (plain[head.lane] if ordinary else exempt[head.lane.guard_lane]).append(number)
    for number in sorted(range(len(waiting)), key=lambda number: due_order(waiting[number])):
        head = waiting[number]
        if head.guard_due is not None and head.lane.band != DANGER:
            due[head.lane.guard_lane].append(number)
    return plain, exempt, due


def _line(state: FloorState, rules: ClassRules, lane: Lane, contacts: Sequence[int]) -> Line:
    danger = lane.band == DANGER
    rule = rules[lane.band, lane.kind]
    return Line(
        contacts=tuple(contacts),
        target_s=1.0 if danger else rule.target_s,
        head_start_s=DANGER_START_S if danger else rule.head_start_s,
        handle=_handle(state, lane),
        arrivals_per_s=state.arrivals_per_s.get(lane, 0.0),
        patience_s=state.patience_s.get(lane.kind),
        danger=danger,
    )


def _exempt_line(state: FloorState, waiting: Sequence[Head], numbers: Sequence[int]) -> Line:
    lane = waiting[numbers[0]].lane
    patience_s = state.patience_s.get(lane.kind)
    return Line(tuple(numbers), 1.0, EXEMPT_START_S, _handle(state, lane), patience_s=patience_s, exempt=True)


def _handle(state: FloorState, lane: Lane) -> HandleTime:
    known = state.handle_time(lane.kind, lane.group.skill)
    if known is None:
        raise ValueError(f"no handle time for {lane}")
    return known


def _rooms(part: Part, state: FloorState, lines: Sequence[GuardLane]) -> list[Room]:
    """Every room of the part, those that serve the fewest groups first."""
    rooms: list[Room] = []
    for seat in part.seats:
        served = {group for group in part.groups if seat.serves(group)}
        room = Room(
            lines=tuple(number for number, group in enumerate(lines) if group in served),
            guards=tuple(number for number, group in enumerate(part.groups) if group in served),
            free_s=seat.agent.from_s,
            until_s=seat.agent.until_s,
        )
        rooms += [_busy(room, held, state, part.lanes[0]) for held in seat.held[: seat.rooms]]
        rooms += [room] * (seat.rooms - len(seat.held))
    return sorted(rooms, key=lambda room: len(room.guards))


def _busy(room: Room, held: Held, state: FloorState, lane: Lane) -> Room:
    handle = state.handle_time(held.kind, held.skill) or _handle(state, lane)
    return replace(room, elapsed_s=held.elapsed_s, handle=handle)


def _by_arrival(head: Head) -> tuple[float, int]:
    return head.arrival, head.contact_id
