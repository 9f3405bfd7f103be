"""How honest a told wait is: the usual rules, boosting and the twin, asked at the same moments of the same days.

Ordinary days; a surge of 3 to 4.5 times that nobody has seen before; and a start with wrong beliefs about patience and
handle times. With `--data` (arrivals in slots of six minutes) also real days, replayed.
"""

import argparse
import csv
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from queueing.days import (
    BANDS,
    FADES_S,
    HANDLE,
    MIX,
    PIECE_S,
    PIECES,
    RULES,
    STAY,
    Centre,
    Moment,
    Seen,
    day,
    lines,
    play,
    surge,
)
from queueing.learned import Boosting, features
from queueing.rules import RULES as OTHERS

from pharos.engine import twin
from pharos.engine.arrivals import Present, present_rates
from pharos.engine.calibration import Told, calibrated, stretch
from pharos.engine.estimates import Wait
from pharos.engine.handling import HandleTime, fitted
from pharos.engine.lanes import Group, Head, Lane
from pharos.engine.paths import Unsure
from pharos.engine.patience import Hazard, Stayed, hazard, mean_patience_s
from pharos.engine.residual import Lesson, Residual, learn
from pharos.engine.snapshot import FloorState, Held, OnFloor, parts, pool_start

LANES = [Lane(band, "live", Group()) for band in BANDS]
PATHS = 200
SLOT_S, SLOTS = 60.0, 30
HORIZON_S = 100_000.0
LAST = 60
FAREWELLS = 60
PAST_WAITS = 4000
STARTS_S = np.array([*(300.0 * n for n in range(6)), *(1800.0 + 900.0 * n for n in range(15))])
MIDDLES_S = (STARTS_S + np.append(STARTS_S[1:], STARTS_S[-1] + 900.0)) / 2


@dataclass(frozen=True)
class Belief:
    """What a centre holds for true before its day: work, and waits of past days (or a starting value for patience)."""

    handle: HandleTime
    weight: float
    stays: tuple[Stayed, ...] = ()
    stay_s: float = 0.0
    usual: tuple[float, ...] = ()

    def usual_at(self, times: np.ndarray) -> np.ndarray:
        """How many come in a slot at these times of a usual day; the doors close when it ends."""
        middles = (np.arange(len(self.usual)) + 0.5) * PIECE_S
        inside = times < len(self.usual) * PIECE_S
        return np.where(inside, np.interp(times, middles, self.usual) * SLOT_S / PIECE_S, 0.0)


def believed(belief: Belief, seen: Seen, now: Moment) -> tuple[HandleTime, Hazard | float]:
    """Today's contacts and what was believed: those in hand and those who still wait count too."""
    done = seen.answered(now.at_s)
    ended = done[seen.done[done] <= now.at_s]
    handle = fitted(seen.took[ended], now.elapsed_s, belief.handle, memory=belief.weight)
    came = slice(0, int(np.searchsorted(seen.arrived, now.at_s)))
    until, gone = np.minimum(seen.left[came], now.at_s), ~seen.served[came] & (seen.left[came] <= now.at_s)
    waited = np.maximum(until - seen.arrived[came], 0.0)
    stays = [*belief.stays, *map(Stayed, waited.tolist(), gone.tolist())]
    if belief.stay_s and gone.sum() < FAREWELLS:
        return handle, mean_patience_s(stays, belief.stay_s)
    return handle, hazard(stays) or mean_patience_s(stays, belief.stay_s)


def present(seen: Seen, now: Moment, belief: Belief) -> Present:
    """The present arrivals of each band, from the minutes behind us, and how they go on."""
    edges = now.at_s - SLOT_S * np.arange(SLOTS, -1, -1)
    some = slice(*np.searchsorted(seen.arrived, edges[[0, -1]]))
    times, bands = seen.arrived[some], seen.band[some]
    counts = {band: np.histogram(times[bands == band], edges)[0][::-1].tolist() for band in range(len(BANDS))}
    usual = belief.usual_at(edges[1:][::-1] - SLOT_S / 2).tolist()
    return present_rates(counts, SLOT_S, usual=usual, ahead_s=MIDDLES_S.tolist())


class World(NamedTuple):
    """What a look-ahead holds for true: work, patience, arrivals of each band now, their course, how sure that is."""

    handle: HandleTime
    stay: Hazard | HandleTime | float
    per_s: np.ndarray
    pulse: list[tuple[float, float]]
    sway: np.ndarray | None
    unsure: Unsure


def measured_world(seen: Seen, now: Moment, belief: Belief) -> World:
    """What can be known at this moment."""
    handle, stay = believed(belief, seen, now)
    come = present(seen, now, belief)
    served, gone = max(len(seen.answered(now.at_s)), 1), max(int((~seen.served & (seen.left <= now.at_s)).sum()), 1)
    usual = belief.usual_at(np.array([now.at_s, *(now.at_s + MIDDLES_S)]))
    times = usual[1:] / usual[0] * (np.array(come.course.times) if come.course else 1.0)
    first = max(float(times[0]), 1e-6)
    return World(
        handle=handle,
        stay=stay,
        per_s=np.array(list(come.per_s.values())) * first,
        pulse=list(zip(STARTS_S[1:].tolist(), (times[1:] / first).tolist(), strict=True)),
        sway=come.course.sway if come.course else None,
        unsure=Unsure(come.cv, handle.cv / (served + belief.weight) ** 0.5, (gone + FAREWELLS) ** -0.5),
    )


def true_world(centre: Centre, rates: np.ndarray, now: Moment) -> World:
    """What nobody can know: the true rates of the whole day, work and patience. Only chance itself is left."""
    piece = min(int(now.at_s // PIECE_S), PIECES - 1)
    later = [((n * PIECE_S) - now.at_s, float(rates[n] / rates[piece])) for n in range(piece + 1, PIECES)]
    pulse = [*later, (max(PIECES * PIECE_S - now.at_s, 1.0), 0.0)]
    return World(centre.handle, centre.stay.mean_s, rates[piece] * np.array(MIX), pulse, None, Unsure(0.0, 0.0, 0.0))


def look(seen: Seen, now: Moment, world: World, seed: int) -> np.ndarray:
    """The starts of each band's next arrival on every path."""
    state = FloorState(
        waiting=[
            Head(number, LANES[band], float(waited), -float(waited))
            for number, (band, waited) in enumerate(zip(now.band, now.waited_s, strict=True))
        ],
        agents=[
            OnFloor(number, held=(Held("live", float(now.elapsed_s[number])),) if number < len(now.elapsed_s) else ())
            for number in range(seen.centre.agents)
        ],
        handle={("live", ""): world.handle},
        arrivals_per_s={lane: float(rate) for lane, rate in zip(LANES, world.per_s, strict=True) if rate > 0},
        patience_s={"live": world.stay},
        lanes=LANES,
        pulse=world.pulse,
        sway=world.sway,
        unsure=world.unsure,
    )
    (part,) = parts(state)
    starts = twin.follow(pool_start(part, state, RULES), seed, PATHS, HORIZON_S, 10**7)
    return starts[:, len(part.waiting) :]


@dataclass
class Asked:
    """One question, what each way told (point, low, high) and what came."""

    regime: str
    band: int
    depth: int
    wait: float
    told: dict[str, tuple[float, float, float]]


def moments(seen: Seen, rng: np.random.Generator, count: int, from_s: float, until_s: float) -> list[int]:
    """Calls to ask about, as many of each band, in the order of their arrival."""
    chosen: list[int] = []
    for band in range(len(BANDS)):
        some = np.flatnonzero((seen.band == band) & (seen.arrived >= from_s) & (seen.arrived < until_s))
        chosen += rng.choice(some, min(count // len(BANDS), len(some)), replace=False).tolist()
    return sorted(chosen)


def wait_of(starts: np.ndarray) -> Wait:
    low, middle, high = np.quantile(starts, [0.1, 0.5, 0.9], method="inverted_cdf")
    return Wait(float(low), float(middle), float(high), len(starts))


def ask(  # noqa: PLR0917
    regime: str,
    seen: Seen,
    calls: list[int],
    belief: Belief,
    boosting: Boosting,
    residual: Residual | None,
    truth: np.ndarray | None,
) -> list[Asked]:
    """Every way asked at the arrival of these calls; the twin's ranges are calibrated as the day goes on."""
    asked: list[Asked] = []
    told: list[tuple[int, Wait]] = []
    fixed: list[tuple[int, Wait]] = []
    rows: list[list[float]] = []
    for number in calls:
        band, now = int(seen.band[number]), seen.moment(float(seen.arrived[number]))
        row = features(seen, now, band)
        ways = {name: (rule(seen, now, band),) * 3 for name, rule in OTHERS.items()}
        ways["boosting"] = (0.0, 0.0, 0.0)
        rows.append(row)
        world = measured_world(seen, now, belief)
        starts = look(seen, now, world, number)[:, band]
        wait = wait_of(starts)
        mean = float(starts.mean())
        ways["twin"] = (mean, wait.low_s, wait.high_s)
        by = stretch([_since(seen, other, said, now.at_s) for other, said in told if seen.band[other] == band][-LAST:])
        better = calibrated(wait, by)
        ways["twin, calibrated"] = (mean, better.low_s, better.high_s)
        if residual:
            point = residual.corrected(replace(wait, median_s=mean), row)
            same = [_since(seen, other, said, now.at_s) for other, said in fixed if seen.band[other] == band]
            ranged = calibrated(point, stretch(same[-LAST:]))
            fixed.append((number, point))
            ways["twin, with residual"] = (point.median_s, ranged.low_s, ranged.high_s)
        if truth is not None:
            known = true_world(seen.centre, truth, now)
            coming = world._replace(
                per_s=known.per_s, pulse=known.pulse, sway=None, unsure=world.unsure._replace(arrivals=0.0)
            )
            for name, other in (("twin, true rates to come", coming), ("oracle", known)):
                exact = look(seen, now, other, number)[:, band]
                right = wait_of(exact)
                ways[name] = (float(exact.mean()), right.low_s, right.high_s)
        told.append((number, wait))
        asked.append(Asked(regime, band, len(now.band), float(seen.wait[number]), ways))
    for one, boosted in zip(asked, boosting.told(rows).tolist(), strict=True):
        one.told["boosting"] = tuple(boosted)
    return asked


def _since(seen: Seen, number: int, said: Wait, at_s: float) -> Told:
    """What is known by now of a wait that was told."""
    ended = seen.served[number] and seen.turn[number] <= at_s
    so_far = seen.wait[number] if ended else min(at_s, seen.left[number]) - seen.arrived[number]
    return Told(said.low_s, said.median_s, said.high_s, float(so_far), bool(ended))


def score(asked: list[Asked], way: str) -> tuple[float, float, float]:
    """RMSE and MAE as shares of the mean wait, and the share of waits inside the range."""
    waits = np.array([one.wait for one in asked])
    point, low, high = (np.array([one.told[way][n] for one in asked]) for n in range(3))
    mean = max(waits.mean(), 1e-9)
    errors = point - waits
    inside = (waits >= low) & (waits <= high)
    return float(np.sqrt((errors**2).mean()) / mean), float(np.abs(errors).mean() / mean), float(inside.mean())


def table(regime: str, asked: list[Asked]) -> None:
    waits = np.array([one.wait for one in asked])
    print(f"\n{regime}: {len(asked)} waits, mean {waits.mean():.0f} s, up to {max(one.depth for one in asked)} waiting")
    bands = " ".join(f"{f'band {band}':>8}" for band in BANDS)
    print(f"{'':24}{'RMSE/mean':>10}{'MAE/mean':>10}{'inside':>8}   inside: {bands}")
    for way in asked[0].told:
        rmse, mae, inside = score(asked, way)
        ranged = any(one.told[way][1] != one.told[way][2] for one in asked)
        cells = [score([one for one in asked if one.band == band], way) for band in range(len(BANDS))]
        text = f"{inside:8.0%}{'':11}" + " ".join(f"{cell[2]:8.0%}" for cell in cells) if ranged else ""
        print(f"{way:24}{rmse:10.3f}{mae:10.3f}{text}")


def deciles(asked: list[Asked], ways: tuple[str, ...]) -> None:
    """By how long the line was."""
    ordered = sorted(asked, key=lambda one: one.depth)
    tenths = [list(map(int, some)) for some in np.array_split(np.arange(len(ordered)), 10)]
    print(f"{'by length of the line':24}" + "".join(f"{ordered[some[-1]].depth:>7}" for some in tenths))
    for way in ways:
        cells = [score([ordered[n] for n in some], way) for some in tenths]
        print(f"{way + ' RMSE':24}" + "".join(f"{cell[0]:7.2f}" for cell in cells))
        print(f"{way + ' inside':24}" + "".join(f"{cell[2]:7.0%}" for cell in cells))


def trained(centre: Centre, rng: np.random.Generator, count: int) -> tuple[list[Seen], Boosting, Belief]:
    """Ordinary days: boosting and the measured beliefs come from them."""
    history = [play(centre, lines(centre, day(centre, rng, None)), int(rng.integers(1 << 40))) for _ in range(count)]
    rows, waits = [], []
    for seen in history:
        for number in moments(seen, rng, 450, 1800, PIECES * PIECE_S):
            now = seen.moment(float(seen.arrived[number]))
            rows.append(features(seen, now, int(seen.band[number])))
            waits.append(float(seen.wait[number]))
    return history, Boosting(rows, waits), measured(history, rng)


def measured(history: list[Seen], rng: np.random.Generator) -> Belief:
    """Handle time and patience of some past days."""
    took = np.concatenate([seen.took[seen.served] for seen in history])[-20_000:]
    waited, gone = (
        np.concatenate(some)
        for some in zip(*((seen.left - seen.arrived, ~seen.served) for seen in history), strict=True)
    )
    some = rng.choice(len(waited), min(PAST_WAITS, len(waited)), replace=False)
    past = tuple(map(Stayed, waited[some].tolist(), gone[some].tolist()))
    return Belief(fitted(took, [], HANDLE), 1500.0, past, usual=usual_of(history))


def usual_of(history: list[Seen]) -> tuple[float, ...]:
    """Contacts in each piece of a usual day, its neighbours helping."""
    edges = np.arange(PIECES + 1) * PIECE_S
    counts = np.mean([np.histogram(seen.arrived, edges)[0] for seen in history], axis=0)
    padded = np.pad(counts, 1, mode="edge")
    return tuple(((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4).tolist())


def taught(history: list[Seen], belief: Belief, rng: np.random.Generator, count: int) -> Residual | None:
    """The nightly residual: the twin's own misses on past days, those who gave up included."""
    lessons = []
    for seen in history:
        for number in moments(seen, rng, count, 1800, PIECES * PIECE_S):
            band, now = int(seen.band[number]), seen.moment(float(seen.arrived[number]))
            mean = float(look(seen, now, measured_world(seen, now, belief), number)[:, band].mean())
            waited = seen.wait[number] if seen.served[number] else seen.took[number]
            lessons.append(Lesson(tuple(features(seen, now, band)), mean, float(waited), bool(seen.served[number])))
    return learn(lessons)


def real_days(path: Path, centre: Centre, rng: np.random.Generator) -> tuple[list[Seen], list[Seen]]:
    """Every fourth of the busiest 60 weekdays to be asked about, and the others to learn from."""
    with path.open() as source:
        rows = list(csv.DictReader(source))
    found = []
    for _, some in groupby(rows, key=lambda row: row["date"]):
        calls = np.array([float(row["calls"]) for row in some])[70:170]  # 07:00 to 17:00
        found.append(calls)
    busiest = sorted(range(len(found)), key=lambda n: -found[n].sum())[:60]
    busy = np.mean([found[n].sum() for n in busiest])
    few = max(4, round(busy / (PIECES * PIECE_S) * centre.handle.mean_s))
    small = replace(centre, agents=few)
    played = [_replayed(small, found[n], rng) for n in sorted(busiest)]
    return [seen for n, seen in enumerate(played) if n % 4], played[::4]


def _replayed(centre: Centre, counts: np.ndarray, rng: np.random.Generator) -> Seen:
    """Calls spread evenly over their slot of six minutes; bands by the usual mix."""
    at = np.sort(np.repeat(np.arange(len(counts)) * 360.0, counts.astype(int)) + rng.uniform(0, 360, int(counts.sum())))
    bands = rng.choice(len(BANDS), len(at), p=MIX)
    arrivals = [at[bands == band] for band in range(len(BANDS))]
    return play(centre, lines(centre, np.zeros(1), arrivals), int(rng.integers(1 << 40)))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer days and questions")
    parser.add_argument("--data", type=Path, help="a file of arrivals in slots of six minutes (date, calls)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = perf_counter()
    days, each, past = (3, 30, 12) if options.quick else (6, 60, 60)
    rng, centre = np.random.default_rng(options.seed), Centre()
    history, boosting, belief = trained(centre, rng, past)
    residual = taught(history[-10:], belief, rng, 2 * each)
    wrong = Belief(HandleTime(HANDLE.mean_s * 0.7, HANDLE.cv), 20.0, stay_s=STAY.mean_s * 1.6, usual=belief.usual)
    for regime, held in (("ordinary days", belief), ("unseen surge", belief), ("wrong beliefs, unseen surge", wrong)):
        asked: list[Asked] = []
        for _ in range(days):
            wave = None if regime == "ordinary days" else surge(rng)
            rates = day(centre, rng, wave)
            seen = play(centre, lines(centre, rates), int(rng.integers(1 << 40)))
            first, last = (wave.at_s, wave.at_s + wave.lasts_s + FADES_S) if wave else (1800, PIECES * PIECE_S)
            truth = rates if regime == "unseen surge" else None
            asked += ask(regime, seen, moments(seen, rng, each, first, last), held, boosting, residual, truth)
        table(regime, asked)
        deciles(asked, ("boosting", "twin"))
    if options.data:
        learned, tested = real_days(options.data, centre, rng)
        rows = [
            (features(seen, seen.moment(float(seen.arrived[n])), int(seen.band[n])), float(seen.wait[n]))
            for seen in learned
            for n in moments(seen, rng, 450, 1800, PIECES * PIECE_S)
        ]
        other, held = Boosting(*map(list, zip(*rows, strict=True))), measured(learned, rng)
        asked = []
        for seen in tested[: days + 5]:
            asked += ask("", seen, moments(seen, rng, each, 1800, PIECES * PIECE_S), held, other, None, None)
        table(f"real arrivals, replayed to {learned[0].centre.agents} agents", asked)
    print(f"\n{perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
