"""Who waits how long under which order, in a surge: 100 agents, three bands, the same people under every order.

P95 of the offered wait (of one who stays) per band in minutes, the longest wait of anyone, and who gives up.
"""

import argparse

import numpy as np

from pharos.engine import twin
from pharos.engine.classes import ClassRules
from pharos.engine.handling import HandleTime

AGENTS = 100
BANDS = (1, 2, 3)
MIX = (0.05, 0.25, 0.70)
HANDLE, STAY = HandleTime(300.0, 0.9), HandleTime(2100.0, 1.0, "exponential")
BASE, HOUR_S = 0.85, 3600.0
# An hour of an ordinary day, nearly three of the surge, and as usual again until all are answered.
EDGES = (0.0, HOUR_S, 3.75 * HOUR_S, 8 * HOUR_S)
RULES = ClassRules()
FAR = 1e7  # no wait reaches it

# Targets and head starts: an order is nothing else. Equal targets and no head start are first come, first served; head
# starts that no wait reaches are strict priority; equal targets with a head start of minus the due time are due dates.
ORDERS = {
    "first come, first served": [(1.0, 0.0)] * 3,
    "strict priority": [(1.0, 2 * FAR), (1.0, FAR), (1.0, 0.0)],
    "earliest due date": [(1.0, FAR - RULES[band, "live"].target_s) for band in BANDS],
    "accumulating priority": [(RULES[band, "live"].target_s, RULES[band, "live"].head_start_s) for band in BANDS],
}
PROMISE = "the same, promises guarded"


def day(order: list[tuple[float, float]], surge: float, promised: bool) -> twin.Day:
    per_s = AGENTS / HANDLE.mean_s * BASE
    lines = [
        twin.CallLine(
            group=0,
            target_s=target_s,
            head_start_s=head_start_s,
            handle=HANDLE,
            rates=(per_s * share, per_s * share * surge, per_s * share, 0.0),
            patience=STAY,
            promise_s=RULES[band, "live"].target_s if promised else np.inf,
        )
        for (target_s, head_start_s), band, share in zip(order, BANDS, MIX, strict=True)
    ]
    return twin.Day(lines, [twin.Shift(frozenset([0]))] * AGENTS, EDGES)


def row(name: str, order: list[tuple[float, float]], surge: float, paths: int) -> str:
    pool = twin.prepared(day(order, surge, name == PROMISE))
    played = [twin.play(pool, 1, path, 1e6, 20_000) for path in range(paths)]
    cells = []
    for band in range(len(BANDS)):
        waits = np.concatenate([calls.offered_wait_s[calls.line == band] for calls in played])
        cells.append(np.quantile(waits, 0.95) / 60)
    longest = np.mean([calls.offered_wait_s[calls.served].max() for calls in played]) / 60
    gone = np.mean([1 - calls.served.mean() for calls in played])
    mean = np.concatenate([calls.waited_s for calls in played]).mean() / 60
    return f"{name:28}" + "".join(f"{cell:9.1f}" for cell in cells) + f"{longest:10.0f}{mean:9.1f}{gone:9.1%}"


def main() -> None:
    """Print a table for each surge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    paths = 5 if parser.parse_args().quick else 40
    for surge in (3.0, 5.0):
        bands = "".join(f"{f'band {band}':>9}" for band in BANDS)
        print(f"\n{surge:.0f}x, {paths} days{'':16}{bands}{'longest':>10}{'mean':>9}{'gave up':>9}   minutes")
        for name, order in ORDERS.items():
            print(row(name, order, surge, paths))
        print(row(PROMISE, ORDERS["accumulating priority"], surge, paths))


if __name__ == "__main__":
    main()
