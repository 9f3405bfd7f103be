"""How the rate of arrivals goes on: where it stands, its trend dying away, and how far the true one may stray."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from pharos.engine.handling import Floats

HOUR_S: Final = 3600.0
SPREAD: Final = 0.8  # deviation of the logarithm of a rate over its usual one, on a day of which we know nothing
TURNS_S: Final = 8 * HOUR_S  # how slowly it turns; with the spread this bounds its trend
BACK_S: Final = 5 * HOUR_S  # a surge is over in hours; nobody knows in how many
STRAYS: Final = 0.05  # what quarter hours differ by beyond chance
STRAYS_S: Final = 900.0
_ENOUGH: Final = 16
_JITTER: Final = 1e-9


@dataclass(frozen=True)
class Course:
    """The logarithm of the rate over the usual one: now, at the moments asked about, and its spread.

    `times` is how many times the present rate; `sway` a lower triangle whose product with independent normal deviates
    is how far one true course lies from it, at those moments.
    """

    level: float
    times: tuple[float, ...]
    sway: Floats


def course(
    counts: Sequence[int],
    usual: Sequence[float],
    slot_s: float,
    ahead_s: Sequence[float],
    *,
    newest: float = 1.0,
    is_known: bool = True,
) -> Course:
    """From the counts of slots of time that belong together, the newest first; some contact came in them.

    All are of `slot_s` but the newest, of which only a share may be behind us. `usual` is how many usually come in
    each; where that is not known it only says which slots are alike.

    A Gaussian process of the logarithm of the rate over the usual one: its level and trend as the counts show them, the
    trend dying away and the rate coming back to the usual one in the course of hours, and quarter hours that differ
    (Avramidis et al. 2004). Counts are Poisson, taken together until their logarithm is nearly normal.
    """
    ages, logs, noise = _observed(counts, usual)
    ages = np.maximum(ages - 1 + newest, newest / 2) * slot_s
    asked = np.array([0.0, *(-one for one in ahead_s)])
    centre = 0.0 if is_known else float(np.average(logs, weights=1 / noise))
    gain = _covariance(asked, ages) @ np.linalg.inv(_covariance(ages, ages) + np.diag(noise))
    back = np.exp(asked / BACK_S) if is_known else 1.0
    mean = centre + gain @ (logs - centre) * back
    left = _covariance(asked, asked) - gain @ _covariance(ages, asked)
    sway = np.linalg.cholesky(left[1:, 1:] + _JITTER * np.eye(len(asked) - 1))
    return Course(float(mean[0]), tuple(np.exp(mean[1:] - mean[0]).tolist()), np.asarray(sway, dtype=np.float64))


def _observed(counts: Sequence[int], usual: Sequence[float]) -> tuple[Floats, Floats, Floats]:
    """Age in slots, logarithm and its variance of groups of neighbouring slots."""
    groups: list[list[int]] = [[]]
    for place in range(len(counts)):
        if sum(counts[one] for one in groups[-1]) >= _ENOUGH:
            groups.append([])
        groups[-1].append(place)
    if len(groups) > 1 and sum(counts[one] for one in groups[-1]) < _ENOUGH:
        last = groups.pop()
        groups[-1] += last
    came = np.array([sum(counts[one] for one in group) for group in groups]) + 0.5
    expected = np.array([sum(usual[one] for one in group) for group in groups])
    ages = np.array([(group[0] + group[-1] + 1) / 2 for group in groups])
    return ages, np.log(came / expected), 1 / came


def _covariance(one: Floats, two: Floats) -> Floats:
    """Of the logarithm at two sets of moments (seconds): a smooth part (Matern 1960, order 3/2) and quarter hours."""
    apart = np.abs(one[:, None] - two[None, :])
    way = sqrt(3) * apart / TURNS_S
    covariance = SPREAD**2 * (1 + way) * np.exp(-way) + STRAYS**2 * np.exp(-apart / STRAYS_S)
    return np.asarray(covariance, dtype=np.float64)
