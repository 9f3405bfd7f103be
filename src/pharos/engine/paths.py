"""Many futures of one pool at once: the discipline of `floor`, one start a step, every path on its own clock.

The order of contacts is the discipline's own: danger, due promises that their bucket pays for, the exempt, the largest
index. Ties, which have probability zero, go to the first line; agents who become free at the same instant choose in
the order of their flexibility. Time starts at 0; whoever waits arrived before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pharos.engine.handling import HandleTime
from pharos.engine.patience import Hazard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BLOCK: Final = 128
_START: Final = 100
_NONE: Final = np.array([-1])
_NEVER: Final = 1e300
_WINDOW: Final = np.arange(32)


Patience = float | Hazard | None


@dataclass(frozen=True, slots=True)
class Line:
    """A first-in-first-out line: its contacts by number, how fast more come, how long they stay and how long they take.

    Danger and the exempt have head starts that no index of another line reaches. Of a measured hazard only the mean is
    used here; `twin` follows it.
    """

    contacts: tuple[int, ...]
    target_s: float
    head_start_s: float
    handle: HandleTime
    arrivals_per_s: float = 0.0
    patience_s: Patience = None
    danger: bool = False
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """Space for one contact at one agent: the lines and guard lanes it serves, from when, until when."""

    lines: tuple[int, ...]
    guards: tuple[int, ...]
    free_s: float = 0.0
    until_s: float = inf
    elapsed_s: float | None = None
    handle: HandleTime | None = None


class Unsure(NamedTuple):
    """How sure the measured rates are: deviation over mean of arrivals, of handle times and of patience."""

    arrivals: float = 0.0
    service: float = 0.0
    patience: float = 0.0


SURE: Final = Unsure()


@dataclass(frozen=True, slots=True)
class PoolStart:
    """A pool at time 0. Contacts are numbered; those from `people` on are shadows, who take no agent.

    The last lines hold one shadow each. `due_s` is when each contact's promise is due (infinite without one); `guards`
    numbers those of each guard lane by due time, and `tokens` are that lane's hundredths of a start. Only `twin`
    follows `unsure`, `pulse` (from when on, in seconds and in order, how many times as many come as at time 0) and
    `sway` (see `course`; a row for now and one for each of the pulse).
    """

    arrived_s: Floats
    due_s: Floats
    people: int
    lines: Sequence[Line]
    rooms: Sequence[Room]
    guards: Sequence[tuple[int, ...]]
    tokens: Sequence[int]
    guard_percent: int
    unsure: Unsure = SURE
    pulse: Sequence[tuple[float, float]] = ()
    sway: Floats | None = None


def run(start: PoolStart, rng: np.random.Generator, paths: int, horizon_s: float, most_steps: int) -> Floats:
    """When each contact (column) starts in each path (row), in seconds from now; infinite if not within the horizon."""
    futures = _Futures(start, rng, paths, horizon_s)
    for _ in range(most_steps):
        if not futures.step():
            break
    return futures.starts


def _padded(rows: Sequence[Sequence[int]]) -> Ints:
    """Rows of numbers as one table that ends every row with at least one -1."""
    table = np.full((len(rows), 1 + max(map(len, rows), default=0)), -1, dtype=np.int64)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return table


def _mean_stay(patience: Patience) -> float:
    mean_s = patience.mean_s if isinstance(patience, Hazard) else patience or _NEVER
    return min(mean_s, _NEVER)


def _membership(rows: Sequence[Sequence[int]], width: int) -> Bools:
    table = np.zeros((len(rows), width), dtype=np.bool_)
    for number, row in enumerate(rows):
        table[number, list(row)] = True
    return table


class _Futures:
    """All paths of one pool. Arrays run over paths (rows) and rooms, lines, guard lanes or contacts (columns)."""

    def __init__(self, start: PoolStart, rng: np.random.Generator, paths: int, horizon_s: float) -> None:
        self._rng, self._horizon_s, self._people = rng, horizon_s, start.people
        self._rows = np.arange(paths)
        self._real = len(start.lines) - (len(start.arrived_s) - start.people)
        self._open_lines(start, paths)
        self._open_rooms(start, paths)
        self._open_guards(start, paths)
        self.starts = np.full((paths, len(start.arrived_s)), inf)
        self._left = np.full(paths, len(start.arrived_s))
        self._drawn = _BLOCK

    def _open_lines(self, start: PoolStart, paths: int) -> None:
        lines = start.lines
        self._queue = _padded([line.contacts for line in lines])
        self._arrived = np.append(start.arrived_s, inf)
        self._pace = np.array([1 / line.target_s for line in lines])
        self._ahead = np.array([line.head_start_s for line in lines])
        self._danger = np.array([line.danger for line in lines])
        self._exempt = np.array([line.exempt for line in lines])
        self._gap = np.array([1 / line.arrivals_per_s if line.arrivals_per_s > 0 else _NEVER for line in lines])
        self._stay = np.array([_mean_stay(line.patience_s) for line in lines])
        laws = [line.handle.log_law() for line in lines]
        self._mu, self._sigma = (np.array(column) for column in zip(*laws, strict=True))
        self._mean = np.array([line.handle.mean_s for line in lines])
        self._memoryless = np.array([line.handle.shape == "exponential" for line in lines])
        self._some_memoryless = bool(self._memoryless.any())
        self._at = np.zeros((paths, len(lines)), dtype=np.int64)
        first = self._rng.standard_exponential((paths, len(lines))) * self._gap
        self._head = np.where(self._queue[:, 0] >= 0, self._arrived[self._queue[:, 0]], first)
        self._base = (self._ahead - self._head) * self._pace
        self._line_of = np.full(len(start.arrived_s), -1)
        for number, line in enumerate(lines):
            self._line_of[list(line.contacts)] = number

    def _open_rooms(self, start: PoolStart, paths: int) -> None:
        rooms = start.rooms
        self._serves = _membership([room.lines for room in rooms], len(start.lines))
        self._closed = np.where(self._serves, 0.0, -inf)
        self._serves_guard = _membership([room.guards for room in rooms], len(start.guards))
        self._until = np.array([room.until_s for room in rooms])
        self._some_leave = bool(np.isfinite(self._until).any())
        self._free = np.empty((paths, len(rooms)))
        for number, room in enumerate(rooms):
            self._free[:, number] = room.free_s
            if room.handle is not None and room.elapsed_s is not None:
                self._free[:, number] += room.handle.remaining(room.elapsed_s, self._rng.random(paths))
        self._free[self._free >= self._until] = inf
        self._idle = np.zeros((paths, len(rooms)), dtype=np.bool_)
        self._idle_by_line = np.zeros((paths, len(start.lines)), dtype=np.int64)
        self._some_idle = False

    def _open_guards(self, start: PoolStart, paths: int) -> None:
        self._percent = start.guard_percent
        self._guarded = any(start.guards)
        self._due = np.append(start.due_s, inf)
        self._guard_queue = _padded(start.guards)
        self._guard_of = np.full(len(start.arrived_s), -1)
        for number, contacts in enumerate(start.guards):
            self._guard_of[list(contacts)] = number
        self._guard_at = np.zeros((paths, len(start.guards)), dtype=np.int64)
        self._guard_due = np.tile(self._due[self._guard_queue[:, 0]], (paths, 1))
        self._tokens = np.tile(np.array(start.tokens, dtype=np.int64), (paths, 1))
        self._gone = np.zeros((paths, len(start.arrived_s) + 1), dtype=np.bool_)

    def step(self) -> bool:
        """One start, rest or farewell in every path that is not over; False when all are."""
        room, now, woken = self._next_room()
        live = now < self._horizon_s
        if not live.any():
            return False
        now = np.where(live, now, 0.0)
        self._draw()
        late = woken & (now >= self._until[room])
        self._wake(room, woken)
        line, best, found = self._first_in_order(room, now, live & ~late)
        contact, arrived = self._who(line), self._head[self._rows, line]
        guard = overtakes = _NONE
        if self._guarded:
            guard, overtakes = self._due_first(room, now, found & ~self._danger[line], best)
            contact, line = np.where(guard >= 0, guard, contact), np.where(guard >= 0, self._line_of[guard], line)
            arrived = np.where(guard >= 0, self._arrived[guard], arrived)
        begins = found & (contact < self._people) & self._stays(line, now - np.maximum(arrived, 0.0))
        if self._guarded:
            self._pay(room, begins & ~self._danger[line], overtakes)
        after = np.where(begins, now + self._service(line), np.where(found, now, inf))
        self._free[self._rows, room] = np.where(after < self._until[room], after, inf)
        self._rest(room, live & ~late & ~found)
        self._take(contact, line, now, found)
        return True

    def _next_room(self) -> tuple[Ints, Floats, Bools]:
        """Per path the room that acts next and when: one that becomes free, or an idle one whom an arrival wakes."""
        room = self._free.argmin(axis=1)
        now = self._free[self._rows, room]
        if not self._some_idle:
            return room, now, _NONE > 0
        reachable = np.where(self._idle_by_line > 0, self._head, inf)
        line = reachable.argmin(axis=1)
        arrives = reachable[self._rows, line]
        woken = arrives < now
        waker = (self._idle & self._serves.T[line]).argmax(axis=1)
        return np.where(woken, waker, room), np.where(woken, arrives, now), woken

    def _draw(self) -> None:
        if self._drawn == _BLOCK:
            self._drawn = 0
            shape = (_BLOCK, len(self._rows))
            self._normals = self._rng.standard_normal(shape)
            self._lasting = self._rng.standard_exponential(shape) if self._some_memoryless else self._normals
            self._patience = self._rng.standard_exponential(shape)
            self._gaps = self._rng.standard_exponential(shape)
        self._drawn += 1

    def _first_in_order(self, room: Ints, now: Floats, acts: Bools) -> tuple[Ints, Ints, Bools]:
        """The line whose head is first among those that the room serves, the same without shadows, and if any waits."""
        moment = now[:, None]
        scores = np.where(self._head <= moment, moment * self._pace + self._base, -inf) + self._closed[room]
        real = scores[:, : self._real].argmax(axis=1)
        shadow = scores[:, self._real :].argmax(axis=1) + self._real
        line = np.where(scores[self._rows, shadow] > scores[self._rows, real], shadow, real)
        return line, real, acts & (scores[self._rows, line] > -inf)

    def _who(self, line: Ints) -> Ints:
        """The number of each line's head, -1 for one who arrives later."""
        head: Ints = self._queue[line, self._at[self._rows, line]]
        return head

    def _due_first(self, room: Ints, now: Floats, may: Bools, best: Ints) -> tuple[Ints, Ints]:
        """Per path the due contact that starts now, or -1; and the same if it overtakes the best in order."""
        ready = (self._guard_due <= now[:, None]) & (self._tokens >= _START - self._percent) & self._serves_guard[room]
        lane = np.where(ready, self._guard_due, inf).argmin(axis=1)
        due = self._guard_queue[lane, self._guard_at[self._rows, lane]]
        guard = np.where(may & ready[self._rows, lane], due, -1)
        comes_anyway = (self._who(best) == guard) & ~self._exempt[best]
        return guard, np.where(comes_anyway, -1, guard)

    def _stays(self, line: Ints, waited_s: Floats) -> Bools:
        """Whether the person is still there; looked at once, when their turn comes."""
        stays: Bools = self._patience[self._drawn - 1] * self._stay[line] > waited_s
        return stays

    def _service(self, line: Ints) -> Floats:
        drawn = self._drawn - 1
        lasts: Floats = np.exp(self._mu[line] + self._sigma[line] * self._normals[drawn])
        if self._some_memoryless:
            lasts = np.where(self._memoryless[line], self._mean[line] * self._lasting[drawn], lasts)
        return lasts

    def _pay(self, room: Ints, starts: Bools, guard: Ints) -> None:
        """The tokens after these starts; `floor.Floor` says why."""
        saves = self._serves_guard[room] & starts[:, None]
        charged = saves & (guard >= 0)[:, None] & (self._due[guard][:, None] <= self._guard_due)
        self._tokens = np.clip(self._tokens + self._percent * saves - _START * charged, 0, _START)

    def _rest(self, room: Ints, rests: Bools) -> None:
        if rests.any():
            self._idle[rests, room[rests]] = True
            self._idle_by_line[rests] += self._serves[room[rests]]
            self._some_idle = True

    def _wake(self, room: Ints, woken: Bools) -> None:
        if woken.any():
            self._idle[woken, room[woken]] = False
            self._idle_by_line[woken] -= self._serves[room[woken]]

    def _take(self, contact: Ints, line: Ints, now: Floats, found: Bools) -> None:
        """Write down who started, and let the next ones move up."""
        known = found & (contact >= 0)
        path, who = self._rows[known], contact[known]
        self.starts[path, who] = now[known]
        self._left[path] -= 1
        self._gone[path, who] = True
        moves = found & (self._who(line) == contact)
        self._advance(self._rows[moves], line[moves])
        if self._guarded:
            self._advance_guard(path, self._guard_of[who])
        over = path[self._left[path] == 0]
        if len(over):
            self._free[over] = inf
            self._idle_by_line[over] = 0

    def _advance(self, path: Ints, line: Ints) -> None:
        """The next head of each line: whoever waits and has not gone, else the next arrival."""
        at = self._present(self._queue, path, line, self._at[path, line] + 1)
        contact = self._queue[line, at]
        later = np.maximum(self._head[path, line], 0.0) + self._gaps[self._drawn - 1, path] * self._gap[line]
        head = np.where(contact >= 0, self._arrived[contact], later)
        self._at[path, line] = at
        self._head[path, line] = head
        self._base[path, line] = (self._ahead[line] - head) * self._pace[line]

    def _advance_guard(self, path: Ints, lane: Ints) -> None:
        path, lane = path[lane >= 0], lane[lane >= 0]
        at = self._present(self._guard_queue, path, lane, self._guard_at[path, lane])
        self._guard_at[path, lane] = at
        self._guard_due[path, lane] = self._due[self._guard_queue[lane, at]]

    def _present(self, queue: Ints, path: Ints, row: Ints, at: Ints) -> Ints:
        """The first place from `at` on whose contact has not gone in that path; the end of the row is such a place."""
        at = np.minimum(at, queue.shape[1] - 1)
        gone = self._gone[path, queue[row, at]]
        while gone.any():
            window = np.minimum(at[gone, None] + _WINDOW, queue.shape[1] - 1)
            there = ~self._gone[path[gone, None], queue[row[gone, None], window]]
            at[gone] = window[np.arange(len(window)), np.where(there.any(axis=1), there.argmax(axis=1), -1)]
            gone = self._gone[path, queue[row, at]]
        return at
