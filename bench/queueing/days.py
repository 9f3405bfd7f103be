"""Days of a call centre: played by the twin, and looked at from any moment of them."""

from dataclasses import dataclass

import numpy as np

from pharos.engine import twin
from pharos.engine.classes import ClassRules
from pharos.engine.handling import HandleTime

RULES = ClassRules()
BANDS = (1, 2, 3)
MIX = (0.05, 0.25, 0.70)
HANDLE = HandleTime(300.0, 0.9)
STAY = HandleTime(2100.0, 1.0, "exponential")
PIECE_S = 900.0
PIECES = 40
DRAINED_S = 400_000.0
HOUR_S = 3600.0
FADES_S = 1.5 * HOUR_S
SHAPE = (
    0.82 + 0.3 * np.exp(-(((np.arange(PIECES) - 9) / 5) ** 2)) + 0.22 * np.exp(-(((np.arange(PIECES) - 25) / 6) ** 2))
)


@dataclass(frozen=True)
class Centre:
    """Agents who all serve everyone, and what one of them has to do on an ordinary day (1: as much as it can)."""

    agents: int = 100
    load: float = 1.1
    handle: HandleTime = HANDLE
    stay: HandleTime = STAY

    @property
    def per_s(self) -> float:
        return self.agents / self.handle.mean_s * self.load


@dataclass(frozen=True)
class Surge:
    """When more come than ever, for how long, and how many times as many."""

    at_s: float
    lasts_s: float
    factor: float


def day(centre: Centre, rng: np.random.Generator, surge: Surge | None) -> np.ndarray:
    """Arrivals per second in each piece of a day: its shape, a busy or a quiet day, and perhaps a surge."""
    rates = centre.per_s * SHAPE * np.exp(rng.normal(0, 0.08)) * np.exp(rng.normal(0, 0.05, PIECES))
    if surge:
        starts = np.arange(PIECES) * PIECE_S
        during = (starts >= surge.at_s) & (starts < surge.at_s + surge.lasts_s)
        later = np.exp(-np.maximum(starts - surge.at_s - surge.lasts_s, 0) / FADES_S)
        height = np.where(during, 1.0, np.where(starts >= surge.at_s + surge.lasts_s, later, 0.0))
        rates = rates * (1 + (surge.factor - 1) * height)
    return rates


def surge(rng: np.random.Generator) -> Surge:
    """A surge of 3 to 4.5 times: there at once, one to two hours at its height, and slow to fade."""
    return Surge(rng.integers(4, 9) * PIECE_S, rng.integers(4, 9) * PIECE_S, rng.uniform(3, 4.5))


def lines(centre: Centre, rates: np.ndarray, arrivals: list[np.ndarray] | None = None) -> list[twin.CallLine]:
    """The three bands of live contacts, from rates or from given arrivals."""
    return [
        twin.CallLine(
            group=0,
            target_s=RULES[band, "live"].target_s,
            head_start_s=RULES[band, "live"].head_start_s,
            handle=centre.handle,
            rates=(0.0,) if arrivals else (*(rates * share).tolist(), 0.0),
            patience=centre.stay,
            arrivals=tuple(arrivals[number].tolist()) if arrivals else (),
        )
        for number, (band, share) in enumerate(zip(BANDS, MIX, strict=True))
    ]


def play(centre: Centre, some: list[twin.CallLine], seed: int) -> "Seen":
    """One day to its very end."""
    shifts = [twin.Shift(frozenset([0]))] * centre.agents
    edges = tuple((np.arange(PIECES + 1) * PIECE_S).tolist())
    pool = twin.prepared(twin.Day(some, shifts, edges))
    calls = twin.play(pool, seed, 0, DRAINED_S, 20_000)
    return Seen(centre, calls)


@dataclass(frozen=True)
class Moment:
    """The floor as it is at a moment: who waits (band number, for how long) and for how long agents have been busy."""

    at_s: float
    band: np.ndarray
    waited_s: np.ndarray
    elapsed_s: np.ndarray
    idle: int


class Seen:
    """A day that was played: what could be known at any moment of it, and what came."""

    def __init__(self, centre: Centre, calls: twin.Calls) -> None:
        self.centre = centre
        order = np.argsort(calls.arrived_s, kind="stable")
        self.band, self.arrived = calls.line[order], calls.arrived_s[order]
        self.turn, self.took, self.served = calls.turn_s[order], calls.took_s[order], calls.served[order]
        self.left = np.where(self.served, self.turn, self.arrived + self.took)
        self.done = np.where(self.served, self.turn + self.took, np.inf)
        self.wait = self.turn - self.arrived
        self.by_turn = np.argsort(np.where(self.served, self.turn, np.inf), kind="stable")
        self.turns = self.turn[self.by_turn][: int(self.served.sum())]

    def moment(self, at_s: float) -> Moment:
        """The present, without the call that arrives at this very moment."""
        came = slice(0, int(np.searchsorted(self.arrived, at_s, side="left")))
        waiting = self.left[came] > at_s
        talking = self.served[came] & (self.turn[came] <= at_s) & (self.done[came] > at_s)
        elapsed = at_s - self.turn[came][talking]
        return Moment(
            at_s=at_s,
            band=self.band[came][waiting],
            waited_s=at_s - self.arrived[came][waiting],
            elapsed_s=elapsed,
            idle=max(self.centre.agents - len(elapsed), 0),
        )

    def answered(self, at_s: float, band: int | None = None, last: int = 400) -> np.ndarray:
        """The numbers of the calls answered so far, the last ones, in order."""
        upto = int(np.searchsorted(self.turns, at_s, side="right"))
        some = self.by_turn[:upto] if band is None else self.by_turn[:upto][self.band[self.by_turn[:upto]] == band]
        return some[-last:]

    def recent(self, at_s: float, window_s: float) -> np.ndarray:
        """How many of each band came in the last while."""
        first, last = np.searchsorted(self.arrived, [at_s - window_s, at_s])
        return np.bincount(self.band[first:last], minlength=len(BANDS))
