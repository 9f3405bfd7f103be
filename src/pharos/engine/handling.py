"""How long a contact keeps its agent."""

from dataclasses import dataclass
from math import erfc, inf, log, log1p, sqrt
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STANDARD: Final = NormalDist()
_TINY: Final = 1e-300
_SURE: Final = 1 - 1e-16


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
