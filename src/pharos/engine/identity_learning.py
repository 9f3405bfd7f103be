"""Weights of agreement, learned without labels by expectation-maximisation.

After Fellegi and Sunter (1969), "A Theory for Record Linkage", with graded agreement as Winkler (1990) has it: among
pairs that are one person (m) and pairs that are not (u), each level of each field has a probability; fields are taken
as independent given that. u is counted on pairs drawn at random, nearly all of them two people. m is learned on pairs
that were found by some field, one pass for each, in which that field teaches nothing about itself; what a field is
worth is the mean over the passes. A field that is missing in a pair tells nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Levels: TypeAlias = NDArray[np.int8]  # one row a pair, one column a field; -1 missing
Floats: TypeAlias = NDArray[np.float64]
ROUNDS: Final = 200
SETTLED: Final = 1e-6
LEAST: Final = 1e-6  # no level is impossible


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely each level is: `m` for one person, `u` for two people; each row sums to 1."""

    m: tuple[tuple[float, ...], ...]
    u: tuple[tuple[float, ...], ...]

    def weights(self) -> list[Floats]:
        """Bits for each level of each field, and 0 last, where the index of a missing one points."""
        return [np.append(np.log2(np.array(m) / np.array(u)), 0.0) for m, u in zip(self.m, self.u, strict=True)]


@dataclass(frozen=True, slots=True)
class Pass:
    """Pairs that were found in one way; `by`: the fields (columns) that agree because of it."""

    levels: Levels
    by: frozenset[int] = frozenset()


def counted(
    levels: Levels, sizes: Sequence[int], *, weights: Floats | None = None, extra: float = 1.0
) -> tuple[tuple[float, ...], ...]:
    """How often each level occurs among these pairs, each as much as it weighs, and `extra` spread over all levels."""
    each = np.ones(len(levels)) if weights is None else weights
    return tuple(_shares(levels[:, field], each, size, extra) for field, size in enumerate(sizes))


def _shares(column: NDArray[np.int8], weight: Floats, size: int, extra: float) -> tuple[float, ...]:
    seen = column >= 0
    counts = np.bincount(column[seen], weight[seen], size) + extra / size
    shares = np.maximum(counts / counts.sum(), LEAST)
    return tuple((shares / shares.sum()).tolist())


def at_least(u: Sequence[Sequence[float]], least: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    """Chances raised to these for the first levels of each field, which the last one gives away.

    A field that was never compared, all of whose levels are alike by chance, takes them as they are.
    """
    raised = []
    for row, floor in zip(u, least, strict=True):
        known = row if len(set(row)) > 1 else [0.0] * len(row)
        new = [*map(max, known, floor), *known[len(floor) :]]
        raised.append((*new[:-1], max(1 - sum(new[:-1]), LEAST)))
    return tuple(raised)


def in_order(chances: Chances) -> Chances:
    """No level tells more than a closer one: what is too rare to be counted well is held to that."""
    rows = []
    for m, u in zip(chances.m, chances.u, strict=True):
        odds = np.minimum.accumulate(np.array(m) / np.array(u))
        rows.append(tuple(np.maximum(np.array(m) / odds, np.array(u)).tolist()))
    return Chances(chances.m, tuple(rows))


def learn(
    passes: Sequence[Pass],
    u: Sequence[Sequence[float]],
    *,
    begin: Sequence[Sequence[float]],
    belief: float = 0.0,
) -> Chances:
    """The chances that explain these pairs best; `begin`: where m starts, and what it is held to with weight `belief`.

    A field that no pass can tell anything about keeps `begin`.
    """
    fields = range(len(u))
    sums = [np.zeros(len(row)) for row in u]
    whole = [0.0 for _ in fields]
    for one in passes:
        own, matches = _maximise(one, u, begin)
        for field in fields:
            known = float(matches[field])
            if field not in one.by and known > 0:
                sums[field] += known * np.array(own[field])
                whole[field] += known
    learned = [sums[f] / whole[f] if whole[f] else np.array(begin[f]) for f in fields]
    m = tuple(_mixed(learned[f], np.array(begin[f]), belief) for f in fields)
    return Chances(m, tuple(tuple(row) for row in u))


def _mixed(learned: Floats, believed: Floats, belief: float) -> tuple[float, ...]:
    row = np.maximum((1 - belief) * learned + belief * believed, LEAST)
    return tuple((row / row.sum()).tolist())


def _maximise(
    one: Pass, u: Sequence[Sequence[float]], begin: Sequence[Sequence[float]]
) -> tuple[list[tuple[float, ...]], Floats]:
    """M of each field, and from how many matches with a value it was learned. Equal pairs are worked out once."""
    rows, counts = np.unique(one.levels, axis=0, return_counts=True)
    free = [field for field in range(len(u)) if field not in one.by]
    m = [tuple(row) for row in begin]
    share = 0.1
    seen = rows >= 0
    chance = np.zeros(len(rows))
    for _ in range(ROUNDS):
        odds = np.full(len(rows), np.log(share / (1 - share)))
        for field in free:
            bits = np.append(np.log(np.array(m[field]) / np.array(u[field])), 0.0)
            odds += bits[rows[:, field]]
        chance = 1 / (1 + np.exp(-np.clip(odds, -50, 50)))
        weight = chance * counts
        before, share = share, float(np.clip(weight.sum() / counts.sum(), 1e-9, 1 - 1e-9))
        for field in free:
            m[field] = _shares(rows[:, field], weight, len(u[field]), 1.0)
        if abs(share - before) < SETTLED:
            break
    return m, (chance * counts) @ seen


def scored(levels: Levels, chances: Chances) -> Floats:
    """The weight of each pair in bits, the sum over its fields."""
    bits = chances.weights()
    whole: Floats = np.sum([bits[field][levels[:, field]] for field in range(levels.shape[1])], axis=0)
    return whole


def probability(weights: Floats, prior: float) -> Floats:
    """How likely each pair is one person when before any look a pair of all was with `prior`."""
    bits = np.clip(weights + np.log2(prior / (1 - prior)), -500, 500)
    result: Floats = 1 / (1 + np.exp2(-bits))
    return result


def prior(weights: Floats, pairs: int, *, guess: float) -> float:
    """The share of one person among all `pairs`, of which these were compared and the others are none."""
    share = guess
    for _ in range(50):
        before, share = share, float(np.clip(probability(weights, share).sum() / pairs, 1e-12, 0.5))
        if abs(share - before) < 1e-3 * share:
            break
    return share


def rare(common: float, frequency: float, *, most: float = 10.0) -> float:
    """Bits to add where two share a value of this frequency, when `common` is how often any value is shared by chance.

    A rare value tells more, a frequent one less (term frequency, Winkler 2000).
    """
    return float(np.clip(np.log2(common / max(frequency, 1e-12)), -most, most))


def table(chances: Chances, fields: Mapping[str, Sequence[str]]) -> dict[str, dict[str, tuple[float, float]]]:
    """M and u by field and level, to read and to ship."""
    rows = zip(fields.items(), chances.m, chances.u, strict=True)
    return {field: dict(zip(levels, zip(m, u, strict=True), strict=True)) for (field, levels), m, u in rows}
