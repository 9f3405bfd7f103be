"""The honest wait: the present floor run forward under its own discipline, many times, for everyone who waits.

All times are seconds of the open time of a channel. A hypothetical next arrival is followed as a shadow that takes no
agent, so asking about every class at once disturbs nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil, inf
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pharos.engine.classes import ClassRules
from pharos.engine.estimates import BEYOND_HORIZON, NO_AGENTS, NO_HANDLE_TIME, NOT_ASKED, Unknown, Wait
from pharos.engine.handling import HandleTime
from pharos.engine.lanes import Lane
from pharos.engine.paths import PoolStart, run
from pharos.engine.snapshot import FloorState, Held, OnFloor, Part, parts, pool_start

__all__ = ["FloorState", "HandleTime", "Held", "OnFloor", "Unknown", "Wait", "WaitCurve", "look_ahead"]

DEFAULT_PATHS: Final = 60
DEFAULT_HORIZON_S: Final = 48 * 3600.0
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
Run = Callable[[PoolStart, np.random.Generator, int, float, int], NDArray[np.float64]]
STEPS_PER_CONTACT: Final = 4
SPARE_STEPS: Final = 6000


@dataclass(frozen=True, slots=True)
class WaitCurve:
    """The wait of every lane's next arrival, and what is left for every contact that waits."""

    next_arrival: Mapping[Lane, Wait | Unknown]
    remaining: Mapping[int, Wait | Unknown]

    def of(self, lane: Lane) -> Wait | Unknown:
        """The wait of an arrival in this lane now; a lane that was not asked about is not known."""
        return self.next_arrival.get(lane, Unknown(NOT_ASKED))


def look_ahead(
    state: FloorState,
    rules: ClassRules,
    rng: np.random.Generator,
    paths: int = DEFAULT_PATHS,
    *,
    horizon_s: float = DEFAULT_HORIZON_S,
    run: Run = run,
) -> WaitCurve:
    """Everyone's wait from `paths` simulated futures; a wait not over within the horizon is said to be unknown.

    `run` plays them: `paths.run`, or `twin.run` where machine code can be made.
    """
    next_arrival: dict[Lane, Wait | Unknown] = {}
    remaining: dict[int, Wait | Unknown] = {}
    for part in parts(state):
        people = len(part.waiting) + len(part.lanes)
        if reason := _cannot_say(part, state):
            told: list[Wait | Unknown] = [Unknown(reason)] * people
        else:
            most_steps = STEPS_PER_CONTACT * people + SPARE_STEPS
            told = _ranges(run(pool_start(part, state, rules), rng, paths, horizon_s, most_steps))
        remaining |= zip((head.contact_id for head in part.waiting), told, strict=False)
        next_arrival |= zip(part.lanes, told[len(part.waiting) :], strict=True)
    return WaitCurve(MappingProxyType(next_arrival), MappingProxyType(remaining))


def _cannot_say(part: Part, state: FloorState) -> str:
    if not part.seats:
        return NO_AGENTS
    known = all(state.handle_time(lane.kind, lane.group.skill) for lane in part.lanes)
    return "" if known else NO_HANDLE_TIME


def _ranges(starts: NDArray[np.float64]) -> list[Wait | Unknown]:
    """The range of each column; it is known when nine paths in ten are."""
    ordered = np.sort(starts, axis=0)
    paths = len(ordered)
    low, middle, high = (ordered[ceil(share * paths) - 1].tolist() for share in (LOW, MIDDLE, HIGH))
    return [
        Wait(*ends, paths) if ends[-1] < inf else Unknown(BEYOND_HORIZON, ends[0] if ends[0] < inf else None)
        for ends in zip(low, middle, high, strict=True)
    ]
