"""Ranges held against what came of them: stretched while they miss, and not told when they cannot be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from pharos.engine.estimates import NOT_TRUSTED, Unknown, Wait
from pharos.engine.patience import Stayed, kaplan_meier

OUTSIDE: Final = 0.1  # the share of waits meant to lie beyond each end
MEMORY: Final = 30  # resolved waits that weigh as much as the belief that ranges are right
LEAST, MOST = 0.7, 3.0
FEW: Final = 20
LOW_COVERAGE, NO_COVERAGE = 0.7, 0.4
WIDER: Final = 1.5
_THIN_S: Final = 5.0


class Told(NamedTuple):
    """A told range and the wait since: over (`ended`), or at least so long because it goes on or was given up."""

    low_s: float
    median_s: float
    high_s: float
    waited_s: float
    ended: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """How much further from the median each end must lie; 1 is as told. `seen` told ranges say so."""

    low: float = 1.0
    high: float = 1.0
    seen: int = 0


def stretch(told: Sequence[Told]) -> Stretch:
    """What would have put a tenth of these waits beyond each end, leaning on 1 while they are few.

    Split conformal prediction on the last resolved waits (Papadopoulos et al. 2002; Lei et al. 2018). Waits that go on
    count for as long as they have lasted (Kaplan and Meier 1958), so a queue that stops moving stretches its ranges at
    once, and not only when the long waits are over.
    """
    return Stretch(_needed(_below(told), len(told)), _needed(_above(told), len(told)), len(told))


def _above(told: Sequence[Told]) -> list[Stayed]:
    return [
        Stayed(max((one.waited_s - one.median_s) / max(one.high_s - one.median_s, _THIN_S), 0.0), one.ended)
        for one in told
    ]


def _below(told: Sequence[Told]) -> list[Stayed]:
    """Those who waited past the median already cannot end below it any more; of the others we do not know."""
    return [
        Stayed(max((one.median_s - one.waited_s) / max(one.median_s - one.low_s, _THIN_S), 0.0), True)
        for one in told
        if one.ended or one.waited_s > one.median_s
    ]


def _needed(distances: Sequence[Stayed], seen: int) -> float:
    """The distance that a tenth lies beyond; where too few have ended to know it, the longest so far."""
    survival = kaplan_meier(distances)
    beyond = zip(survival.times_s, survival.shares, strict=True)
    longest = max((one.waited_s for one in distances), default=1.0)
    needed = next((at for at, share in beyond if share <= OUTSIDE), max(longest, 1.0))
    return (MEMORY + seen * min(max(needed, LEAST), MOST)) / (MEMORY + seen)


def calibrated(wait: Wait, by: Stretch) -> Wait:
    """The range with its ends moved; the median stays."""
    low_s = max(wait.median_s - (wait.median_s - wait.low_s) * by.low, 0.0)
    return replace(wait, low_s=low_s, high_s=wait.median_s + (wait.high_s - wait.median_s) * by.high)


def trusted(wait: Wait, coverage: float | None, scored: int) -> Wait | Unknown:
    """What may be told: a wider range while few are scored or too many missed, nothing when most missed."""
    if coverage is None or scored < FEW:
        return calibrated(wait, Stretch(WIDER, WIDER))
    if coverage < NO_COVERAGE:
        return Unknown(NOT_TRUSTED, wait.low_s)
    return calibrated(wait, Stretch(WIDER, WIDER)) if coverage < LOW_COVERAGE else wait
