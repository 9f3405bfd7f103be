"""How many come now: the longest while that agrees with the last minutes, and how sure that is."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from math import exp, sqrt
from typing import Final, Generic, NamedTuple, TypeVar

from pharos.engine.course import Course, course

_K = TypeVar("_K")
AGREE: Final = 4.0  # deviations within which two counts tell of one rate; it is asked for every slot
FEWEST: Final = 12
DRIFT: Final = 0.1  # how much a rate changes over a wait where nothing was measured (Avramidis et al. 2004)
_LEAST: Final = 1e-9
SHARES: Final = 2  # the shares of lanes are taken from so many times as many contacts as the rate


class Present(NamedTuple, Generic[_K]):
    """How many come now, from the last `window_s` seconds.

    Contacts per second by lane, the deviation over mean of their sum, how many times as many as usual, and how that
    goes on, where it was asked.
    """

    per_s: Mapping[_K, float]
    window_s: float
    cv: float
    times_usual: float
    course: Course | None = None


def present_rates(
    counts: Mapping[_K, Sequence[int]],
    slot_s: float,
    *,
    usual: Sequence[float] | None = None,
    drift: float = DRIFT,
    fewest: int = FEWEST,
    ahead_s: Sequence[float] = (),
    newest: float = 1.0,
) -> Present[_K]:
    """The present rate of every lane; `counts` are of equal slots of time, the newest first, equally many of each lane.

    `usual` is how many come in each of these slots on other days; without it every slot is taken to be alike. The
    window grows slot by slot while its rate agrees with every shorter one (Lepski 1990), so a surge is seen within
    minutes and a quiet hour is still averaged. A lane's share comes from a longer while than the rate. With moments
    `ahead_s` the rate is that of a course through the window, and it is said how the course goes on to them. Of the
    `newest` slot only this share may be behind us.
    """
    slots = [sum(column) for column in zip(*counts.values(), strict=True)]
    expected = [max(one, _LEAST) for one in usual] if usual else [1.0] * len(slots)
    present = expected[0] if expected else _LEAST
    expected[:1] = [present * newest]
    totals, exposed = list(accumulate(slots)), list(accumulate(expected))
    if not totals or not totals[-1]:
        return Present(dict.fromkeys(counts, 0.0), len(slots) * slot_s, 1.0, 0.0)
    window = next((n for n, total in enumerate(totals, 1) if total >= fewest), len(slots))
    while window < len(slots) and _agrees(totals, exposed, window):
        window += 1
    seen = max(totals[window - 1], 1)
    longer = next((n for n, total in enumerate(totals, 1) if total >= SHARES * seen and n >= window), len(slots))
    shares = {lane: sum(column[:longer]) / totals[longer - 1] for lane, column in counts.items()}
    way = (
        course(slots[:window], expected[:window], slot_s, ahead_s, newest=newest, is_known=bool(usual))
        if ahead_s
        else None
    )
    times = exp(way.level) if way else totals[window - 1] / exposed[window - 1]
    rate = times * present / slot_s
    per_s = {lane: share * rate for lane, share in shares.items()}
    return Present(per_s, window * slot_s, sqrt(1 / seen + drift**2), times, way)


def _agrees(totals: Sequence[int], exposed: Sequence[float], window: int) -> bool:
    """Whether the next older slot fits the rate of this window (a difference of Poisson counts)."""
    slot, seen = totals[window] - totals[window - 1], totals[window - 1]
    share = (exposed[window] - exposed[window - 1]) / exposed[window - 1]
    pooled = max((seen + slot) / (1 + share), 1.0)
    return abs(slot - seen * share) <= AGREE * sqrt(max(pooled * share * (1 + share), 1.0))


def drift_of(counts: Sequence[int]) -> float:
    """How much a rate changes from one slot to the next beyond chance: deviation over mean, of equal slots of time."""
    pairs = [(one, two) for one, two in pairwise(counts) if one + two > 0]
    if len(pairs) < 2:
        return DRIFT
    squares = sum((one - two) ** 2 - (one + two) for one, two in pairs) / len(pairs) / 2
    mean = sum(one + two for one, two in pairs) / len(pairs) / 2
    return sqrt(max(squares, 0.0)) / mean
