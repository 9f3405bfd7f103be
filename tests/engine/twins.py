"""One path of the look-ahead again, slowly: the live order asked at every event, chance drawn by the same numbers."""

import heapq
from dataclasses import dataclass, field
from itertools import count
from math import exp, inf, log
from statistics import NormalDist

import numpy as np

from pharos.engine.classes import ClassRules
from pharos.engine.discipline import FreeAgent, Head, lanes_of
from pharos.engine.floor import Floor
from pharos.engine.handling import HandleTime
from pharos.engine.snapshot import FloorState, Held, Part, Seat

BITS = 2**64 - 1
CAME, ROOMS, GAPS, PEOPLE, TRUTH = range(5)
PATIENCE, SERVICE, REDIALS, RETURNS, AGAIN = range(5)
NORMAL = NormalDist()
SHADOWS = 1_000_000


def draw(key: int, number: int) -> int:
    """SplitMix64 at a place."""
    bits = (key + 0x9E3779B97F4A7C15 * (number + 1)) & BITS
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & BITS
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & BITS
    return bits ^ (bits >> 31)


def uniform(key: int, number: int) -> float:
    return ((draw(key, number) >> 11) + 0.5) * 2**-53


def exponential(key: int, number: int) -> float:
    return -log(uniform(key, number))


def service_s(law: HandleTime, key: int) -> float:
    share = uniform(key, SERVICE)
    if law.shape == "exponential":
        return -law.mean_s * log(share)
    mu, sigma = law.log_law()
    return exp(mu + sigma * NORMAL.inv_cdf(share))


@dataclass
class SlowPath:
    """A part of a floor and everything that happens to it on one path."""

    part: Part
    state: FloorState
    rules: ClassRules
    path: int
    horizon_s: float
    waiting: dict[int, Head] = field(default_factory=dict)
    keys: dict[int, int] = field(default_factory=dict)
    started: dict[int, float] = field(default_factory=dict)

    def run(self) -> dict[int, float]:
        """When each contact, and each lane's shadow (SHADOWS and up), starts."""
        self._open()
        while self.events and self.events[0][0] < self.horizon_s and not self.wanted <= self.started.keys():
            now, _, what, number = heapq.heappop(self.events)
            if what == "free":
                self.idle[number] = now
            else:
                self._arrive(number, now)
            while self._start(now):
                pass
        return self.started

    def _open(self) -> None:
        self.order = count()
        self.truth = [
            exp(cv * NORMAL.inv_cdf(uniform(draw(self.path, TRUTH), number)))
            for number, cv in enumerate(self.state.unsure)
        ]
        self.events: list[tuple[float, int, str, int]] = []
        self.buckets = {group: self.state.buckets.get(group, 0) for group in self.part.groups}
        self.shadows = {SHADOWS + n: Head(SHADOWS + n, lane, 0.0, 0.0) for n, lane in enumerate(self.part.lanes)}
        self.wanted = {head.contact_id for head in self.part.waiting} | self.shadows.keys()
        for number, head in enumerate(self.part.waiting):
            self.waiting[head.contact_id] = head._replace(arrival=-head.waited_s)
            self.keys[head.contact_id] = draw(draw(self.path, CAME), number)
        rooms = [
            (seat, held) for seat in self.part.seats for held in [*seat.held, *[None] * (seat.rooms - len(seat.held))]
        ]
        self.rooms = sorted(rooms, key=lambda room: sum(room[0].serves(group) for group in self.part.groups))
        self.idle: dict[int, float] = {}
        for number, (_, held) in enumerate(self.rooms):
            self._at(self._left(held, number), "free", number)
        self.came = [0] * len(self.part.lanes)
        for number in range(len(self.part.lanes)):
            self._call(number, 0.0)

    def _at(self, time: float, what: str, number: int) -> None:
        heapq.heappush(self.events, (time, next(self.order), what, number))

    def _left(self, held: Held | None, number: int) -> float:
        if held is None:
            return 0.0
        law = self.state.handle_time(held.kind, held.skill)
        assert law is not None
        return float(law.remaining(held.elapsed_s, np.array([1 - uniform(draw(self.path, ROOMS), number)]))[0])

    def _call(self, line: int, now: float) -> None:
        rate = self.state.arrivals_per_s.get(self.part.lanes[line], 0.0)
        if rate:
            gap = exponential(draw(draw(self.path, GAPS), line), self.came[line])
            self.came[line] += 1
            self._at(now + gap / rate / self.truth[0], "call", line)

    def _arrive(self, line: int, now: float) -> None:
        contact = 2 * SHADOWS + self.came[line] * len(self.part.lanes) + line
        self.waiting[contact] = Head(contact, self.part.lanes[line], 0.0, now)
        self.keys[contact] = draw(draw(draw(self.path, PEOPLE), line), self.came[line])
        self._call(line, now)

    def _start(self, now: float) -> bool:
        """One turn: of a shadow, of one who gave up, or of one who starts. False when there is none."""
        first, _ = self._first([*self.waiting.values(), *self.shadows.values()], now)
        if first is None:
            return False
        if self.shadows.pop(first.contact_id, None):
            self.started[first.contact_id] = now
            return True
        again, buckets = self._first(self.waiting.values(), now)
        assert again is not None
        assert (again.contact_id, again.agent_id) == (first.contact_id, first.agent_id)
        head = self.waiting.pop(first.contact_id)
        self.started[first.contact_id] = now
        if self._stays(head, now):
            self.buckets = buckets
            del self.idle[first.agent_id]
            law = self.state.handle_time(head.lane.kind, head.lane.group.skill)
            assert law is not None
            took = self.truth[1] * service_s(law, self.keys[head.contact_id])
            self._at(now + took, "free", first.agent_id)
        return True

    def _first(self, heads, now: float):
        waiting = [head._replace(waited_s=now - head.arrival) for head in heads]
        agents = [as_free(self.rooms[room][0], room, since) for room, since in self.idle.items()]
        floor = Floor(lanes_of(waiting, now), agents, self.buckets, self.rules)
        return next(floor.starts(), None), dict(floor.tokens)

    def _stays(self, head: Head, now: float) -> bool:
        mean_s = self.state.patience_s.get(head.lane.kind)
        limit = mean_s * exponential(self.keys[head.contact_id], PATIENCE) if isinstance(mean_s, float) else inf
        return now - max(head.arrival, 0.0) < self.truth[2] * limit


def as_free(seat: Seat, number: int, since: float) -> FreeAgent:
    agent = seat.agent
    return FreeAgent(
        number, agent.skills, agent.languages, agent.gates, dict.fromkeys(seat.kinds, 1), idle_since=since, most=1
    )
