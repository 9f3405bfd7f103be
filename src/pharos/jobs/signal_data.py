"""The labelled sets that signals are trained on and measured with, read from a folder of public data."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pharos.content.loader import load
from pharos.engine.text.folding import fold
from pharos.engine.text.lexicon import Lexicon

EKMAN: Final = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
BRIGHTER: Final = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
PERSIAN: Final = ("ANGRY", "FEAR", "HAPPY", "OTHER", "SAD")
DAVIDSON: Final = ("hate", "offensive", "civil")
MASSIVE: Final = {"en": "en-US", "fa": "fa-IR", "hy": "hy-AM", "zh-hans": "zh-CN"}
# Original GoEmotions labels that stand for not following.
CONFUSION: Final = 6
# What is never trained on: one text in so many.
HELD_ONE_IN: Final = 10
DAVIDSON_HELD_ONE_IN: Final = 5


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts, and for each of them which heads hold."""

    texts: list[str]
    truth: NDArray[np.bool_]

    def part(self, kept: NDArray[np.bool_]) -> "Labelled":
        """Some of the texts."""
        return Labelled([text for text, keep in zip(self.texts, kept, strict=True) if keep], self.truth[kept])

    def and_(self, other: "Labelled") -> "Labelled":
        """These and those."""
        return Labelled([*self.texts, *other.texts], np.concatenate([self.truth, other.truth]))


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    return Lexicon(load("signal_lexicon"))


def seen(text: str, *, but: str = "") -> str:
    """The text as the trained heads see it: folded, and after it what the lexicon found, `but` for one signal."""
    one = fold(text)
    return one.text + lexicon().find(one).cues_but(but)


def held(texts: list[str], one_in: int) -> NDArray[np.bool_]:
    """The fixed part never trained on where a set has no test split: by CRC-32, so equal texts fall on one side."""
    return np.array([crc32(text.encode()) % one_in == 0 for text in texts])


def go_emotions(folder: Path, split: str) -> Labelled:
    """English comments by Ekman's emotions and neutral, and as eighth whether they are confused."""
    texts, truth = [], []
    originals = _lines(folder / f"goemotions/original/{split}.tsv")
    for line, original in zip(_lines(folder / f"goemotions/ekman/{split}.tsv"), originals, strict=True):
        text, labels, _ = line.split("\t")
        texts.append(text)
        confused = str(CONFUSION) in original.split("\t")[1].split(",")
        truth.append([str(number) in labels.split(",") for number in range(len(EKMAN))] + [confused])
    return Labelled(texts, np.array(truth))


def _lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        return [line.rstrip("\n") for line in lines]


def short_persian_emo(folder: Path) -> Labelled:
    """Persian posts and reviews by one of five emotions."""
    rows = [row for row in _sheet(folder / "short_persian_emo/train_fa.xlsx") if len(row) >= 2 and row[1] in PERSIAN]
    return Labelled([row[0] for row in rows], np.array([[row[1] == code for code in PERSIAN] for row in rows]))


def _sheet(path: Path) -> Iterator[list[str]]:
    """The first sheet of a workbook, row by row."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - brought by the training extra alone

    for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows():
        yield [str(cell).strip() for cell in row]


def brighter(folder: Path) -> Labelled:
    """Chinese posts by six emotions, train and dev together."""
    texts, truth = [], []
    for split in ("train", "dev"):
        for row in _table(folder / f"brighter/track_a/{split}/chn.csv"):
            texts.append(row["text"])
            truth.append([row[code].startswith("1") for code in BRIGHTER])
    return Labelled(texts, np.array(truth))


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def feelings(language: str, heads: tuple[str, ...]) -> Labelled:
    """What was written for this language, by the feelings that are heard in it."""
    sets = [one for one in load("feeling_phrasings")["sets"] if one["language"] == language]
    rows = [(text, [head in one["feelings"] for head in heads]) for one in sets for text in one["texts"]]
    return Labelled([text for text, _ in rows], np.array([held for _, held in rows]))


def cold(folder: Path, split: str) -> Labelled:
    """Chinese posts, offensive or not."""
    rows = list(_table(folder / f"cold/{split}.csv"))
    return Labelled([row["TEXT"] for row in rows], np.array([[row["label"] == "1"] for row in rows]))


def davidson(folder: Path) -> Labelled:
    """English posts: hate, offensive, or neither."""
    rows = list(_table(folder / "davidson/labeled_data.csv"))
    return Labelled(
        [row["tweet"] for row in rows], np.array([[row["class"] == str(k) for k in range(3)] for row in rows])
    )


def massive(folder: Path, language: str, partition: str) -> list[str]:
    """Ordinary requests, the same in every language."""
    with (folder / f"massive/{MASSIVE[language]}.train_dev.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["utt"] for row in rows if row["partition"] == partition]


def encyclopedia(folder: Path, language: str) -> list[str]:
    """Sentences of an encyclopedia."""
    code = {"en": "eng_Latn", "fa": "pes_Arab", "hy": "hye_Armn", "zh-hans": "zho_Hans"}[language]
    with (folder / f"sib200/{code}/train.tsv").open(encoding="utf-8", newline="") as lines:
        return [row["text"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def conversations(folder: Path, split: str) -> list[str]:
    """What customers of six trades wrote, sentence by sentence."""
    texts = []
    for path in sorted(folder.glob(f"multidogo/splits_annotated_at_sentence_level/*/{split}.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            texts += [row["utterance"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return [text for text in texts if text]


def banking(folder: Path) -> list[str]:
    """What customers asked a bank."""
    return [row["text"] for row in _table(folder / "banking77/train.csv")]


def drama(folder: Path) -> list[str]:
    """Lines of Chinese television drama that are not said in a bad mood: in the others people do come to harm."""
    return [row["Utterance"] for row in _table(folder / "cped/valid_split.csv") if row["Sentiment"] != "negative"]


def wave(folder: Path) -> list[str]:
    """Contacts of a day of cancellations."""
    with (folder / "wave/cancellation-day.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def swear_words(folder: Path) -> list[str]:
    """Persian profanities."""
    words: list[str] = json.loads((folder / "persian_swear_words/data.json").read_text(encoding="utf-8"))["word"]
    return [word for word in words if re.search(r"\w", word)]
