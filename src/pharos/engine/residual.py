"""What the look-ahead misses, learned at night from this centre's own days, and used only where they were alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from pharos.engine.estimates import Wait
from pharos.engine.handling import Floats
from pharos.engine.patience import Stayed, kaplan_meier

LEAST_ROWS: Final = 200
MEMORY: Final = 200.0
OFFSET_S: Final = 30.0  # waits below it are told apart by seconds, not by ratios
MOST: Final = 0.7  # of the logarithm: at most twice, at least half
FAMILIAR: Final = 0.95
_RIDGE: Final = 10.0
_LEAST_SHARE: Final = 0.05


class Lesson(NamedTuple):
    """A wait told in some state, and what came: over, or given up after `waited_s` (then it was at least so long)."""

    state: tuple[float, ...]
    median_s: float
    waited_s: float
    ended: bool


@dataclass(frozen=True)
class Residual:
    """A correction of the logarithm of a wait: linear and quadratic in the state, zero away from its training.

    Plain numbers, to be kept as JSON: centre and scale of each state number, the coefficients, the shape of the cloud
    of training states, how far out it reaches, and from how many lessons.
    """

    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    shape: tuple[tuple[float, ...], ...]
    reach: float
    lessons: int

    def familiar(self, state: Sequence[float]) -> float:
        """1 inside the cloud of training states, falling to 0 at twice its reach (Mahalanobis distance)."""
        away = (np.array(state) - np.array(self.centre)) / np.array(self.scale)
        distance = float(np.sqrt(max(away @ np.array(self.shape) @ away, 0.0)))
        return min(max(2 - distance / self.reach, 0.0), 1.0)

    def corrected(self, wait: Wait, state: Sequence[float]) -> Wait:
        """The wait with what was learned, its range never narrower; as it was in states that were never met."""
        belief = self.familiar(state) * self.lessons / (self.lessons + MEMORY)
        terms = _terms((np.array([state]) - np.array(self.centre)) / np.array(self.scale))[0]
        change = float(np.clip(terms @ np.array(self.weights), -MOST, MOST))
        factor = float(np.exp(belief * change))
        low_s, median_s, high_s = (_moved(end_s, factor) for end_s in (wait.low_s, wait.median_s, wait.high_s))
        return replace(wait, low_s=min(low_s, wait.low_s), median_s=median_s, high_s=max(high_s, wait.high_s))


def _moved(wait_s: float, factor: float) -> float:
    return max((wait_s + OFFSET_S) * factor - OFFSET_S, 0.0)


def _terms(away: Floats) -> Floats:
    bounded = np.clip(away, -4, 4)
    return np.hstack([np.ones((len(away), 1)), bounded, bounded**2])


def learn(lessons: Sequence[Lesson]) -> Residual | None:
    """Ridge regression on the logarithm of the wait over the median told; None from too few lessons.

    Waits that were given up teach through the others: a wait that ended weighs one over the chance that nobody gives
    up before it (inverse probability of censoring; Robins and Rotnitzky 1992).
    """
    ended = [lesson for lesson in lessons if lesson.ended]
    if len(ended) < LEAST_ROWS:
        return None
    states = np.array([lesson.state for lesson in ended], dtype=float)
    centre, scale = states.mean(axis=0), np.maximum(states.std(axis=0), 1e-9)
    away = (states - centre) / scale
    told = np.array([lesson.median_s for lesson in ended]) + OFFSET_S
    came = np.array([lesson.waited_s for lesson in ended]) + OFFSET_S
    weights = _weights(lessons)
    terms = _terms(away)
    weighted = terms * weights[:, None]
    penalty = _RIDGE * np.eye(terms.shape[1])
    penalty[0, 0] = 0.0
    found = np.linalg.solve(weighted.T @ terms + penalty, weighted.T @ np.log(came / told))
    shape = np.linalg.inv(away.T @ away / len(away) + 0.01 * np.eye(away.shape[1]))
    distances = np.sqrt(np.einsum("ni,ij,nj->n", away, shape, away))
    return Residual(
        centre=tuple(centre.tolist()),
        scale=tuple(scale.tolist()),
        weights=tuple(found.tolist()),
        shape=tuple(map(tuple, shape.tolist())),
        reach=float(np.quantile(distances, FAMILIAR)),
        lessons=len(ended),
    )


def _weights(lessons: Sequence[Lesson]) -> Floats:
    """One over the share of people who would have stayed as long as each wait that ended; together their number."""
    gone = kaplan_meier([Stayed(lesson.waited_s, not lesson.ended) for lesson in lessons])
    times, shares = np.array([-1.0, *gone.times_s]), np.array([1.0, *gone.shares])
    waited = np.array([lesson.waited_s for lesson in lessons if lesson.ended])
    stays = shares[np.searchsorted(times, waited, side="left") - 1]
    weights = 1 / np.maximum(stays, _LEAST_SHARE)
    return np.asarray(weights * len(waited) / weights.sum(), dtype=np.float64)
