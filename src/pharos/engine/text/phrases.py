"""Phrases as a lexicon writes them, compiled once; a text is compared only with phrases that share a word with it.

A phrase is words one after another, and may hold:

    (one|another)    either
    [word]           or without it
    word*  *word     a word that begins, or ends, so
    ..               up to four words in between; in Chinese up to six characters
    ...              up to nine words in between; in Chinese up to eighteen characters
    <name>           any form of a list of words
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from pharos.engine.text.folding import fold

_HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_WORD: Final = re.compile(r"\w+")
_PIECE: Final = re.compile(r"\.{2,3}|[()\[\]|]|<[a-z_]+>|[^\s()\[\]|<>.]+|\.")
_SINGLE: Final = re.compile(r"(\w+)(\*?)")
_ANY: Final = r"\w*"
_PREFIX: Final = 3
_GAPS: Final = {"..": r"(?:\w+\W+){0,4}?", "...": r"(?:\w+\W+){0,9}?"}
_HAN_GAPS: Final = {"..": r"[^,.!?;]{0,6}?", "...": r".{0,18}?"}


class PhraseError(ValueError):
    """A phrase that cannot be read."""


class Found(NamedTuple):
    """A phrase found in a folded text: whose it is, and where."""

    owner: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Part:
    """Part of a phrase: its expression, and keys of which every text that holds it has at least one."""

    expression: str
    keys: frozenset[str]


class _Pattern:
    """An expression, compiled when a text first shares a word with it: most never are."""

    __slots__ = ("_compiled", "_expression", "owner")

    def __init__(self, owner: int, expression: str) -> None:
        self.owner, self._expression = owner, expression
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> Iterator[tuple[int, int]]:
        """Every place of a folded text where it holds."""
        if self._compiled is None:
            self._compiled = re.compile(self._expression)
        return ((hit.start(), _end(text, hit)) for hit in self._compiled.finditer(text) if hit[0])


class _Literal:
    """A stretch of Chinese without any signs in it: found without an expression, and faster."""

    __slots__ = ("_literal", "owner")

    def __init__(self, owner: int, literal: str) -> None:
        self.owner, self._literal = owner, literal

    def search(self, text: str) -> Iterator[tuple[int, int]]:
        """Every place of a folded text where it stands."""
        place = text.find(self._literal)
        while place >= 0:
            yield place, place + len(self._literal)
            place = text.find(self._literal, place + len(self._literal))


class Phrases:
    """Many phrases, each with the number of its owner."""

    def __init__(self) -> None:
        self._by_key: dict[str, list[_Pattern | _Literal]] = {}
        # Single words and beginnings of words, which are most phrases of some categories.
        self._words: dict[str, list[int]] = {}
        self._beginnings: dict[str, list[tuple[str, int]]] = {}

    def add(self, owner: int, phrase: str, lists: Mapping[str, Sequence[str]] | None = None) -> None:
        """Another phrase, with the lists that it may name; PhraseError if it cannot be read."""
        part = _Reader(phrase, lists or {}).read()
        if not part.keys:
            raise PhraseError(f"{phrase!r} could be anything: it needs a whole word, or three letters of one")
        if not _is_han(phrase) and (single := _SINGLE.fullmatch(fold(phrase).text)):
            self._add_word(owner, single[1], begins=bool(single[2]))
            return
        plain = fold(phrase).text
        pattern: _Pattern | _Literal
        if _is_han(phrase) and _WORD.fullmatch(plain):
            pattern = _Literal(owner, plain)
        else:
            pattern = _Pattern(owner, part.expression if _is_han(phrase) else rf"(?<!\w){part.expression}")
        for key in part.keys:
            self._by_key.setdefault(key, []).append(pattern)

    def _add_word(self, owner: int, word: str, *, begins: bool) -> None:
        if begins:
            self._beginnings.setdefault(word[:_PREFIX], []).append((word, owner))
        else:
            self._words.setdefault(word, []).append(owner)

    def find(self, text: str) -> list[Found]:
        """Every phrase in a folded text, in order; a phrase may be there for several owners."""
        found: set[Found] = set()
        words = set()
        for hit in _WORD.finditer(text):
            word = hit[0]
            words.add(word)
            for owner in self._words.get(word, ()):
                found.add(Found(owner, hit.start(), hit.end()))
            for beginning, owner in self._beginnings.get(word[:_PREFIX], ()):
                if word.startswith(beginning):
                    found.add(Found(owner, hit.start(), hit.end()))
        for pattern in self._candidates(text, words):
            found.update(Found(pattern.owner, start, end) for start, end in pattern.search(text))
        return sorted(found, key=_order)

    def _candidates(self, text: str, words: set[str]) -> set["_Pattern | _Literal"]:
        keys = [*words, *(word[:_PREFIX] + "*" for word in words), *("*" + word[-_PREFIX:] for word in words)]
        if not text.isascii() and _HAN.search(text):
            keys += [*text, *map("".join, pairwise(text))]
        known = self._by_key.keys() & keys
        return {pattern for key in known for pattern in self._by_key[key]}


def _order(hit: Found) -> tuple[int, int, int]:
    return hit.start, hit.end, hit.owner


def pieces(phrase: str) -> list[str]:
    """The words and signs of a phrase."""
    return _PIECE.findall(phrase)


def _end(text: str, hit: re.Match[str]) -> int:
    end = hit.end()
    while end > hit.start() and not text[end - 1].isalnum():
        end -= 1
    return end if end > hit.start() else hit.end()


def _is_han(phrase: str) -> bool:
    return _HAN.search(phrase) is not None


class _Reader:
    """Reads one phrase. Each word takes along what separates it from the next, so parts can simply follow."""

    def __init__(self, phrase: str, lists: Mapping[str, Sequence[str]]) -> None:
        self.phrase, self.lists = phrase, lists
        self.pieces = pieces(phrase)
        self.place = 0
        self.han = _is_han(phrase)

    def read(self) -> _Part:
        """The whole phrase; PhraseError if its brackets do not match."""
        part = self._either()
        if self.place != len(self.pieces):
            raise PhraseError(f"{self.phrase!r}: a bracket is closed that was not opened")
        return part

    def _either(self) -> _Part:
        ways = [self._sequence()]
        while self._take() == "|":
            ways.append(self._sequence())
        self.place -= 1
        return either(ways)

    def _take(self) -> str:
        self.place += 1
        return self.pieces[self.place - 1] if self.place <= len(self.pieces) else ""

    def _sequence(self) -> _Part:
        expression, keys = "", frozenset[str]()
        while (piece := self._take()) not in {"|", ")", "]", ""}:
            part = self._part(piece)
            expression += part.expression
            keys = max(keys, part.keys, key=_rarity)
        self.place -= 1
        return _Part(expression, keys)

    def _part(self, piece: str) -> _Part:
        if piece in _GAPS:
            return _Part((_HAN_GAPS if self.han else _GAPS)[piece], frozenset())
        if piece in {"(", "["}:
            inside = self._either()
            if self._take() != {"(": ")", "[": "]"}[piece]:
                raise PhraseError(f"{self.phrase!r}: a bracket is open at the end")
            return inside if piece == "(" else _Part(f"(?:{inside.expression})?", frozenset())
        if piece.startswith("<"):
            return self._listed(piece[1:-1])
        return self._word(piece)

    def _listed(self, name: str) -> _Part:
        if name not in self.lists:
            raise PhraseError(f"{self.phrase!r}: there is no list {name!r}")
        return either([_Reader(form, self.lists).read() for form in self.lists[name]])

    def _word(self, piece: str) -> _Part:
        starts, ends = piece.startswith("*"), piece.endswith("*")
        word = fold(piece.strip("*")).text
        if self.han:
            return _Part(re.escape(word), frozenset({word[:2]}))
        expression = (_ANY if starts else "") + re.escape(word) + (_ANY if ends else "")
        closing = r"\b\W*" if ends or word[-1:].isalnum() else r"\s*"
        return _Part(expression + closing, _keys(word, starts=starts, ends=ends))


def _keys(word: str, *, starts: bool, ends: bool) -> frozenset[str]:
    whole = _WORD.findall(word)
    if not starts and (not ends or len(whole) > 1):
        return frozenset(whole[:1])
    if not ends and len(whole) > 1:
        return frozenset(whole[-1:])
    if len(word) < _PREFIX or (starts and ends):
        return frozenset()
    return frozenset({f"*{word[-_PREFIX:]}" if starts else f"{word[:_PREFIX]}*"})


def _rarity(keys: frozenset[str]) -> tuple[bool, int, int]:
    """Long keys and few of them send the fewest texts to a phrase."""
    return bool(keys), min((min(len(key), 6) for key in keys), default=0), -len(keys)


def either(ways: list[_Part]) -> _Part:
    """One of several parts."""
    if len(ways) == 1:
        return ways[0]
    keys = frozenset[str]().union(*(way.keys for way in ways)) if all(way.keys for way in ways) else frozenset[str]()
    return _Part(f"(?:{'|'.join(way.expression for way in ways)})", keys)
