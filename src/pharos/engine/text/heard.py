"""What the trained heads of a language hear in texts, and in which words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pharos.engine.text.features import Floats
from pharos.engine.text.folding import Folded
from pharos.engine.text.model import Language, Scores

# A head is sure when it is this much above its limit, in logits.
_SURER: Final = 2.0
_WINDOW: Final = 600
_WINDOWS: Final = 20
_WORDS_SHOWN: Final = 3
_WORD: Final = re.compile(r"\w+")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_RIVALS: Final = (("hate", "offensive", "civil"), ("ANGRY", "FEAR", "HAPPY", "OTHER", "SAD"))


@dataclass(frozen=True, slots=True)
class Heard:
    """What the heads of a language make of one text, of its likeliest window where it is long."""

    language: Language
    scores: Scores
    rows: range
    chances: Mapping[str, float]
    holding: frozenset[str]
    limits: Mapping[str, float]

    def is_sure(self, name: str) -> bool:
        """Whether a head is far above its limit."""
        return float(_logits(self.chances[name])) >= self.limits[name] + _SURER

    def words(self, name: str, folded: Folded) -> list[tuple[int, int]]:
        """The stretches of the folded text that speak most for a head."""
        column = self.language.heads.index(name)
        window = int(np.argmax(self.scores.probabilities[self.rows.start : self.rows.stop, column]))
        blame = self.language.blame(self.scores, self.rows.start + window, column)
        text = folded.text[window * _WINDOW : (window + 1) * _WINDOW]
        return _strongest(text, blame[: len(text)], window * _WINDOW)


def hear(language: Language, decisions: Mapping[str, float], texts: Mapping[int, tuple[str, str]]) -> dict[int, Heard]:
    """What the heads hear in each text of a language, by its number: folded text and what the lexicon found."""
    rows: list[str] = []
    places: list[range] = []
    for text, cues in texts.values():
        starts = range(0, max(len(text), 1), _WINDOW)[:_WINDOWS]
        places.append(range(len(rows), len(rows) + len(starts)))
        rows += [text[start : start + _WINDOW] + cues for start in starts]
    scores = language.score(rows)
    top = np.maximum.reduceat(scores.probabilities, [place.start for place in places], axis=0)
    holding = _holding(language.heads, decisions, top)
    heads = language.heads
    return {
        number: Heard(
            language,
            scores,
            place,
            dict(zip(heads, chances, strict=True)),
            frozenset(head for head, holds in zip(heads, held, strict=True) if holds),
            decisions,
        )
        for number, place, chances, held in zip(texts, places, top.tolist(), holding.tolist(), strict=True)
    }


def _logits(chances: Floats | float) -> NDArray[np.float64]:
    bounded = np.clip(np.asarray(chances, np.float64), 1e-7, 1 - 1e-7)
    return np.log(bounded / (1 - bounded))


def _holding(heads: tuple[str, ...], decisions: Mapping[str, float], chances: Floats) -> NDArray[np.bool_]:
    """Which heads hold: those above their own limit; of rivals, whichever is highest with its offset."""
    logits = _logits(chances)
    limits = np.array([decisions[head] for head in heads])
    holding: NDArray[np.bool_] = logits >= limits
    for rivals in _RIVALS:
        if set(rivals) <= set(heads):
            columns = [heads.index(rival) for rival in rivals]
            best = np.argmax(logits[:, columns] + limits[columns], axis=1)
            holding[:, columns] = best[:, None] == np.arange(len(columns))
    return holding


def _strongest(text: str, blame: NDArray[np.float32], offset: int) -> list[tuple[int, int]]:
    """Whole words with the most blame; of a run of Chinese, its characters with half of the most or more."""
    stretches = [(found.start(), found.end()) for found in _WORD.finditer(text)]
    if _HAN.search(text):
        high = blame >= max(float(blame.max(initial=0)) / 2, 1e-9)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], high.astype(np.int8), [0]])))
        stretches = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    total = [float(blame[first:last].sum()) for first, last in stretches]
    best = sorted(range(len(total)), key=lambda number: -total[number])[:_WORDS_SHOWN]
    chosen = sorted(number for number in best if total[number] > 0 and total[number] >= total[best[0]] / 4)
    return [(stretches[number][0] + offset, stretches[number][1] + offset) for number in chosen]
