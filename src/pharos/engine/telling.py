"""What is told of a wait: the look-ahead's range, with what this centre's own days have taught about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, log1p
from typing import Final, NamedTuple

from pharos.engine.calibration import Stretch, Told, calibrated, stretch, trusted
from pharos.engine.classes import BANDS, Kind
from pharos.engine.estimates import Unknown, Wait
from pharos.engine.lanes import GuardLane, Lane, eligible
from pharos.engine.residual import Residual
from pharos.engine.snapshot import FloorState

STEP_S: Final = 60.0
LAST: Final = 60
MOST_LOAD: Final = 10.0


class Came(NamedTuple):
    """One range as it was worked out and as it was said, and the wait since: over, or at least so long."""

    low_s: float
    median_s: float
    high_s: float
    said_low_s: float
    said_high_s: float
    waited_s: float
    ended: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What became of the last ranges of a class: how far their ends must move, and how many held."""

    stretch: Stretch = field(default_factory=Stretch)
    coverage: float | None = None
    scored: int = 0


def record(came: Sequence[Came]) -> Record:
    """The record of ranges, the newest first. Whoever waits or left past the far end was missed; before it, unknown."""
    known = [one for one in came if one.ended or one.waited_s > one.said_high_s][:LAST]
    inside = sum(one.ended and one.said_low_s <= one.waited_s <= one.said_high_s for one in known)
    ranges = [Told(one.low_s, one.median_s, one.high_s, one.waited_s, one.ended) for one in came]
    return Record(stretch(ranges), inside / len(known) if known else None, len(known))


class Said(NamedTuple):
    """One wait on its way to a person.

    `ahead_s` is the look-ahead's own median, `point` has what was learned, `range` its ends held against what came and
    rounded outward to whole minutes, and `told` is that, wider or not at all where it cannot be trusted.
    """

    ahead_s: float
    point: Wait
    range: Wait
    told: Wait | Unknown


@dataclass(frozen=True)
class Teller:
    """How waits are told now: the record of each class, the nightly residual, and from the offer to the answer."""

    records: Mapping[tuple[int, Kind], Record] = field(default_factory=dict)
    residual: Residual | None = None
    answering_s: Mapping[Kind, float] = field(default_factory=dict)

    def say(self, lane: Lane, wait: Wait, state: Sequence[float]) -> Said:
        """The wait until the answer, from the look-ahead's wait until the start, in this state of the floor."""
        whole = _longer(wait, self.answering_s.get(lane.kind, 0.0))
        point = self.residual.corrected(whole, state) if self.residual and state else whole
        known = self.records.get((lane.band, lane.kind), Record())
        range_ = _outward(calibrated(point, known.stretch))
        told = trusted(range_, known.coverage, known.scored)
        return Said(whole.median_s, point, range_, _outward(told) if isinstance(told, Wait) else told)


def _longer(wait: Wait, seconds: float) -> Wait:
    return Wait(wait.low_s + seconds, wait.median_s + seconds, wait.high_s + seconds, wait.paths)


def _outward(wait: Wait) -> Wait:
    """Both ends on whole minutes, as they are said; nobody is told less than one."""
    high_s = max(ceil(wait.high_s / STEP_S), 1) * STEP_S
    return replace(wait, low_s=wait.low_s // STEP_S * STEP_S, high_s=high_s)


NUMBERS: Final = 9  # of a situation


class Situation:
    """The state of a floor in a few numbers for each lane: what a residual is learned by."""

    def __init__(self, state: FloorState, times_usual: float) -> None:
        self._state, self._times_usual = state, times_usual
        self._ahead = [sum(head.lane.band <= band for head in state.waiting) for band in BANDS]
        self._come_s = sum(state.arrivals_per_s.values())
        self._busy = {agent.agent_id for agent in state.agents if agent.held}
        self._servers: dict[GuardLane, frozenset[int]] = {}

    def servers(self, lane: Lane) -> frozenset[int]:
        """The agents who may serve a lane."""
        known = self._servers.get(lane.guard_lane)
        if known is None:
            agents = (one for one in self._state.agents if one.capacity.get(lane.kind) and eligible(one, lane.group))
            known = self._servers[lane.guard_lane] = frozenset(agent.agent_id for agent in agents)
        return known

    def numbers(self, lane: Lane) -> tuple[float, ...]:
        """Its class, the lines, the work that lies there and comes for each agent, how many are taken, and the day."""
        servers, handle = self.servers(lane), self._state.handle_time(lane.kind, lane.group.skill)
        each_s = (handle.mean_s if handle else 0.0) / max(len(servers), 1)
        waiting = len(self._state.waiting)
        return (
            float(lane.band),
            float(lane.kind == "live"),
            log1p(self._ahead[lane.band]),
            log1p(waiting),
            log1p(len(servers)),
            min(self._come_s * each_s, MOST_LOAD),
            log1p(waiting * each_s / STEP_S),
            len(servers & self._busy) / max(len(servers), 1),
            log1p(self._times_usual),
        )
