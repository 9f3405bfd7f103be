"""How long a contact keeps its agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, expm1, inf, log, log1p, pi, sqrt
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STANDARD: Final = NormalDist()
_TINY: Final = 1e-300
_SURE: Final = 1 - 1e-16
_LEAST_S: Final = 0.5
_LEAST_SIGMA: Final = 0.05
_FAR: Final = 8.0
_ROUNDS: Final = 60
_SETTLED: Final = 1e-6


@dataclass(frozen=True, slots=True)
class HandleTime:
    """How long a contact keeps its agent, wrap-up included: mean in seconds, and deviation over mean."""

    mean_s: float
    cv: float = 1.0
    shape: Literal["lognormal", "exponential"] = "lognormal"

    def __post_init__(self) -> None:
        if not (0 < self.mean_s < inf and 0 <= self.cv < inf):
            raise ValueError(f"a handle time of {self.mean_s} s with deviation over mean {self.cv}")

    def log_law(self) -> tuple[float, float]:
        """Mean and deviation of the logarithm, for the lognormal shape."""
        variance = log1p(self.cv**2)
        return log(self.mean_s) - variance / 2, sqrt(variance)

    def remaining(self, elapsed_s: float, uniforms: Floats) -> Floats:
        """What is left of a contact that has lasted `elapsed_s`, one draw for each uniform of [0, 1)."""
        if self.shape == "exponential":
            return -self.mean_s * np.log1p(-uniforms)
        mu, sigma = self.log_law()
        if sigma == 0:
            return np.full(len(uniforms), max(self.mean_s - elapsed_s, 0.0))
        lasts = erfc((log(elapsed_s) - mu) / sigma / sqrt(2)) / 2 if elapsed_s > 0 else 1.0
        ranks = np.clip(lasts * (1 - uniforms), _TINY, _SURE)
        deviations = np.array([_STANDARD.inv_cdf(rank) for rank in ranks.tolist()])
        return np.maximum(np.exp(mu - sigma * deviations) - elapsed_s, 0.0)


def fitted(done_s: Sequence[float], held_s: Sequence[float], prior: HandleTime, *, memory: float = 10) -> HandleTime:
    """The lognormal handle time of finished contacts and of those still in hand, leaning on a starting value.

    In a surge the short ones end first, so the mean of what has ended is too small: a contact in hand counts as one
    that lasts longer than it has (maximum likelihood with censoring, by EM; Aitkin 1981). The starting value weighs as
    much as `memory` contacts.
    """
    done, held = (np.log(np.maximum(np.array(some, dtype=float), _LEAST_S)) for some in (done_s, held_s))
    before, sigma = prior.log_law()
    mu, spread = before, max(sigma, _LEAST_SIGMA)
    believed = spread**2 + before**2
    total = memory + len(done) + len(held)
    for _ in range(_ROUNDS):
        mean, second = _beyond(held, mu, spread)
        first = (memory * before + done.sum() + mean.sum()) / total
        square = (memory * believed + (done**2).sum() + second.sum()) / total
        moved = abs(first - mu)
        mu, spread = float(first), sqrt(max(float(square - first**2), _LEAST_SIGMA**2))
        if moved < _SETTLED:
            break
    return HandleTime(exp(mu + spread**2 / 2), sqrt(expm1(spread**2)))


def _beyond(points: Floats, mu: float, sigma: float) -> tuple[Floats, Floats]:
    """First and second moment of a normal law beyond each of these points."""
    at = np.minimum((points - mu) / sigma, _FAR)
    tails = np.array([erfc(x / sqrt(2)) / 2 for x in at.tolist()])
    hazard = np.exp(-(at**2) / 2) / sqrt(2 * pi) / tails
    return mu + sigma * hazard, mu**2 + sigma**2 + sigma * hazard * (points + mu)
