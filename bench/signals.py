"""What the signals are worth: each language on texts that its model never saw, the danger lists, and how fast it is.

    bench/signals.py --data FOLDER

The folder holds the public sets named in docs/signals.md. Held parts are those with CRC-32 of the text divisible by 10
(ShortPersianEmo, BRIGHTER) or by 5 (Davidson); GoEmotions is measured on its test split, COLD and MASSIVE on their dev.
"""

import argparse
import os
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from pharos.content import LANGUAGES
from pharos.engine.text.languages import identify
from pharos.engine.text.model import Model
from pharos.jobs import signal_data as data
from pharos.jobs.signal_data import DAVIDSON_HELD_ONE_IN, HELD_ONE_IN, Labelled, seen
from pharos.queries.signals import MODEL, load_model, reader

LISTS = Path(__file__).parents[1] / "tests/engine/text"
ORDINARY = 20_000
POSTS = "GoEmotions test (posts)"
Row = tuple[str, str, float, float | None]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("PHAROS_BENCH_DATA"))
    folder = parser.parse_args().data
    if folder is None:
        print("signals: left out, it needs --data FOLDER with the public sets")
        return
    model = load_model(MODEL)
    if model is None:
        raise SystemExit("the model cannot be used")
    show([*sets(Path(folder), model), *language_rows(Path(folder)), *danger_rows(), *speed_rows(Path(folder))])
    false_alarms(Path(folder))


def show(rows: Sequence[Row]) -> None:
    """One line a measure, with its bar."""
    table = Table("set", "measure", "value", "bar", "")
    for name, measure, value, bar in rows:
        verdict = "" if bar is None else ("met" if value >= bar else "NOT met")
        table.add_row(name, measure, f"{value:,.4g}", "" if bar is None else f"{bar:,.4g}", verdict)
    Console(width=110).print(table)


def f1(predicted: Any, truth: Any) -> Any:
    """F1 of each column."""
    return 2 * (predicted & truth).sum(0) / np.maximum(predicted.sum(0) + truth.sum(0), 1)


def decided(model: Model, language: str, heads: Sequence[str], texts: list[str], *, exclusive: bool) -> Any:
    """Which heads hold, as the model's own decisions have it."""
    own, decisions = model.languages[language], model.about["decisions"][language]
    columns = [own.heads.index(head) for head in heads]
    chances = np.clip(own.score([seen(text) for text in texts]).probabilities[:, columns], 1e-7, 1 - 1e-7)
    logits = np.log(chances / (1 - chances)).astype(float)
    limits = np.array([decisions[head] for head in heads])
    return np.argmax(logits + limits, 1)[:, None] == np.arange(len(heads)) if exclusive else logits >= limits


def sets(folder: Path, model: Model) -> list[Row]:
    """The labelled sets."""
    english = data.go_emotions(folder, "test")
    ekman = f1(decided(model, "en", data.EKMAN, english.texts, exclusive=False), english.truth[:, : len(data.EKMAN)])
    rows: list[Row] = [("GoEmotions test (en)", "Ekman macro-F1", float(ekman.mean()), 0.60)]
    rows += [("", f"F1 {name}", float(ekman[data.EKMAN.index(name)]), None) for name in ("anger", "fear", "sadness")]
    persian = held(data.short_persian_emo(folder), HELD_ONE_IN)
    value = f1(decided(model, "fa", data.PERSIAN, persian.texts, exclusive=True), persian.truth).mean()
    rows.append((f"ShortPersianEmo held {len(persian.texts)} (fa)", "macro-F1", float(value), 0.67))
    chinese = held(data.brighter(folder), HELD_ONE_IN)
    value = f1(decided(model, "zh-hans", data.BRIGHTER, chinese.texts, exclusive=False), chinese.truth).mean()
    rows.append((f"BRIGHTER chn held {len(chinese.texts)} (zh)", "macro-F1", float(value), 0.53))
    rows += feelings_rows(model)
    cold = data.cold(folder, "dev")
    right = decided(model, "zh-hans", ("offensive",), cold.texts, exclusive=False) == cold.truth
    rows.append(("COLD dev (zh)", "accuracy", float(right.mean()), 0.81))
    posts = held(data.davidson(folder), DAVIDSON_HELD_ONE_IN)
    value = f1(decided(model, "en", data.DAVIDSON, posts.texts, exclusive=True), posts.truth).mean()
    rows.append((f"Davidson held {len(posts.texts)} (en)", "macro-F1", float(value), 0.76))
    return rows


def feelings_rows(model: Model) -> list[Row]:
    """Lists of messages of such a day with what is felt in them, which nothing was made with."""
    rows: list[Row] = []
    for language, heads in (("fa", data.PERSIAN), ("hy", data.PERSIAN), ("zh-hans", data.BRIGHTER)):
        said = [line.split("\t") for line in lines("feelings_blind", language)]
        truth = np.array([[head in labels.split(",") for head in heads] for labels, _ in said])
        heard = decided(model, language, heads, [text for _, text in said], exclusive=heads == data.PERSIAN)
        rows.append((f"feelings, blind, {len(said)} ({language})", "macro-F1", float(f1(heard, truth).mean()), None))
    return rows


def held(labelled: Labelled, one_in: int) -> Labelled:
    """The part that was never trained on."""
    return labelled.part(data.held(labelled.texts, one_in))


def language_rows(folder: Path) -> list[Row]:
    """Language identification."""
    texts = [(code, text) for code in data.MASSIVE for text in data.massive(folder, code, "dev")]
    right = sum(identify(text).language == code for code, text in texts)
    return [("MASSIVE dev, 4 languages", "language right", right / len(texts), 0.995)]


def danger_rows() -> list[Row]:
    """Recall on lists that the lexicon was grown with and on lists that nothing was made with; and what is let pass."""
    rows: list[Row] = []
    for folder, name, bar in (
        ("danger", "danger", 0.98),
        ("danger_unseen", "danger, unseen", None),
        ("danger_held", "danger, held", None),
        ("danger_blind", "danger, blind", None),
    ):
        for language, said, interrupting in interrupted(folder):
            rows.append((f"{name}, {said} ({language})", "recall", interrupting / said, bar))
    for name in ("held", "blind"):
        for language, said, interrupting in interrupted(f"ordinary_{name}"):
            rows.append((f"ordinary, {name}, {said} ({language})", "interrupt nobody", 1 - interrupting / said, None))
    return rows


def interrupted(folder: str) -> Iterator[tuple[str, int, int]]:
    """Each language's list: how long it is and how many of it interrupt."""
    for language in LANGUAGES:
        said = lines(folder, language)
        yield language, len(said), sum(found.danger.present for found in reader().read_many(said))


def lines(folder: str, language: str) -> list[str]:
    """One list of one language."""
    text = (LISTS / folder / f"{language.partition('-')[0]}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def ordinary(folder: Path) -> dict[str, list[str]]:
    """20,000 messages of sets that are about other things, most of them customers' own; and posts of strangers."""
    rng = random.Random(5)
    found = {
        "MultiDoGO test": data.conversations(folder, "test"),
        "wave": data.wave(folder),
        **{f"MASSIVE dev {code}": data.massive(folder, code, "dev") for code in data.MASSIVE},
    }
    whole = sum(map(len, found.values()))
    return {
        name: rng.sample(texts, min(len(texts), len(texts) * ORDINARY // whole + 1)) for name, texts in found.items()
    } | {POSTS: data.go_emotions(folder, "test").texts}


def false_alarms(folder: Path) -> None:
    """How many ordinary messages interrupt."""
    table = Table("ordinary messages", "number", "interrupted", "share", "of them by the trained head alone")
    every = interrupted = 0
    for name, texts in ordinary(folder).items():
        dangers = [found.danger for found in reader().read_many(texts) if found.danger.present]
        alone = sum(danger.source == "model" for danger in dangers)
        table.add_row(name, str(len(texts)), str(len(dangers)), f"{len(dangers) / len(texts):.3%}", str(alone))
        if name != POSTS:
            every, interrupted = every + len(texts), interrupted + len(dangers)
    table.add_row("all ordinary", str(every), str(interrupted), f"{interrupted / every:.3%}", "")
    Console(width=110).print(table)


def speed_rows(folder: Path) -> list[Row]:
    """On one core, everything included: folding, language, lexicon, model and the words that made it."""
    texts = [text for part in ordinary(folder).values() for text in part]
    random.Random(6).shuffle(texts)
    one = reader()
    one.read_many(texts[:2000])
    started = time.process_time()
    for first in range(2000, 10_000, 500):
        one.read_many(texts[first : first + 500])
    in_batch = 8000 / (time.process_time() - started)
    started = time.process_time()
    for text in texts[10_000:10_500]:
        one.read(text)
    single = (time.process_time() - started) / 500
    load = os.getloadavg()[0]
    return [
        (f"speed, load {load:.1f}", "messages a second and core, in batch", in_batch, 5000),
        ("", "one message, seconds of a core", single, None),
    ]


if __name__ == "__main__":
    main()
