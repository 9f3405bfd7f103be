"""How long people stay, from waits that mostly end in an answer: the answered tell us only that they stayed so long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import expm1, inf, sqrt
from typing import Final, NamedTuple

import numpy as np

DEFAULT_PIECES: Final = 12
MEMORY: Final = 20  # observed farewells that weigh as much as the starting value


class Stayed(NamedTuple):
    """One wait that ended: after how many seconds, and whether the person gave up (else they were answered)."""

    waited_s: float
    gave_up: bool


@dataclass(frozen=True, slots=True)
class Survival:
    """The share of people who would stay longer than each time, with Greenwood's standard error.

    Kaplan and Meier 1958. Times are those at which someone gave up, in seconds, in order; `at_risk` were still there.
    """

    times_s: tuple[float, ...]
    shares: tuple[float, ...]
    errors: tuple[float, ...]
    at_risk: tuple[int, ...]

    def share_beyond(self, waited_s: float) -> float:
        """The share that stays longer than this."""
        left = 1.0
        for time_s, share in zip(self.times_s, self.shares, strict=True):
            if time_s > waited_s:
                break
            left = share
        return left

    def median_s(self) -> float:
        """When half have given up; infinite when fewer than half were seen to."""
        return next((at for at, share in zip(self.times_s, self.shares, strict=True) if share <= 0.5), inf)


def kaplan_meier(stays: Iterable[Stayed]) -> Survival:
    """The product-limit estimate; those answered at the moment of a farewell were still there."""
    ordered = sorted(stays)
    left, share, spread = len(ordered), 1.0, 0.0
    rows: list[tuple[float, float, float, int]] = []
    for at, group in groupby(ordered, key=lambda stay: stay.waited_s):
        ended = list(group)
        farewells = sum(stay.gave_up for stay in ended)
        if farewells:
            share *= 1 - farewells / left
            spread += farewells / (left * (left - farewells)) if left > farewells else 0.0
            rows.append((at, share, share * sqrt(spread), left))
        left -= len(ended)
    columns = tuple(zip(*rows, strict=True)) or ((), (), (), ())
    return Survival(*columns)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A cumulative hazard: straight between its points, and going on as in its last piece. Starts at (0, 0)."""

    times_s: tuple[float, ...]
    hazards: tuple[float, ...]

    def __post_init__(self) -> None:
        rising = all(one < two for one, two in zip(self.times_s, self.times_s[1:], strict=False))
        if len(self.times_s) < 2 or self.times_s[0] or self.hazards[0] or not rising:
            raise ValueError("a hazard starts at (0, 0) and has two points or more, in the order of time")

    @property
    def mean_s(self) -> float:
        """The mean stay, the last piece going on for ever; infinite if it is flat."""
        mean_s, left = 0.0, 1.0
        times, hazards = self.times_s, self.hazards
        for step in range(1, len(times)):
            rate = (hazards[step] - hazards[step - 1]) / (times[step] - times[step - 1])
            last = step == len(times) - 1
            gone = 1.0 if last else -expm1(hazards[step - 1] - hazards[step])
            if rate:
                mean_s += left * gone / rate
            else:
                mean_s += inf if last else left * (times[step] - times[step - 1])
            left *= 1 - gone
        return mean_s

    def drawn_to(self, points: int) -> tuple[list[float], list[float]]:
        """The same with at least so many points: the last piece drawn longer."""
        times, hazards = list(self.times_s), list(self.hazards)
        step, rise = times[-1] - times[-2], hazards[-1] - hazards[-2]
        while len(times) < points:
            times.append(times[-1] + step)
            hazards.append(hazards[-1] + rise)
        return times, hazards


def hazard(stays: Sequence[Stayed], *, pieces: int = DEFAULT_PIECES) -> Hazard | None:
    """The cumulative hazard (Nelson 1972, Aalen 1978) in pieces that hold equally many farewells.

    The rate inside a piece is farewells over time at risk. None before there are two farewells a piece.
    """
    waited = np.array([stay.waited_s for stay in stays], dtype=float)
    gave_up = np.array([stay.gave_up for stay in stays], dtype=bool)
    farewells = np.sort(waited[gave_up & (waited > 0)])
    pieces = min(pieces, len(farewells) // 2)
    if pieces < 1:
        return None
    ends = np.unique(farewells[len(farewells) * np.arange(1, pieces + 1) // pieces - 1])
    starts = np.concatenate([[0.0], ends[:-1]])
    gone = np.searchsorted(farewells, ends, side="right") - np.searchsorted(farewells, starts, side="right")
    at_risk_s = np.array(
        [np.clip(waited - start, 0, end - start).sum() for start, end in zip(starts, ends, strict=True)]
    )
    hazards = np.cumsum(gone / at_risk_s * (ends - starts))
    return Hazard((0.0, *ends.tolist()), (0.0, *hazards.tolist()))


def mean_patience_s(stays: Iterable[Stayed], prior_s: float, *, memory: float = MEMORY) -> float:
    """The mean of exponential patience: all time waited over all farewells, leaning on the starting value.

    The maximum likelihood estimate of Brown et al. 2005, section 5, with a gamma prior worth `memory` farewells.
    """
    waited_s, farewells = memory * prior_s, float(memory)
    for stay in stays:
        waited_s += max(stay.waited_s, 0.0)
        farewells += stay.gave_up
    return waited_s / farewells


def implied_mean_s(abandoned_share: float, mean_wait_s: float) -> float:
    """Patience from two averages: the wait of all contacts over the share that gave up (Mandelbaum and Zeltyn 2004)."""
    return mean_wait_s / abandoned_share if abandoned_share > 0 else inf
