"""The twin's laws of service and patience, compiled; a law is a row of numbers, its sort first.

Service: sort, mean, mean and deviation of the logarithm. What is left of one: the same, then how long it has lasted
and the share of services that last so long. Patience: the same as service, or the number of a curve.
"""

from math import erfc, exp, inf, log, sqrt
from typing import Final

import numpy as np

from pharos.engine.draws import compiled, normal_at
from pharos.engine.handling import Floats

EXPONENTIAL, LOGNORMAL, CURVE, ENDLESS = range(4)
LAW_WIDTH: Final = 4
LEFT_WIDTH: Final = 6
_TINY: Final = 1e-300
_SURE: Final = 1 - 1e-16


@compiled
def lasts(law: Floats, share: float) -> float:
    """One whole service, in seconds; `share` is a uniform number."""
    if law[0] == EXPONENTIAL:
        return float(-law[1] * log(share))
    return exp(law[2] + law[3] * normal_at(share))


@compiled
def left_of(law: Floats, share: float) -> float:
    """What is left of a service that has lasted for a while, in seconds."""
    if law[0] == EXPONENTIAL:
        return float(-law[1] * log(share))
    if law[3] == 0:
        return float(max(law[1] - law[4], 0.0))
    rank = min(max(law[5] * share, _TINY), _SURE)
    return float(max(exp(law[2] - law[3] * normal_at(rank)) - law[4], 0.0))


@compiled
def stays(law: Floats, curves: Floats, waited_s: float, share: float) -> float:
    """For how long in all someone stays who has stayed for `waited_s` already."""
    if law[0] == EXPONENTIAL:
        return float(waited_s - law[1] * log(share))
    if law[0] == LOGNORMAL:
        rank = share * erfc((log(waited_s) - law[2]) / law[3] / sqrt(2)) / 2 if waited_s > 0 else share
        return exp(law[2] - law[3] * normal_at(min(max(rank, _TINY), _SURE)))
    if law[0] == CURVE:
        curve = curves[int(law[1])]
        return reached(curve, hazard_at(curve, waited_s) - log(share))
    return inf


@compiled
def surely_stays(law: Floats, waited_s: float, share: float) -> float:
    """No more than `stays` says, and told without a logarithm: -log(share) is never less than 1 - share."""
    return waited_s + law[1] * (1 - share) if law[0] == EXPONENTIAL else 0.0


@compiled
def hazard_at(curve: Floats, waited_s: float) -> float:
    """The cumulative hazard at a time; a curve is a row of times and one of hazards, straight between and beyond."""
    step = _step(curve[0], waited_s)
    slope = (curve[1, step] - curve[1, step - 1]) / (curve[0, step] - curve[0, step - 1])
    return float(curve[1, step - 1] + slope * (waited_s - curve[0, step - 1]))


@compiled
def reached(curve: Floats, hazard: float) -> float:
    """When the cumulative hazard is so much; never, if it stops rising before."""
    step = _step(curve[1], hazard)
    rise = curve[1, step] - curve[1, step - 1]
    if rise <= 0:
        return inf
    return float(curve[0, step - 1] + (hazard - curve[1, step - 1]) * (curve[0, step] - curve[0, step - 1]) / rise)


@compiled
def _step(row: Floats, value: float) -> int:
    step = 1
    while step < len(row) - 1 and row[step] < value:
        step += 1
    return step


def never() -> Floats:
    """The law of one who never leaves."""
    return np.array([ENDLESS, 0.0, 0.0, 0.0])
