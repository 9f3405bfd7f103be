"""Making the model that signals are read with: fit, calibrate, decide, pack. Needs the `training` extra."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pharos.content.loader import load
from pharos.engine.text import training
from pharos.engine.text.examples import Maker
from pharos.engine.text.features import Shape
from pharos.engine.text.folding import fold
from pharos.engine.text.heard import DANGER
from pharos.engine.text.lexicon import HARMLESS, INTERRUPTS
from pharos.engine.text.model import Language, write
from pharos.engine.text.training import Bools, Doubles, Head, Way
from pharos.jobs import signal_data as data
from pharos.jobs.signal_data import DAVIDSON_HELD_ONE_IN, HELD_ONE_IN, Labelled, lexicon, seen

SEED: Final = 7
FOLDS: Final = 3
# Ordinary texts that stand beside a set of posts, in which nothing is meant.
BESIDE: Final = 4_000
BESIDE_PERSIAN: Final = 400
BESIDE_ARMENIAN: Final = 500
BESIDE_CHINESE: Final = 1_500
# One ordinary text in so many may reach this head's threshold, and one in so many of what is written on the day of a
# crisis, half of it with words of danger: a lead looks in vain rather than that somebody in danger is not seen.
FALSE_ALARMS: Final = 500
FALSE_ALARMS_THAT_DAY: Final = 30
SHAPES: Final = {
    "en": Shape(2, (2, 5), 19, within_words=True),
    "fa": Shape(2, (2, 5), 18, within_words=True),
    "hy": Shape(2, (2, 5), 18, within_words=True),
    "zh-hans": Shape(1, (1, 3), 19, within_words=False),
}
SENTENCES: Final = 12_000
# How many ordinary texts a whole message counts for in which somebody is in danger, one in nearly the same words in
# which nobody is, an ordinary one of such a day, and a sentence of danger that was made.
SAID_COUNTS: Final = 20.0
NEARLY_COUNTS: Final = 5.0
PLAIN_COUNTS: Final = 10.0
MADE_COUNTS: Final = 0.02
DANGER_STRENGTH: Final = 8.0
CALM_AT_MOST: Final = 20_000
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Task:
    """Heads trained on one set: exclusive ones are decided against each other, even ones at even chances.

    `strength` and `ratio_strength` are those of plain and of ratio-scaled features; `at_least` so many of the texts
    have a feature that it brings along; `beside` is learned from as well, but not decided by. `samples` are those of
    the texts that stand for what comes in, and one in how many of them may be heard wrongly.
    """

    name: str
    heads: tuple[str, ...]
    train: Labelled
    strength: float = 1.0
    ratio_strength: float = 0.25
    way: Way = "plain"
    exclusive: bool = False
    balanced: bool = False
    even: bool = False
    at_least: int = 3
    counts: Doubles | None = None
    samples: tuple[tuple[Bools, int], ...] = ()
    beside: Labelled | None = None


def tasks(folder: Path) -> dict[str, list[Task]]:
    """What each language is trained on; the strengths are those that did best fold by fold on these very parts."""
    persian, brighter, davidson = data.short_persian_emo(folder), data.brighter(folder), data.davidson(folder)
    english = data.go_emotions(folder, "train").and_(data.go_emotions(folder, "dev"))
    return {
        "en": [
            Task(
                "goemotions",
                (*data.EKMAN, "confusion"),
                english,
                0.5,
                beside=_beside(folder, "en", [name == "neutral" for name in (*data.EKMAN, "confusion")]),
            ),
            Task(
                "davidson",
                data.DAVIDSON,
                _kept(davidson, DAVIDSON_HELD_ONE_IN),
                ratio_strength=0.25,
                way="ratio",
                exclusive=True,
                balanced=True,
                beside=_beside(folder, "en", [name == "civil" for name in data.DAVIDSON]),
            ),
        ],
        "fa": [
            Task(
                "short_persian_emo",
                data.PERSIAN,
                _kept(persian, HELD_ONE_IN),
                2.0,
                0.5,
                "both",
                exclusive=True,
                balanced=True,
                at_least=2,
                beside=data.feelings("fa", data.PERSIAN).and_(
                    _beside(folder, "fa", [name == "OTHER" for name in data.PERSIAN], BESIDE_PERSIAN)
                ),
            )
        ],
        "hy": [
            Task(
                "feelings",
                data.PERSIAN,
                data.feelings("hy", data.PERSIAN),
                2.0,
                0.5,
                "both",
                exclusive=True,
                balanced=True,
                beside=_beside(folder, "hy", [name == "OTHER" for name in data.PERSIAN], BESIDE_ARMENIAN),
            )
        ],
        "zh-hans": [
            Task(
                "brighter",
                data.BRIGHTER,
                _kept(brighter, HELD_ONE_IN).and_(data.feelings("zh-hans", data.BRIGHTER)),
                4.0,
                1.0,
                "both",
                balanced=True,
                at_least=2,
                beside=_beside(folder, "zh-hans", [False] * 6, BESIDE_CHINESE),
            ),
            Task("cold", ("offensive",), data.cold(folder, "train"), 4.0, 1.0, "both", even=True, at_least=4),
        ],
    }


def _kept(labelled: Labelled, one_in: int) -> Labelled:
    return labelled.part(~data.held(labelled.texts, one_in))


def ordinary(folder: Path, language: str) -> list[str]:
    """Texts in which nobody is in danger, as far as their sets tell."""
    texts = [*data.massive(folder, language, "train"), *data.encyclopedia(folder, language)]
    if language == "en":
        calm = _with(data.go_emotions(folder, "train"), [data.EKMAN.index(name) for name in ("joy", "neutral")])
        texts += [*data.conversations(folder, "train")[::3], *data.banking(folder), *calm[::3]]
    if language == "fa":
        said = _kept(data.short_persian_emo(folder), HELD_ONE_IN)
        texts += _with(said, [data.PERSIAN.index(name) for name in ("HAPPY", "OTHER")])
    return [*texts, *data.drama(folder)] if language == "zh-hans" else texts


def _beside(folder: Path, language: str, truth: list[bool], size: int = BESIDE) -> Labelled:
    """Ordinary messages and requests, with what holds of each of them: posts chosen for their heat hold none."""
    texts = data.massive(folder, language, "train")
    if language == "en":
        texts = [*texts[::2], *data.conversations(folder, "train")[::4], *data.banking(folder)]
    chosen = np.random.default_rng(SEED).permutation(len(texts))[:size]
    return Labelled([texts[number] for number in chosen], np.tile(np.array(truth), (len(chosen), 1)))


def _with(labelled: Labelled, heads: list[int]) -> list[str]:
    """The texts of which one of the heads holds, and none of the others."""
    others = np.delete(labelled.truth, heads, axis=1)
    kept: Bools = np.logical_and(labelled.truth[:, heads].any(axis=1), ~others.any(axis=1))
    return labelled.part(kept).texts


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
    todo = [*todo, _danger(folder, code)]
    # The head of danger learns from the words: what the lexicon is certain of interrupts without it.
    texts = [[seen(text, but=task.name) for text in _learned(task).texts] for task in todo]
    known = training.vocabulary([(own, task.at_least) for task, own in zip(todo, texts, strict=True)], SHAPES[code])
    heads: list[str] = []
    columns: list[Doubles] = []
    biases: list[float] = []
    decided: dict[str, float] = {}
    for task, own in zip(todo, texts, strict=True):
        say(f"{code}: {task.name}, {len(task.train.texts)} texts, {len(task.heads)} heads")
        features = training.table(own, known)
        fitted = _fit(features, task, np.arange(len(task.train.texts)))
        logits = _unseen(features, task)
        heads += task.heads
        for head, (weights, bias) in enumerate(fitted):
            slope, offset = training.calibrate(logits[:, head], task.train.truth[:, head])
            columns.append(weights * slope)
            biases.append(bias * slope + offset)
            logits[:, head] = logits[:, head] * slope + offset
        decided.update(_decide(task, logits))
    whole, scale = training.quantise(np.stack(columns, axis=1))
    return Language(known, tuple(heads), whole, scale, np.array(biases, dtype=np.float32)), decided


def _interrupts(text: str) -> bool:
    """Whether the lexicon alone is certain of danger."""
    hits = lexicon().find(fold(text)).hits
    return any(hit.category.signal == DANGER and hit.category.weight >= INTERRUPTS for hit in hits)


def _learned(task: Task) -> Labelled:
    return task.train if task.beside is None else task.train.and_(task.beside)


def _fit(features: Any, task: Task, rows: NDArray[np.int64]) -> list[Head]:
    """The heads of a task, fitted to some of its texts and all that stand beside them."""
    rows = np.concatenate([rows, np.arange(len(task.train.texts), features.shape[0])])
    truth = _learned(task).truth[rows]
    some, counts = features[rows], None if task.counts is None else task.counts[rows]
    return [
        training.fit(
            some,
            truth[:, head],
            task.strength,
            balanced=task.balanced,
            way=task.way,
            ratio_strength=task.ratio_strength,
            counts=counts,
        )
        for head in range(len(task.heads))
    ]


def _unseen(features: Any, task: Task) -> Doubles:
    """Logits of texts that were not trained on, fold by fold."""
    truth = task.train.truth
    fold_of = np.random.default_rng(SEED).integers(FOLDS, size=len(truth))
    logits = np.zeros(truth.shape)
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold_of != number), np.flatnonzero(fold_of == number)
        logits[outside] = training.speak(features[outside], _fit(features, task, inside))
    return logits


def _decide(task: Task, logits: Doubles) -> dict[str, float]:
    """Per head, the logit from which it holds; of exclusive heads, what is added before the largest wins."""
    truth = task.train.truth
    if task.samples:
        return {DANGER: max(_limit(logits[sample, 0], one_in) for sample, one_in in task.samples)}
    if task.even:
        return dict.fromkeys(task.heads, 0.0)
    if not task.exclusive:
        rng = np.random.default_rng(SEED)
        return {head: training.best_threshold(logits[:, k], truth[:, k], rng) for k, head in enumerate(task.heads)}
    return dict(zip(task.heads, training.offsets(logits, truth).tolist(), strict=True))


def _limit(logits: Doubles, one_in: int) -> float:
    """What one in so many of them reaches."""
    return float(np.sort(logits)[-max(len(logits) // one_in, 1)])


def _danger(folder: Path, code: str) -> Task:
    """Sentences made from the phrases that interrupt, and what people said, against ordinary and harmless texts."""
    rng = np.random.default_rng(SEED)
    tree = load("signal_lexicon")
    calm = [text for text in ordinary(folder, code) if not _interrupts(text)]
    calm = [calm[number] for number in rng.permutation(len(calm))[:CALM_AT_MOST]]
    maker = Maker({row["code"]: row["forms"][code] for row in tree["words"]}, calm, rng)
    joined = code == "zh-hans"

    def sentences(signal: str, weight: int, size: int) -> list[str]:
        rows = [row for row in tree["categories"] if row["signal"] == signal and row["weight"] == weight]
        phrases = [phrase for row in rows for phrase in row["phrases"][code]]
        chosen = rng.integers(len(phrases), size=size)
        return [maker.sentence(phrases[number], joined=joined) for number in chosen]

    dangerous, harmless = sentences(DANGER, INTERRUPTS, SENTENCES), sentences(HARMLESS, 0, SENTENCES // 6)
    written = load("danger_phrasings")
    said, nearly, plain = (written[kind][code] for kind in ("phrasings", "harmless", "ordinary"))
    # Spelt and joined like the others, so that neither a slip nor a comma speaks for danger.
    calm = [maker.among(text, joined=joined) for text in calm]
    harmless = [text for text in harmless if not _interrupts(text)]
    parts = [
        (calm, False, 1.0),
        (plain, False, PLAIN_COUNTS),
        (said, True, SAID_COUNTS),
        (dangerous, True, MADE_COUNTS),
        (harmless, False, 1.0),
        (nearly, False, NEARLY_COUNTS),
    ]
    texts = [text for part, _, _ in parts for text in part]
    truth = np.array([[is_danger] for part, is_danger, _ in parts for _ in part])
    counts = np.array([worth for part, _, worth in parts for _ in part])
    # What was made or written to be hard is no sample of what comes in; nor are words that the head hears only in part.
    open_to_it = np.array([not lexicon().find(fold(text)).masks for text in texts])
    number = np.arange(len(texts))
    day = (number >= len(calm)) & (number < len(calm) + len(plain))
    samples = ((open_to_it & (number < len(calm)), FALSE_ALARMS), (day, FALSE_ALARMS_THAT_DAY))
    return Task(
        DANGER, (DANGER,), Labelled(texts, truth), DANGER_STRENGTH, balanced=True, counts=counts, samples=samples
    )
