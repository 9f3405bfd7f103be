"""Fitting linear heads over a vocabulary, and deciding from when they hold. Needs scikit-learn, which reading does not.

Logistic regression by LIBLINEAR (Fan et al. 2008); features scaled by their log-count ratio (Wang and Manning 2012);
calibration by Platt's method (1999).
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression

from pharos.engine.text.features import Floats, Shape, Vocabulary, extract

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
Head = tuple[Doubles, float]
# Plain features, features scaled by their log-count ratio, or the mean of a fit of each.
Way = Literal["plain", "ratio", "both"]
_GRID: Final = [step / 10 for step in range(-40, 41)]
_BATCH: Final = 2000
_RESAMPLED: Final = 200
# The logit of a head whose texts are all the same.
_CERTAIN: Final = 10.0
_STEPS: Final = 200


def vocabulary(sets: Sequence[tuple[Sequence[str], int]], shape: Shape) -> Vocabulary:
    """The features that at least so many texts of a set have, counting by the logarithm of how rare each is in all."""
    texts, known = 0, np.zeros(shape.places, dtype=np.bool_)
    total = np.zeros(shape.places, dtype=np.int64)
    for one, at_least in sets:
        counts = _counts(one, shape)
        texts, total, known = texts + len(one), total + counts, known | (counts >= at_least)
    places = np.flatnonzero(known)
    rarity = np.log((1 + texts) / (1 + total[places])) + 1
    return Vocabulary(shape, places, rarity.astype(np.float16).astype(np.float32))


def _counts(texts: Sequence[str], shape: Shape) -> NDArray[np.int64]:
    """In how many texts the feature of each place is."""
    counts = np.zeros(shape.places, dtype=np.int64)
    for first in range(0, len(texts), _BATCH):
        found = extract(texts[first : first + _BATCH], shape)
        counts += np.bincount(np.unique(found.row * shape.places + found.place) % shape.places, minlength=shape.places)
    return counts


def table(texts: Sequence[str], known: Vocabulary) -> csr_matrix:
    """The features of texts as the model weighs them: one row a text, one column a feature."""
    parts = []
    for first in range(0, len(texts), _BATCH):
        row, place, value = known.weigh(known.find(texts[first : first + _BATCH]))
        parts.append((row + first, place, value))
    row, place, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    return csr_matrix((value.astype(np.float64), (row, place)), shape=(len(texts), len(known.places)))


def fit(
    features: csr_matrix,
    truth: Bools,
    strength: float,
    *,
    balanced: bool,
    way: Way,
    ratio_strength: float,
    counts: Doubles | None = None,
) -> Head:
    """Weights and bias of one head. The strengths are C of the usual packages: larger trusts the texts more.

    `counts` is how many texts each text counts for; one, if it is left out.
    """
    fitted: list[Head] = []
    if way != "ratio":
        fitted.append(_fit(features, truth, strength, counts, balanced=balanced))
    if way != "plain":
        ratio = _ratio(features, truth)
        scaled, bias = _fit((features @ diags(ratio)).tocsr(), truth, ratio_strength, counts, balanced=balanced)
        fitted.append((scaled * ratio, bias))
    weights, biases = zip(*fitted, strict=True)
    return np.mean(weights, axis=0), float(np.mean(biases))


def _fit(features: csr_matrix, truth: Bools, strength: float, counts: Doubles | None, *, balanced: bool) -> Head:
    if truth.all() or not truth.any():
        return np.zeros(features.shape[1]), _CERTAIN if truth.any() else -_CERTAIN
    weighing = "balanced" if balanced else None
    made = LogisticRegression(C=strength, solver="liblinear", class_weight=weighing, max_iter=_STEPS, random_state=0)
    made.fit(features, truth, counts)
    return made.coef_[0], float(made.intercept_[0])


def _ratio(features: csr_matrix, truth: Bools) -> Doubles:
    there = features.astype(bool).astype(np.float64)
    with_it = np.asarray(there[np.flatnonzero(truth)].sum(axis=0)).ravel() + 1
    without = np.asarray(there[np.flatnonzero(~truth)].sum(axis=0)).ravel() + 1
    ratio: Doubles = np.log((with_it / with_it.sum()) / (without / without.sum()))
    return ratio


def speak(features: csr_matrix, heads: Iterable[Head]) -> Doubles:
    """What each head says of each text: one column a head."""
    return np.stack([features @ weights + bias for weights, bias in heads], axis=1)


def calibrate(logits: Doubles, truth: Bools) -> tuple[float, float]:
    """Platt's slope and offset, which turn logits of texts not trained on into probabilities."""
    if truth.all() or not truth.any():
        return 1.0, 0.0
    made = LogisticRegression(C=1e6, max_iter=_STEPS).fit(logits[:, None], truth)
    return max(float(made.coef_[0, 0]), 1e-3), float(made.intercept_[0])


def best_threshold(scores: Doubles, truth: Bools, rng: np.random.Generator) -> float:
    """Where F1 of one head is best: the mean over samples drawn anew, so that no single text decides."""
    order = np.argsort(-scores, kind="stable")
    ranked, right = scores[order], truth[order]
    found = []
    for _ in range(_RESAMPLED):
        times = rng.poisson(1.0, len(ranked))
        hits = np.cumsum(times * right)
        f1 = 2 * hits / np.maximum(np.cumsum(times) + hits[-1], 1)
        best = int(np.argmax(f1))
        found.append((ranked[best] + ranked[min(best + 1, len(ranked) - 1)]) / 2)
    return float(np.mean(found))


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
    """Weights as whole numbers of eight bits, one scale for each head."""
    top = np.maximum(np.abs(weights).max(axis=0, initial=0), 1e-6)
    return np.round(weights / top * 127).astype(np.int8), (top / 127).astype(np.float32)
