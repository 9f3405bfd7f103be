"""One filling of the free agents: starts made one after another, each line read only as far as it is needed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, Literal, NamedTuple

from pharos.engine.classes import DANGER, ClassRules, Kind
from pharos.engine.lanes import FreeAgent, GuardLane, Head, LaneView, due_order, eligible

ReasonCode = Literal["danger", "guard", "raised", "callback_due", "largest_index"]
Buckets = Mapping[GuardLane, int]
START: Final = 100
_DANGER, _EXEMPT, _ORDINARY = range(3)


@dataclass(frozen=True, slots=True)
class Pick:
    """One start: its index, the contact it was preferred to and why. The index of danger to life is infinite."""

    contact_id: int
    agent_id: int
    index: float
    runner_up: tuple[int, float] | None
    reason: ReasonCode
    guard: bool


class _Entry(NamedTuple):
    """A contact as the order compares it, and the line that the next one comes from."""

    rank: int
    minus_index: float
    arrival: float
    contact_id: int
    line: int
    head: Head


class _Due(NamedTuple):
    """A due contact as its guard lane compares it, and the line that the next one comes from."""

    order: tuple[float, float, int]
    line: int
    head: Head


@dataclass(slots=True, eq=False)
class _Server:
    """A free agent while starts are made."""

    agent: FreeAgent
    lanes: tuple[GuardLane, ...]
    flexibility: int
    left: dict[Kind, int]
    room: int
    holding: int

    def has_room(self, kind: Kind) -> bool:
        return self.room > 0 and self.left.get(kind, 0) > 0

    def preference(self) -> tuple[int, int, float, int]:
        return self.flexibility, self.holding, self.agent.idle_since, self.agent.agent_id


class Floor:
    """The lines and the free agents between two starts; `tokens` holds every guard lane's hundredths of a start."""

    def __init__(
        self, lanes: Sequence[LaneView], agents: Sequence[FreeAgent], buckets: Buckets, rules: ClassRules
    ) -> None:
        self._rules = rules
        self.tokens = dict.fromkeys((view.lane.guard_lane for view in lanes), 0) | dict(buckets)
        self._servers = [_server(agent, self.tokens) for agent in agents]
        self._takers: dict[GuardLane, list[_Server]] = {lane: [] for lane in self.tokens}
        for server in self._servers:
            for lane in server.lanes:
                self._takers[lane].append(server)
        self._gone: set[int] = set()
        self._lines: list[Iterator[Head]] = []
        self._queue: list[_Entry] = []
        self._guards: dict[GuardLane, list[_Due]] = {}
        for view in lanes:
            if self._room(view.lane.guard_lane):
                self._open(view)

    def starts(self) -> Iterator[Pick]:
        """Starts until no free agent may serve anyone who waits."""
        while (start := self._next()) is not None:
            yield start

    def _next(self) -> Pick | None:
        best = self._best()
        if best is not None and best.rank == _DANGER:
            return self._start(best.head, "danger")
        guard = self._due(alone=best is None)
        if guard is not None and not _comes_anyway(guard, best):
            return self._start(guard, "guard")
        if best is None:
            return None
        return self._start(best.head, best.head.exempt or "largest_index")

    def _start(self, head: Head, reason: ReasonCode) -> Pick:
        server = self._server_for(head)
        if head.lane.band != DANGER:
            self._pay(server, head, charged=reason == "guard")
        self._gone.add(head.contact_id)
        runner_up = self._runner_up(server)
        server.left[head.lane.kind] -= 1
        server.room -= 1
        server.holding += 1
        own_index = self._index(head)
        return Pick(head.contact_id, server.agent.agent_id, own_index, runner_up, reason, reason == "guard")

    def _server_for(self, head: Head) -> _Server:
        kind = head.lane.kind
        free = [server for server in self._takers[head.lane.guard_lane] if server.has_room(kind)]
        known = (server for server in free if server.agent.agent_id == head.prefers)
        return next(known, None) or min(free, key=_Server.preference)

    def _pay(self, server: _Server, head: Head, *, charged: bool) -> None:
        """Each guard lane that could have had this start saves its share; a guard start is charged to all behind it."""
        mine = due_order(head)
        for lane in server.lanes:
            if not server.has_room(lane.kind):
                continue
            saved = self.tokens[lane] + self._rules.guard_percent
            if charged:
                first = self._first_due(lane)
                saved -= START if first is None or mine <= due_order(first) else 0
            self.tokens[lane] = min(max(saved, 0), START)

    def _best(self) -> _Entry | None:
        """The first in the order whom a free agent may serve; lines without such an agent are closed."""
        while self._queue:
            first = self._queue[0]
            if first.contact_id in self._gone:
                heappop(self._queue)
                self._advance(first.line, exempt=first.rank == _EXEMPT)
            elif self._room(first.head.lane.guard_lane):
                return first
            else:
                heappop(self._queue)
        return None

    def _runner_up(self, server: _Server) -> tuple[int, float] | None:
        """Whom this agent would have taken next; the queue is the same afterwards."""
        aside: list[_Entry] = []
        found = None
        while found is None and (first := self._best()) is not None:
            lane = first.head.lane.guard_lane
            if lane in server.lanes and server.has_room(lane.kind):
                found = first.contact_id, self._index(first.head)
            else:
                aside.append(heappop(self._queue))
        for entry in aside:
            heappush(self._queue, entry)
        return found

    def _due(self, *, alone: bool) -> Head | None:
        """The first due promise of all guard lanes that have saved a start, or of all when nobody else waits."""
        enough = 0 if alone else START - self._rules.guard_percent
        ready = (
            first
            for lane in tuple(self._guards)
            if self.tokens[lane] >= enough and self._room(lane) and (first := self._first_due(lane)) is not None
        )
        return min(ready, key=due_order, default=None)

    def _first_due(self, lane: GuardLane) -> Head | None:
        heap = self._guards.get(lane)
        while heap:
            if heap[0].head.contact_id not in self._gone:
                return heap[0].head
            self._advance_guard(heap, heappop(heap).line)
        self._guards.pop(lane, None)
        return None

    def _room(self, lane: GuardLane) -> bool:
        takers = self._takers[lane]
        while takers and not takers[-1].has_room(lane.kind):
            takers.pop()
        return bool(takers)

    def _open(self, view: LaneView) -> None:
        for heads, exempt in ((view.waiting, False), (view.exempt, True)):
            self._lines.append(iter(heads))
            self._advance(len(self._lines) - 1, exempt=exempt)
        self._lines.append(iter(view.guard))
        heap = self._guards.setdefault(view.lane.guard_lane, [])
        self._advance_guard(heap, len(self._lines) - 1)

    def _advance(self, line: int, *, exempt: bool) -> None:
        head = next(self._lines[line], None)
        if head is None:
            return
        rank = _DANGER if head.lane.band == DANGER else _EXEMPT if exempt else _ORDINARY
        minus_index = -self._index(head) if rank == _ORDINARY else 0.0
        heappush(self._queue, _Entry(rank, minus_index, head.arrival, head.contact_id, line, head))

    def _advance_guard(self, heap: list[_Due], line: int) -> None:
        head = next(self._lines[line], None)
        if head is not None:
            heappush(heap, _Due(due_order(head), line, head))

    def _index(self, head: Head) -> float:
        return self._rules.index(head.lane.band, head.lane.kind, head.waited_s)


def _server(agent: FreeAgent, lanes: Mapping[GuardLane, int]) -> _Server:
    mine = tuple(lane for lane in lanes if eligible(agent, lane.group))
    groups = {lane.group for lane in mine}
    return _Server(agent, mine, len(groups), dict(agent.capacity), agent.most, agent.holding)


def _comes_anyway(guard: Head, best: _Entry | None) -> bool:
    """Whether the due contact is also first by its own index."""
    return best is not None and best.rank == _ORDINARY and best.contact_id == guard.contact_id
