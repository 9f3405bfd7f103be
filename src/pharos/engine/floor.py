"""One filling of the free agents: starts made one after another, each line read only as far as it is needed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, Literal, NamedTuple

from pharos.engine.classes import DANGER, ClassRules, Kind
from pharos.engine.lanes import FreeAgent, GuardLane, Head, LaneView, due_order, eligible

ReasonCode = Literal["danger", "guard", "raised", "callback_due", "largest_index"]
Fit = Literal["", "met_before", "specialist", "no_specialist"]  # why this agent: all else is by order alone
Buckets = Mapping[GuardLane, int]
START: Final = 100
_DANGER, _EXEMPT, _ORDINARY = range(3)


@dataclass(frozen=True, slots=True)
class Pick:
    """One start: its index, the contact it was preferred to and why. The index of danger to life is infinite.

    `tokens`: what the guard lanes that it changed hold after it, in hundredths of a start.
    """

    contact_id: int
    agent_id: int
    index: float
    runner_up: tuple[int, float] | None
    reason: ReasonCode
    guard: bool
    tokens: Buckets = field(default_factory=dict, compare=False)
    fit: Fit = ""


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
    flexibility: int
    left: dict[Kind, int]
    room: int
    holding: int
    guards: dict[Kind, list["_Guard"]] = field(default_factory=dict)

    def has_room(self, kind: Kind) -> bool:
        return self.room > 0 and self.left.get(kind, 0) > 0

    def preference(self) -> tuple[int, int, float, int]:
        return self.flexibility, self.holding, self.agent.idle_since, self.agent.agent_id

    def fit(self, head: Head) -> Fit:
        """Why this one takes it, beyond the order of the agents."""
        if self.agent.agent_id == head.prefers:
            return "met_before"
        if head.has_needs:
            return "specialist" if self.agent.is_specialist else "no_specialist"
        return ""


@dataclass(slots=True, eq=False)
class _Guard:
    """A guard lane while starts are made: its tokens, who may take its contacts, and those whose promise is due."""

    lane: GuardLane
    kind: Kind
    tokens: int
    takers: list[_Server]
    due: list[_Due] = field(default_factory=list)

    def has_room(self) -> bool:
        while self.takers and not self.takers[-1].has_room(self.kind):
            self.takers.pop()
        return bool(self.takers)


class Floor:
    """The lines and the free agents between two starts."""

    def __init__(
        self, lanes: Sequence[LaneView], agents: Sequence[FreeAgent], buckets: Buckets, rules: ClassRules
    ) -> None:
        self._rules = rules
        tokens = dict.fromkeys((view.lane.guard_lane for view in lanes), 0) | dict(buckets)
        self._guards = _guards(tokens, agents)
        self._gone: set[int] = set()
        self._lines: list[Iterator[Head]] = []
        self._queue: list[_Entry] = []
        for view in lanes:
            if self._guards[view.lane.guard_lane].takers:
                self._open(view)
        self._due = [guard for guard in self._guards.values() if guard.due]

    @property
    def tokens(self) -> Buckets:
        """Every guard lane's hundredths of a start."""
        return {lane: guard.tokens for lane, guard in self._guards.items()}

    def starts(self) -> Iterator[Pick]:
        """Starts until no free agent may serve anyone who waits."""
        while (start := self._next()) is not None:
            yield start

    def _next(self) -> Pick | None:
        best = self._best()
        if best is not None and best.rank == _DANGER:
            return self._start(best.head, "danger")
        guard = self._first_guarded(alone=best is None)
        if guard is not None and not _comes_anyway(guard, best):
            return self._start(guard, "guard")
        if best is None:
            return None
        return self._start(best.head, best.head.exempt or "largest_index")

    def _start(self, head: Head, reason: ReasonCode) -> Pick:
        server = self._server_for(head)
        changed = {} if head.lane.band == DANGER else self._pay(server, head, charged=reason == "guard")
        self._gone.add(head.contact_id)
        runner_up = self._runner_up(server)
        server.left[head.lane.kind] -= 1
        server.room -= 1
        server.holding += 1
        own_index = self._index(head)
        agent_id, guard, fit = server.agent.agent_id, reason == "guard", server.fit(head)
        return Pick(head.contact_id, agent_id, own_index, runner_up, reason, guard, changed, fit)

    def _server_for(self, head: Head) -> _Server:
        takers = self._guard_of(head).takers
        free = [server for server in takers if server.has_room(head.lane.kind)]
        known = (server for server in free if server.agent.agent_id == head.prefers)
        return next(known, None) or min(
            free, key=lambda server: (server.agent.is_specialist != head.has_needs, server.preference())
        )

    def _pay(self, server: _Server, head: Head, *, charged: bool) -> dict[GuardLane, int]:
        """Each guard lane that could have had this start saves its share; a guard start is charged to all behind it.

        Returns the tokens that changed.
        """
        mine, share = due_order(head), self._rules.guard_percent
        changed: dict[GuardLane, int] = {}
        for kind, guards in server.guards.items():
            if not server.has_room(kind):
                continue
            for guard in guards:
                saved = guard.tokens + share
                if charged and ((first := self._first_due(guard)) is None or mine <= due_order(first)):
                    saved -= START
                saved = START if saved > START else max(saved, 0)
                if saved != guard.tokens:
                    guard.tokens = changed[guard.lane] = saved
        return changed

    def _best(self) -> _Entry | None:
        """The first in the order whom a free agent may serve; lines without such an agent are closed."""
        while self._queue:
            first = self._queue[0]
            if first.contact_id in self._gone:
                heappop(self._queue)
                self._advance(first.line, exempt=first.rank == _EXEMPT)
            elif self._guard_of(first.head).has_room():
                return first
            else:
                heappop(self._queue)
        return None

    def _runner_up(self, server: _Server) -> tuple[int, float] | None:
        """Whom this agent would have taken next; the queue is the same afterwards."""
        aside: list[_Entry] = []
        found = None
        while found is None and (first := self._best()) is not None:
            kind = first.head.lane.kind
            if server.has_room(kind) and self._guard_of(first.head) in server.guards.get(kind, ()):
                found = first.contact_id, self._index(first.head)
            else:
                aside.append(heappop(self._queue))
        for entry in aside:
            heappush(self._queue, entry)
        return found

    def _first_guarded(self, *, alone: bool) -> Head | None:
        """The first due promise of all guard lanes that have saved a start, or of all when nobody else waits."""
        enough = 0 if alone else START - self._rules.guard_percent
        self._due = [guard for guard in self._due if guard.due]
        ready = (
            first
            for guard in self._due
            if guard.tokens >= enough and guard.has_room() and (first := self._first_due(guard)) is not None
        )
        return min(ready, key=due_order, default=None)

    def _first_due(self, guard: _Guard) -> Head | None:
        while guard.due:
            first = guard.due[0]
            if first.head.contact_id not in self._gone:
                return first.head
            heappop(guard.due)
            self._advance_due(guard, first.line)
        return None

    def _guard_of(self, head: Head) -> _Guard:
        return self._guards[head.lane.guard_lane]

    def _open(self, view: LaneView) -> None:
        for heads, exempt in ((view.waiting, False), (view.exempt, True)):
            self._lines.append(iter(heads))
            self._advance(len(self._lines) - 1, exempt=exempt)
        self._lines.append(iter(view.guard))
        self._advance_due(self._guards[view.lane.guard_lane], len(self._lines) - 1)

    def _advance(self, line: int, *, exempt: bool) -> None:
        head = next(self._lines[line], None)
        if head is None:
            return
        rank = _DANGER if head.lane.band == DANGER else _EXEMPT if exempt else _ORDINARY
        minus_index = -self._index(head) if rank == _ORDINARY else 0.0
        heappush(self._queue, _Entry(rank, minus_index, head.arrival, head.contact_id, line, head))

    def _advance_due(self, guard: _Guard, line: int) -> None:
        head = next(self._lines[line], None)
        if head is not None:
            heappush(guard.due, _Due(due_order(head), line, head))

    def _index(self, head: Head) -> float:
        return self._rules.index(head.lane.band, head.lane.kind, head.waited_s)


def _guards(tokens: Mapping[GuardLane, int], agents: Sequence[FreeAgent]) -> dict[GuardLane, _Guard]:
    """Every guard lane, known to its takers."""
    groups = {lane.group for lane in tokens}
    servers = [_Server(agent, 0, dict(agent.capacity), agent.most, agent.holding) for agent in agents]
    able = {group: [server for server in servers if eligible(server.agent, group)] for group in groups}
    for takers in able.values():
        for server in takers:
            server.flexibility += 1
    guards = {lane: _Guard(lane, lane.kind, saved, able[lane.group].copy()) for lane, saved in tokens.items()}
    for guard in guards.values():
        for server in guard.takers:
            server.guards.setdefault(guard.kind, []).append(guard)
    return guards


def _comes_anyway(guard: Head, best: _Entry | None) -> bool:
    """Whether the due contact is also first by its own index."""
    return best is not None and best.rank == _ORDINARY and best.contact_id == guard.contact_id
