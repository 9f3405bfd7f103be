"""Making the model that signals are read with: fit, calibrate, decide, pack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np

from pharos.content.loader import load
from pharos.engine.text import training
from pharos.engine.text.examples import Maker
from pharos.engine.text.features import Shape
from pharos.engine.text.folding import fold
from pharos.engine.text.lexicon import Lexicon
from pharos.engine.text.model import Language, write
from pharos.engine.text.training import Bools, Doubles, Table
from pharos.jobs import signal_data as data
from pharos.jobs.signal_data import Labelled

SEED: Final = 7
HELD_ONE_IN: Final = 10
DAVIDSON_HELD_ONE_IN: Final = 5
FOLDS: Final = 3
DANGER: Final = "danger"
# One text in so many of those with nothing of the kind may reach this head's threshold.
FALSE_ALARMS: Final = 2000
SHAPES: Final = {
    "en": Shape(2, (3, 5), 17, within_words=True),
    "fa": Shape(2, (2, 5), 16, within_words=True),
    "hy": Shape(1, (2, 5), 15, within_words=True),
    "zh-hans": Shape(1, (1, 3), 17, within_words=False),
}
SENTENCES: Final = 6_000
CALM_AT_MOST: Final = 14_000
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Task:
    """Heads trained on one set: exclusive ones are decided against each other, even ones at even chances."""

    name: str
    heads: tuple[str, ...]
    train: Labelled
    strength: float
    exclusive: bool = False
    balanced: bool = True
    blended: bool = True
    even: bool = False
    tune: Labelled | None = None


def tasks(folder: Path) -> dict[str, list[Task]]:
    """What each language is trained on."""
    persian, brighter, davidson = data.short_persian_emo(folder), data.brighter(folder), data.davidson(folder)
    return {
        "en": [
            Task(
                "goemotions",
                (*data.EKMAN, "confusion"),
                data.go_emotions(folder, "train"),
                1.0,
                balanced=False,
                blended=False,
                tune=data.go_emotions(folder, "dev"),
            ),
            Task("davidson", data.DAVIDSON, _kept(davidson, DAVIDSON_HELD_ONE_IN), 1.0, exclusive=True, blended=False),
        ],
        "fa": [Task("short_persian_emo", data.PERSIAN, _kept(persian, HELD_ONE_IN), 1.0, exclusive=True)],
        "hy": [],
        "zh-hans": [
            Task("brighter", data.BRIGHTER, _kept(brighter, HELD_ONE_IN), 4.0),
            Task("cold", ("offensive",), data.cold(folder, "train"), 4.0, balanced=False, even=True),
        ],
    }


def _kept(labelled: Labelled, one_in: int) -> Labelled:
    return labelled.part(~data.held(labelled.texts, one_in))


def ordinary(folder: Path, language: str) -> list[str]:
    """Texts in which nobody is in danger, as far as their sets tell."""
    texts = [*data.massive(folder, language, "train"), *data.encyclopedia(folder, language)]
    if language == "en":
        texts += [*data.conversations(folder, "train")[::3], *data.banking(folder)]
    return [*texts, *data.drama(folder)] if language == "zh-hans" else texts


def train(folder: Path, say: Say) -> bytes:
    """The model file, made from a folder of public data; the same data and seed give the same file."""
    todo = tasks(folder)
    made = {code: language(folder, code, todo[code], say) for code in todo}
    return pack(made, {code: [task.name for task in todo[code]] for code in todo})


def pack(made: Mapping[str, tuple[Language, dict[str, float]]], sets: Mapping[str, list[str]]) -> bytes:
    """One file of all languages."""
    about = {"seed": SEED, "sets": dict(sets), "decisions": {code: decided for code, (_, decided) in made.items()}}
    return write({code: one for code, (one, _) in made.items()}, about)


def language(folder: Path, code: str, todo: list[Task], say: Say) -> tuple[Language, dict[str, float]]:
    """The heads of one language, and what was decided about each."""
    shape = SHAPES[code]
    todo = [*todo, _danger(folder, code)]
    texts = [[seen(text) for text in task.train.texts] for task in todo]
    rarity = training.rarities(list(chain(*texts)), shape)
    heads: list[str] = []
    columns: list[Doubles] = []
    biases: list[float] = []
    decided: dict[str, float] = {}
    for task, own in zip(todo, texts, strict=True):
        say(f"{code}: {task.name}, {len(task.train.texts)} texts, {len(task.heads)} heads")
        table = training.table(own, rarity, shape)
        fitted = [_fit(table, task.train.truth[:, head], task) for head in range(len(task.heads))]
        logits, truth = _unseen(table, task, rarity, shape, fitted)
        heads += task.heads
        for head, (weights, bias) in enumerate(fitted):
            slope, offset = training.calibrate(logits[:, head], truth[:, head])
            columns.append(weights * slope)
            biases.append(bias * slope + offset)
            logits[:, head] = logits[:, head] * slope + offset
        decided.update(_decide(task, logits, truth))
    whole, scale = training.quantise(np.stack(columns, axis=1))
    return Language(shape, tuple(heads), rarity, whole, scale, np.array(biases, dtype=np.float32)), decided


def seen(text: str) -> str:
    """The text as the trained heads see it: folded, and after it what the lexicon found."""
    one = fold(text)
    return one.text + lexicon().find(one).cues


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    return Lexicon(load("signal_lexicon"))


def _fit(table: Table, truth: Bools, task: Task) -> tuple[Doubles, float]:
    return training.fit(table, truth, task.strength, balanced=task.balanced, blended=task.blended)


def _unseen(
    table: Table, task: Task, rarity: Any, shape: Shape, fitted: list[tuple[Doubles, float]]
) -> tuple[Doubles, Bools]:
    """Logits of texts that were not trained on: of the tuning set, or fold by fold."""
    if task.tune is not None:
        tuning = training.table([seen(text) for text in task.tune.texts], rarity, shape)
        return np.stack([tuning.times(weights) + bias for weights, bias in fitted], axis=1), task.tune.truth
    fold_of = np.random.default_rng(SEED).integers(FOLDS, size=table.rows)
    logits = np.zeros((table.rows, len(task.heads)))
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold_of != number), np.flatnonzero(fold_of == number)
        known, unknown = table.only(inside), table.only(outside)
        for head in range(len(task.heads)):
            weights, bias = _fit(known, task.train.truth[inside, head], task)
            logits[outside, head] = unknown.times(weights) + bias
    return logits, task.train.truth


def _decide(task: Task, logits: Doubles, truth: Bools) -> dict[str, float]:
    """Per head, the logit from which it holds; of exclusive heads, what is added before the largest wins."""
    if task.name == DANGER:
        calm = np.sort(logits[~truth[:, 0], 0])
        return {DANGER: float(calm[-max(len(calm) // FALSE_ALARMS, 1)])}
    if task.even:
        return dict.fromkeys(task.heads, 0.0)
    if not task.exclusive:
        return {head: training.best_threshold(logits[:, k], truth[:, k]) for k, head in enumerate(task.heads)}
    return dict(zip(task.heads, training.offsets(logits, truth).tolist(), strict=True))


def _danger(folder: Path, code: str) -> Task:
    """Sentences made from the phrases that interrupt, against ordinary texts."""
    rng = np.random.default_rng(SEED)
    tree = load("signal_lexicon")
    rows = [row for row in tree["categories"] if row["signal"] == DANGER and row["weight"] == 5]
    phrases = [phrase for row in rows for phrase in row["phrases"][code]]
    calm = ordinary(folder, code)
    calm = [calm[number] for number in rng.permutation(len(calm))[:CALM_AT_MOST]]
    maker = Maker({row["code"]: row["forms"][code] for row in tree["words"]}, calm, rng)
    chosen = rng.integers(len(phrases), size=SENTENCES)
    made = [maker.sentence(phrases[number], joined=code == "zh-hans") for number in chosen]
    truth = np.array([[True]] * len(made) + [[False]] * len(calm))
    return Task(DANGER, (DANGER,), Labelled([*made, *calm], truth), 2.0)
