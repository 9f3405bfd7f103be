"""Fitting linear heads: logistic regression by L-BFGS (Liu and Nocedal 1989), calibration by Platt's method (1999)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pharos.engine.text.features import Floats, Ints, Shape, extract, weigh

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
_MEMORY: Final = 10
_STEPS: Final = 40
_FIRST_STEPS: Final = 6
_GRID: Final = [step / 10 for step in range(-20, 21)]
_BATCH: Final = 2000


@dataclass(frozen=True, slots=True)
class Table:
    """Weighed features of many texts, row after row."""

    row: Ints
    place: Ints
    value: Floats
    rows: int
    places: int

    def times(self, weights: Doubles) -> Doubles:
        """One number a text."""
        return np.bincount(self.row, weights[self.place] * self.value, self.rows).astype(np.float64, copy=False)

    def back(self, per_row: Doubles) -> Doubles:
        """One number a feature."""
        return np.bincount(self.place, per_row[self.row] * self.value, self.places).astype(np.float64, copy=False)

    def only(self, rows: Ints) -> "Table":
        """Some of the texts, in the order given."""
        new = np.full(self.rows, -1, dtype=np.int64)
        new[rows] = np.arange(len(rows))
        kept = new[self.row] >= 0
        return Table(new[self.row[kept]], self.place[kept], self.value[kept], len(rows), self.places)


def rarities(texts: Sequence[str], shape: Shape, at_least: int = 2) -> Floats:
    """How much each place counts: the logarithm of how rare it is; nothing if fewer than `at_least` texts have it."""
    counts = np.zeros(shape.places, dtype=np.int64)
    for first in range(0, len(texts), _BATCH):
        found = extract(texts[first : first + _BATCH], shape)
        counts += np.bincount(np.unique(found.row * shape.places + found.place) % shape.places, minlength=shape.places)
    rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
    return np.where(counts >= at_least, rarity, 0).astype(np.float16).astype(np.float32)


def table(texts: Sequence[str], rarity: Floats, shape: Shape) -> Table:
    """The features of texts, weighed as the model weighs them."""
    parts = []
    for first in range(0, len(texts), _BATCH):
        row, place, value = weigh(extract(texts[first : first + _BATCH], shape), rarity, shape)
        kept = value > 0
        parts.append((row[kept] + first, place[kept], value[kept]))
    row, place, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Table(row, place, value, len(texts), shape.places)


def fit(features: Table, truth: Bools, strength: float, *, balanced: bool, blended: bool) -> tuple[Doubles, float]:
    """Weights and bias of one head. `strength` is C of the usual packages: larger trusts the texts more.

    Blended, the mean of a plain fit and of one whose features count by their log-count ratio (Wang and Manning 2012).
    """
    plain, plain_bias = _fit(features, truth, strength, balanced=balanced)
    if not blended:
        return plain, plain_bias
    ratio = _ratio(features, truth)
    scaled = Table(features.row, features.place, features.value * ratio[features.place], features.rows, features.places)
    weights, bias = _fit(scaled, truth, strength, balanced=balanced)
    return (plain + weights * ratio) / 2, (plain_bias + bias) / 2


def _ratio(features: Table, truth: Bools) -> Floats:
    there = np.bincount(features.place[truth[features.row]], minlength=features.places) + 1.0
    absent = np.bincount(features.place[~truth[features.row]], minlength=features.places) + 1.0
    ratio: Floats = np.log((there / there.sum()) / (absent / absent.sum())).astype(np.float32)
    return ratio


def _fit(features: Table, truth: Bools, strength: float, *, balanced: bool) -> tuple[Doubles, float]:
    signs = np.where(truth, 1.0, -1.0)
    counts = np.ones(len(truth))
    if balanced:
        for side in (True, False):
            here = truth == side
            counts[here] *= len(truth) / 2 / max(here.sum(), 1)
    counts *= strength

    def loss(point: Doubles) -> tuple[float, Doubles]:
        margins = signs * (features.times(point[:-1]) + point[-1])
        pull = -signs * counts / (1 + np.exp(np.clip(margins, -50, 50)))
        value = float(counts @ np.logaddexp(0, -margins) + point[:-1] @ point[:-1] / 2)
        return value, np.append(features.back(pull) + point[:-1], pull.sum())

    point = minimise(loss, np.zeros(features.places + 1))
    return point[:-1], float(point[-1])


def minimise(loss: Callable[[Doubles], tuple[float, Doubles]], start: Doubles) -> Doubles:
    """L-BFGS with halving of steps that do not lead down."""
    point, (value, slope) = start, loss(start)
    moves: list[tuple[Doubles, Doubles]] = []
    for taken in range(_STEPS):
        direction = _direction(slope, moves)
        step = 1.0 if moves else 1 / max(float(np.sqrt(slope @ slope)), 1.0)
        fall = float(slope @ direction)
        for _ in range(25):
            new = point + step * direction
            new_value, new_slope = loss(new)
            if new_value <= value + 1e-4 * step * fall:
                break
            step /= 2
        else:
            return point
        moved, turned = new - point, new_slope - slope
        # The first steps only learn how the valley bends, and may be tiny.
        close = (taken > _FIRST_STEPS and value - new_value < 1e-4 * abs(value)) or moved @ turned <= 0
        moves = [*moves, (moved, turned)][-_MEMORY:]
        point, value, slope = new, new_value, new_slope
        if close:
            break
    return point


def _direction(slope: Doubles, moves: list[tuple[Doubles, Doubles]]) -> Doubles:
    direction = -slope
    factors = []
    for moved, turned in reversed(moves):
        factor = (moved @ direction) / (moved @ turned)
        direction = direction - factor * turned
        factors.append(factor)
    if moves:
        moved, turned = moves[-1]
        direction = direction * ((moved @ turned) / (turned @ turned))
    for (moved, turned), factor in zip(moves, reversed(factors), strict=True):
        direction = direction + moved * (factor - (turned @ direction) / (moved @ turned))
    return direction


def calibrate(logits: Doubles, truth: Bools) -> tuple[float, float]:
    """Platt's slope and offset, which turn logits of texts not trained on into probabilities."""
    hits, misses = int(truth.sum()), int((~truth).sum())
    goal = np.where(truth, (hits + 1) / (hits + 2), 1 / (misses + 2))

    def loss(point: Doubles) -> tuple[float, Doubles]:
        made = point[0] * logits + point[1]
        wrong = 1 / (1 + np.exp(-np.clip(made, -50, 50))) - goal
        return float((np.logaddexp(0, made) - goal * made).sum()), np.array([wrong @ logits, wrong.sum()])

    slope, offset = minimise(loss, np.array([1.0, 0.0]))
    return float(slope), float(offset)


def best_threshold(scores: Doubles, truth: Bools) -> float:
    """Where F1 of one head is best."""
    order = np.argsort(-scores)
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + max(int(truth.sum()), 1))
    best = int(np.argmax(f1))
    after = scores[order[best + 1]] if best + 1 < len(order) else scores[order[best]] - 1e-6
    return float((scores[order[best]] + after) / 2)


def offsets(logits: Doubles, truth: Bools) -> Doubles:
    """What to add to each of several exclusive heads so that macro-F1 is best when the largest wins."""
    added = np.zeros(logits.shape[1])
    for _ in range(3):
        for head in range(len(added)):
            tried = [(_macro_f1(logits + _with(added, head, value), truth), -abs(value), value) for value in _GRID]
            added[head] = max(tried)[2]
    return added


def _with(added: Doubles, head: int, value: float) -> Doubles:
    changed = added.copy()
    changed[head] = value
    return changed


def _macro_f1(logits: Doubles, truth: Bools) -> float:
    chosen = np.argmax(logits, axis=1)[:, None] == np.arange(logits.shape[1])
    return float(np.mean(2 * (chosen & truth).sum(0) / np.maximum(chosen.sum(0) + truth.sum(0), 1)))


def quantise(weights: Doubles) -> tuple[NDArray[np.int8], Floats]:
    """Weights as whole numbers of eight bits, one scale for each head; the very largest are cut."""
    top = np.maximum(np.quantile(np.abs(weights), 0.99995, axis=0), 1e-6)
    whole = np.clip(np.round(weights / top * 127), -127, 127).astype(np.int8)
    return whole, (top / 127).astype(np.float32)
