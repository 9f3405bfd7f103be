"""How far linear heads and their like get on two small sets, fold by fold over the parts that are trained on.

    bench/signal_oracle.py --data FOLDER [--kernel]

ShortPersianEmo (five exclusive emotions) and BRIGHTER chn (six, several at once). Each line is macro-F1 of texts that
the fit did not see, decided by offsets or limits that were found on the other half of them; `--kernel` adds a support
vector machine with a Gaussian kernel, which no file of this size could hold, and takes minutes.
"""

import argparse
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import RidgeClassifier
from sklearn.svm import SVC

from pharos.engine.text import training
from pharos.engine.text.features import Shape
from pharos.jobs import signal_data as data
from pharos.jobs.signal_data import HELD_ONE_IN, Labelled, seen

HALVES = 6
Fit = Callable[[Any, Any, Any], Any]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("PHAROS_BENCH_DATA"))
    parser.add_argument("--kernel", action="store_true")
    asked = parser.parse_args()
    if asked.data is None:
        print("signal_oracle: left out, it needs --data FOLDER with the public sets")
        return
    table = Table("set", "model", "folds", "macro-F1", "of each")
    for name, labelled, shape, strengths, exclusive in (
        (
            "ShortPersianEmo",
            data.short_persian_emo(Path(asked.data)),
            Shape(2, (2, 5), 18, within_words=True),
            (2.0, 0.5),
            True,
        ),
        ("BRIGHTER chn", data.brighter(Path(asked.data)), Shape(1, (1, 3), 19, within_words=False), (4.0, 1.0), False),
    ):
        kept = labelled.part(~data.held(labelled.texts, HELD_ONE_IN))
        for model, folds, fit in models(strengths, kernel=asked.kernel and exclusive):
            each = measured(kept, shape, fit, folds, exclusive=exclusive)
            table.add_row(name, model, str(folds), f"{each.mean():.3f}", " ".join(f"{one:.2f}" for one in each))
    Console(width=110).print(table)


def models(strengths: tuple[float, float], *, kernel: bool) -> list[tuple[str, int, Fit]]:
    """What is tried: name, folds, and how it is fitted and heard."""
    tried = [
        (f"logistic, {way}", folds, partial(linear, strengths=strengths, way=way))
        for way, folds in (("plain", 5), ("ratio", 5), ("both", 2), ("both", 5), ("both", 10))
    ]
    found: list[tuple[str, int, Fit]] = [*tried, ("ridge", 5, partial(whole, make=RidgeClassifier))]
    if kernel:
        machine = partial(SVC, C=2.0, gamma=0.5, class_weight="balanced", decision_function_shape="ovr")
        found.append(("Gaussian kernel", 5, partial(whole, make=machine)))
    return found


def linear(known: Any, truth: Any, unknown: Any, *, strengths: tuple[float, float], way: training.Way) -> Any:
    """One head after another, as the shipped model is made."""
    plain, ratio = strengths
    heads = [
        training.fit(known, truth[:, head], plain, balanced=True, way=way, ratio_strength=ratio)
        for head in range(truth.shape[1])
    ]
    return training.speak(unknown, heads)


def whole(known: Any, truth: Any, unknown: Any, *, make: Callable[[], Any]) -> Any:
    """All heads in one; of several at once each by itself."""
    if (truth.sum(1) == 1).all():
        return make().fit(known, truth.argmax(1)).decision_function(unknown)
    return np.stack([make().fit(known, column).decision_function(unknown) for column in truth.T], axis=1)


def measured(labelled: Labelled, shape: Shape, fit: Fit, folds: int, *, exclusive: bool) -> Any:
    """F1 of each head on texts not fitted to, decided by what the other half of them taught."""
    texts, truth = [seen(text) for text in labelled.texts], labelled.truth
    features = training.table(texts, training.vocabulary([(texts, 2)], shape))
    fold = np.random.default_rng(7).integers(folds, size=len(truth))
    logits = np.zeros(truth.shape)
    for number in range(folds):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        logits[outside] = fit(features[inside], truth[inside], features[outside])
    found = []
    for seed in range(HALVES):
        half = np.random.default_rng(seed).random(len(truth)) < 0.5
        chosen = np.zeros_like(truth)
        for own in (half, ~half):
            chosen[own] = decided(logits[own], logits[~own], truth[~own], exclusive=exclusive)
        found.append(2 * (chosen & truth).sum(0) / np.maximum(chosen.sum(0) + truth.sum(0), 1))
    return np.mean(found, axis=0)


def decided(logits: Any, others: Any, truth: Any, *, exclusive: bool) -> Any:
    """Which heads hold."""
    if exclusive:
        best = np.argmax(logits + training.offsets(others, truth), axis=1)
        return best[:, None] == np.arange(logits.shape[1])
    rng = np.random.default_rng(1)
    columns = range(logits.shape[1])
    return logits >= np.array([training.best_threshold(others[:, head], truth[:, head], rng) for head in columns])


if __name__ == "__main__":
    main()
