"""Sentences made from the phrases of a lexicon, to train a head that also hears what is spelt or joined otherwise."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from pharos.engine.text.phrases import pieces

_LETTERS_TO_KEEP: Final = 4
_MARKS: Final = (", ", ". ", "! ", " ", "\n")
_HAN_MARKS: Final = ("，", "。", "！", " ", "")


class Maker:
    """Makes sentences; the same generator makes the same ones."""

    def __init__(self, lists: Mapping[str, Sequence[str]], ordinary: Sequence[str], rng: np.random.Generator) -> None:
        self._lists, self._ordinary, self._rng = lists, ordinary, rng

    def sentence(self, phrase: str, *, joined: bool) -> str:
        """One way to say a phrase, at times with ordinary words around it and a slip of the finger in it."""
        return self.among(self._say(phrase, joined=joined), joined=joined)

    def among(self, text: str, *, joined: bool) -> str:
        """A text, at times with ordinary words before or after it and a slip of the finger in it."""
        said = self._slip(text)
        marks = _HAN_MARKS if joined else _MARKS
        mark = marks[int(self._rng.integers(len(marks)))]
        chance = self._rng.random()
        if chance < 0.2:
            return f"{self._ordinary_text()}{mark}{said}"
        return f"{said}{mark}{self._ordinary_text()}" if chance < 0.4 else said

    def _ordinary_text(self) -> str:
        return self._ordinary[int(self._rng.integers(len(self._ordinary)))]

    def _say(self, phrase: str, *, joined: bool) -> str:
        words, _ = self._sequence(pieces(phrase), 0, joined=joined)
        return ("" if joined else " ").join(word for word in words if word)

    def _sequence(self, found: list[str], place: int, *, joined: bool) -> tuple[list[str], int]:
        """One of the ways up to the bracket that closes, and where that is."""
        ways: list[list[str]] = [[]]
        while place < len(found) and found[place] not in {")", "]"}:
            piece = found[place]
            place += 1
            if piece == "|":
                ways.append([])
            elif piece in {"(", "["}:
                inside, place = self._sequence(found, place, joined=joined)
                place += 1
                ways[-1] += inside if piece == "(" or self._rng.random() < 0.5 else []
            elif piece in {"..", "..."}:
                ways[-1] += self._between(joined=joined)
            elif piece.startswith("<"):
                forms = self._lists[piece[1:-1]]
                ways[-1].append(self._say(forms[int(self._rng.integers(len(forms)))], joined=joined))
            else:
                ways[-1].append(piece.strip("*"))
        return ways[int(self._rng.integers(len(ways)))], place

    def _between(self, *, joined: bool) -> list[str]:
        count = int(self._rng.integers(3))
        text = self._ordinary_text()
        return [text[:count]] if joined else text.split()[:count]

    def _slip(self, text: str) -> str:
        if len(text) <= _LETTERS_TO_KEEP or self._rng.random() > 0.25:
            return text
        place = int(self._rng.integers(1, len(text) - 1))
        if self._rng.random() < 0.5:
            return text[:place] + text[place + 1 :]
        return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
