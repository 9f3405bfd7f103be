"""Gradient boosting on the state, trained on this centre's ordinary days: mean, and the ends of the range."""

import os

import numpy as np

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before the next import: one core for everyone here

from sklearn.ensemble import HistGradientBoostingRegressor

from queueing.days import BANDS, Moment, Seen

SHARES = (0.1, 0.9)


def features(seen: Seen, now: Moment, band: int) -> list[float]:
    """What a data scientist would take: the line, its heads, the last waits, who works, who came, the hour."""
    lines = [now.waited_s[now.band == number] for number in range(len(BANDS))]
    last = [seen.answered(now.at_s, number, 1) for number in range(len(BANDS))]
    return [
        float(band),
        now.at_s,
        *(float(len(line)) for line in lines),
        *(float(line.max(initial=0.0)) for line in lines),
        *(float(seen.wait[some[-1]]) if len(some) else 0.0 for some in last),
        *seen.recent(now.at_s, 600.0).tolist(),
        *seen.recent(now.at_s, 1800.0).tolist(),
        float(len(now.elapsed_s)),
        float(now.elapsed_s.mean()) if len(now.elapsed_s) else 0.0,
    ]


class Boosting:
    """Three models of 300 trees."""

    def __init__(self, rows: list[list[float]], waits: list[float]) -> None:
        table, target = np.array(rows), np.array(waits)
        more = {"max_iter": 300, "learning_rate": 0.05, "min_samples_leaf": 40, "random_state": 1}
        self.models = [HistGradientBoostingRegressor(**more).fit(table, target)]
        self.models += [
            HistGradientBoostingRegressor(loss="quantile", quantile=share, **more).fit(table, target)
            for share in SHARES
        ]

    def told(self, rows: list[list[float]]) -> np.ndarray:
        """Mean, low and high end for each row; no wait is below nothing."""
        return np.maximum(np.array([model.predict(np.array(rows)) for model in self.models]).T, 0.0)
