"""What the trained heads of a language hear in texts, and in which words.

A head hears the mean of what it reads, so a long text is read in windows. Danger is heard in the words alone that are
not harmless ("my phone is dying"), and besides in every short stretch of them: among many calm sentences one that is
not calm must count.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pharos.engine.text.folding import Folded
from pharos.engine.text.lexicon import HAN, Reading
from pharos.engine.text.model import Language, Scores

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]

DANGER: Final = "danger"
_WINDOW: Final = 600
_WINDOWS: Final = 20
# The size of a short stretch, about that of the messages danger was learned from; at each half a new one begins.
_STRETCH: Final = 90
_STRETCH_HAN: Final = 30
# By how much, in logits, a short stretch must be above the limit: there are many of them.
_MORE: Final = 1.0
_WORDS_SHOWN: Final = 3
_WORD: Final = re.compile(r"\w+")
_RIVALS: Final = (("hate", "offensive", "civil"), ("ANGRY", "FEAR", "HAPPY", "OTHER", "SAD"))


class _Row(NamedTuple):
    """A stretch of one text as the heads read it, from `start` on: who listens, and what danger must have more."""

    start: int
    text: str
    cues: str
    danger: bool
    others: bool
    more: float = 0.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What the heads of a language make of one text: how likely each is, and which hold."""

    language: Language
    scores: Scores
    logits: Doubles
    rows: Sequence[_Row]
    first: int
    chances: Mapping[str, float]
    holding: frozenset[str]

    def words(self, name: str) -> list[tuple[int, int]]:
        """The stretches of the folded text that speak most for a head."""
        column = self.language.heads.index(name)
        best = int(np.argmax(self.logits[self.first : self.first + len(self.rows), column]))
        row = self.rows[best]
        blame = self.language.blame(self.scores, self.first + best, column)
        return _strongest(row.text, blame[: len(row.text)], row.start)


def hear(
    language: Language, decisions: Mapping[str, float], texts: Mapping[int, tuple[Folded, Reading]]
) -> dict[int, Heard]:
    """What the heads hear in each text of a language, by its number."""
    parts = [list(_rows(folded.text, found)) for folded, found in texts.values()]
    rows = [row for part in parts for row in part]
    starts = np.cumsum([0, *map(len, parts)])[:-1]
    scores = language.score([row.text + row.cues for row in rows])
    logits = _listened(language.heads, rows, scores)
    top = np.maximum.reduceat(logits, starts, axis=0)
    chances = 1 / (1 + np.exp(-top))
    heads, holding = language.heads, _holding(language.heads, decisions, top)
    return {
        number: Heard(
            language,
            scores,
            logits,
            part,
            int(first),
            dict(zip(heads, likely, strict=True)),
            frozenset(head for head, holds in zip(heads, held, strict=True) if holds),
        )
        for number, part, first, likely, held in zip(
            texts, parts, starts, chances.tolist(), holding.tolist(), strict=True
        )
    }


def _rows(text: str, found: Reading) -> Iterator[_Row]:
    """What is read of one text: windows for every head, and for danger what is left without harmless words."""
    bare = found.without_harmless(text[: _WINDOW * _WINDOWS])
    for start in range(0, max(len(bare), 1), _WINDOW):
        yield _Row(start, text[start : start + _WINDOW], found.cues, not found.masks, True)
        if found.masks:
            yield _Row(start, bare[start : start + _WINDOW], found.cues, True, False)
    size = _STRETCH_HAN if HAN.search(bare) else _STRETCH
    if 4 * len(bare) <= 5 * size:
        return
    for start in range(0, len(bare) - size // 2, size // 2):
        stretch = bare[start : start + size]
        yield _Row(start, stretch, found.cues_within(start, start + size), True, False, _MORE)


def _listened(heads: tuple[str, ...], rows: Sequence[_Row], scores: Scores) -> Doubles:
    """The logits of every head in the rows that it listens to."""
    bounded = np.clip(scores.probabilities.astype(np.float64), 1e-7, 1 - 1e-7)
    logits: Doubles = np.log(bounded / (1 - bounded))
    others = [column for column, head in enumerate(heads) if head != DANGER]
    logits[np.ix_([not row.others for row in rows], others)] = -np.inf
    if DANGER in heads:
        logits[:, heads.index(DANGER)] -= [row.more if row.danger else np.inf for row in rows]
    return logits


def _holding(heads: tuple[str, ...], decisions: Mapping[str, float], logits: Doubles) -> Bools:
    """Which heads hold: those above their own limit; of rivals, whichever is highest with its offset."""
    limits = np.array([decisions[head] for head in heads])
    holding: Bools = logits >= limits
    for rivals in _RIVALS:
        if set(rivals) <= set(heads):
            columns = [heads.index(rival) for rival in rivals]
            best = np.argmax(logits[:, columns] + limits[columns], axis=1)
            holding[:, columns] = best[:, None] == np.arange(len(columns))
    return holding


def _strongest(text: str, blame: NDArray[np.float32], offset: int) -> list[tuple[int, int]]:
    """Whole words with the most blame; of a run of Chinese, its characters with half of the most or more."""
    stretches = [(found.start(), found.end()) for found in _WORD.finditer(text)]
    if HAN.search(text):
        high = blame >= max(float(blame.max(initial=0)) / 2, 1e-9)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], high.astype(np.int8), [0]])))
        stretches = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    total = [float(blame[first:last].sum()) for first, last in stretches]
    best = sorted(range(len(total)), key=lambda number: -total[number])[:_WORDS_SHOWN]
    chosen = sorted(number for number in best if total[number] > 0 and total[number] >= total[best[0]] / 4)
    return [(stretches[number][0] + offset, stretches[number][1] + offset) for number in chosen]
