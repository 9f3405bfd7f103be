"""The twin: the present floor or a whole day run forward under the discipline, as fast as the machine goes.

The same seed meets the same people: contact by contact, with the same patience and the same work, under any roster and
any rules, so two plans are compared on the same days.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from pharos.engine.handling import Floats, HandleTime
from pharos.engine.heads import GONE, Bools, Ints, Pool
from pharos.engine.kernel import all_paths
from pharos.engine.paths import PoolStart
from pharos.engine.tables import CallLine, Day, Shift, of_day, of_start

__all__ = ["CallLine", "Calls", "Day", "Shift", "follow", "play", "prepared", "run", "warm"]

_AGAIN: Final = 1024
_MOST_TURNS: Final = 1 << 40
_SPARE: Final = 1.25


def run(start: PoolStart, rng: np.random.Generator, paths: int, horizon_s: float, most_steps: int) -> Floats:
    """When each contact (column) starts in each path (row), in seconds from now; infinite if not within the horizon.

    The same question as `paths.run`, and the same answer in law.
    """
    return follow(start, int(rng.integers(1 << 63)), paths, horizon_s, most_steps)


def follow(start: PoolStart, seed: int, paths: int, horizon_s: float, most_steps: int) -> Floats:
    """The same from a seed."""
    starts = np.full((paths, len(start.arrived_s)), inf)
    none = np.empty((0, 3), np.int64), np.empty((0, 3))
    all_paths(of_start(start), np.uint64(seed), 0, float(horizon_s), most_steps, True, 0, starts, *none)
    return starts


def warm() -> None:
    """Make the machine code, or read back what is kept, before anyone waits for it: seconds the first time."""
    play(prepared(Day([CallLine(0, 1.0, 0.0, HandleTime(1.0))], [])), 0, 0, 1.0, 0)


@dataclass(frozen=True, slots=True)
class Calls:
    """Every turn of a day, in the order of the turns; seconds from its start.

    `served` had not given up when their turn came; `took_s` is how long they were served, else how long they had
    stayed. `contact` numbers the arrivals that were given (by line), and is negative for those that were drawn.
    """

    line: Ints
    contact: Ints
    agent: Ints
    arrived_s: Floats
    turn_s: Floats
    took_s: Floats

    @property
    def served(self) -> Bools:
        """Whose turn came in time."""
        served: Bools = self.agent != GONE
        return served

    @property
    def waited_s(self) -> Floats:
        """From the arrival to the turn or to giving up."""
        return np.where(self.served, self.turn_s - self.arrived_s, self.took_s)

    @property
    def offered_wait_s(self) -> Floats:
        """From the arrival to the turn: the wait of one who stays."""
        return self.turn_s - self.arrived_s


def prepared(day: Day) -> Pool:
    """A day ready to be played many times."""
    return of_day(day)


def play(pool: Pool, seed: int, path: int, horizon_s: float, expected_calls: int) -> Calls:
    """One path of a day, until nothing happens or the horizon comes."""
    room, again = int(expected_calls * _SPARE) + _AGAIN, _AGAIN if np.any(pool.redials) else 1
    while True:
        who, when = np.empty((room, 3), np.int64), np.empty((room, 3))
        starts = np.full((1, len(pool.arrived)), inf)
        turns = all_paths(pool, np.uint64(seed), path, float(horizon_s), _MOST_TURNS, False, again, starts, who, when)
        if turns < 0:
            again *= 4
        elif turns > room:
            room = turns
        else:
            return Calls(*(who[:turns].T), *(when[:turns].T))
