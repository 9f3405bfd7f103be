"""The published score: how waits that were told compare with those that came, in the words of forecasting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final, NamedTuple

_SURE: Final = 1.96


class Scored(NamedTuple):
    """One told wait and the one that came, in seconds; `group` is what it is published under (a class, a channel)."""

    group: str
    median_s: float
    low_s: float
    high_s: float
    actual_s: float


@dataclass(frozen=True, slots=True)
class WaitScore:
    """Errors as shares of the mean wait (None when nobody waited), and how many waits lay in their range.

    `coverage_low` and `coverage_high` bound the long-run coverage with 95 % confidence (Wilson 1927).
    """

    told: int
    mean_s: float
    rmse_share: float | None
    mae_share: float | None
    bias_share: float | None
    coverage: float
    early: float
    late: float
    coverage_low: float
    coverage_high: float


def scores(rows: Iterable[Scored]) -> Mapping[str, WaitScore]:
    """The score of every group, and of all of them under the empty name."""
    grouped: dict[str, list[Scored]] = {}
    for row in rows:
        grouped.setdefault(row.group, []).append(row)
        grouped.setdefault("", []).append(row)
    return {group: score(some) for group, some in sorted(grouped.items())}


def score(rows: Iterable[Scored]) -> WaitScore:
    """The score of some told waits, at least one."""
    told = list(rows)
    count = len(told)
    if not count:
        raise ValueError("no told wait")
    errors = [row.median_s - row.actual_s for row in told]
    mean_s = sum(row.actual_s for row in told) / count
    early = sum(row.actual_s < row.low_s for row in told) / count
    late = sum(row.actual_s > row.high_s for row in told) / count
    low, high = wilson(1 - early - late, count)
    return WaitScore(
        told=count,
        mean_s=mean_s,
        rmse_share=sqrt(sum(error**2 for error in errors) / count) / mean_s if mean_s else None,
        mae_share=sum(abs(error) for error in errors) / count / mean_s if mean_s else None,
        bias_share=sum(errors) / count / mean_s if mean_s else None,
        coverage=1 - early - late,
        early=early,
        late=late,
        coverage_low=low,
        coverage_high=high,
    )


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share seen in so many cases."""
    z = _SURE**2 / count
    middle = (share + z / 2) / (1 + z)
    reach = sqrt(share * (1 - share) * z + z**2 / 4) / (1 + z)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
