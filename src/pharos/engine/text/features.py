"""Hashed features of many texts at once: words, their neighbours and runs of characters, by arithmetic on arrays.

Feature hashing: Weinberger et al. 2009. The hash is a polynomial over code points modulo 2^64; running sums make the
hash of every stretch a difference, so nothing is looked at twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
_Hashes = NDArray[np.uint64]

_BASE: Final = 0x9E3779B97F4A7C15
_BACK: Final = pow(_BASE, -1, 2**64)
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_SPACE: Final = 32


@dataclass(frozen=True, slots=True)
class Shape:
    """Which features a model reads, and how large its table is: 2^bits places for each of its two groups."""

    words: int
    characters: tuple[int, int]
    bits: int
    within_words: bool

    @property
    def places(self) -> int:
        """Size of the whole table."""
        return 2 << self.bits


@dataclass(frozen=True, slots=True)
class Features:
    """Of each feature found: the text it is in, its place in the table, and the stretch of all texts it covers."""

    texts: int
    row: Ints
    place: Ints
    start: Ints
    end: Ints
    offsets: Ints


def extract(texts: Sequence[str], shape: Shape) -> Features:
    """All features of folded texts, in order of text; one that comes twice in a text is there twice."""
    # A space before and after each text, so that words at its ends look like words inside.
    joined = " " + " ".join(f"{text} " for text in texts) if texts else ""
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    lengths = np.fromiter((len(text) + 2 for text in texts), dtype=np.int64, count=len(texts))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    owner = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    hashes = _Hasher(codes)
    found = [_word_runs(codes, owner, hashes, size, shape) for size in range(1, shape.words + 1)]
    low, high = shape.characters
    found += [_character_runs(codes, owner, hashes, size, shape) for size in range(low, high + 1)]
    row, place, start, end = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(row, kind="stable")
    return Features(len(texts), row[order], place[order], start[order], end[order], offsets)


class _Hasher:
    """The hash of any stretch of code points."""

    def __init__(self, codes: _Hashes) -> None:
        size = len(codes)
        powers = np.full(size, _BASE, dtype=np.uint64)
        backs = np.full(size + 1, _BACK, dtype=np.uint64)
        powers[:1] = 1
        backs[0] = 1
        self.sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum((codes + np.uint64(1)) * np.cumprod(powers))])
        self.backs = np.cumprod(backs)

    def places(self, start: Ints, end: Ints, salt: int, bits: int) -> Ints:
        mixed = (self.sums[end] - self.sums[start]) * self.backs[start] + np.uint64(salt * _BASE % 2**64)
        mixed ^= mixed >> np.uint64(32)
        mixed *= _MIX
        places: Ints = (mixed >> np.uint64(64 - bits)).astype(np.int64)
        return places


_Found = tuple[Ints, Ints, Ints, Ints]


def _word_runs(codes: _Hashes, owner: Ints, hashes: _Hasher, size: int, shape: Shape) -> _Found:
    starts, ends = words(codes)
    first, last = starts[: len(starts) - size + 1], ends[size - 1 :]
    inside = owner[first] == owner[last - 1] if len(first) else np.zeros(0, dtype=bool)
    first, last = first[inside], last[inside]
    return owner[first], hashes.places(first, last, size, shape.bits), first, last


def words(codes: _Hashes) -> tuple[Ints, Ints]:
    """Where words start and end: runs of letters and digits, and every other visible character by itself."""
    solid = _is_letter(codes)
    visible = codes != _SPACE
    before = np.concatenate([[False], solid[:-1]])
    after = np.concatenate([solid[1:], [False]])
    starts = np.flatnonzero(visible & ~(solid & before))
    ends = np.flatnonzero(visible & ~(solid & after)) + 1
    return starts, ends


def _is_letter(codes: _Hashes) -> NDArray[np.bool_]:
    ascii_letter = ((codes >= 97) & (codes <= 122)) | ((codes >= 48) & (codes <= 57)) | ((codes >= 65) & (codes <= 90))
    beyond = (codes >= 0xAA) & ~((codes >= 0x2000) & (codes <= 0x2BFF)) & (codes < 0x1F000)
    return ascii_letter | (beyond & ~np.isin(codes, _STOPS))


_STOPS: Final = np.array([ord(stop) for stop in "،؛؟٪»«·×÷՝։՞"], dtype=np.uint64)


def _character_runs(codes: _Hashes, owner: Ints, hashes: _Hasher, size: int, shape: Shape) -> _Found:
    first = np.arange(max(len(codes) - size + 1, 0), dtype=np.int64)
    last = first + size
    keep = owner[first] == owner[last - 1]
    space = codes == _SPACE
    if shape.within_words and size > 2:
        spaces = np.concatenate([[0], np.cumsum(space)])
        keep &= spaces[last - 1] == spaces[first + 1]
    if size == 1:
        keep &= ~space
    first, last = first[keep], last[keep]
    places = hashes.places(first, last, 64 + size, shape.bits) + (1 << shape.bits)
    return owner[first], places, first, last


@dataclass(frozen=True)
class Vocabulary:
    """The features that a model knows: their places in order, and how much each counts by its rarity."""

    shape: Shape
    places: Ints
    rarity: Floats

    @cached_property
    def _numbers(self) -> NDArray[np.int32]:
        """The number of the feature at each place of the table; -1 where none is known."""
        numbers = np.full(self.shape.places, -1, dtype=np.int32)
        numbers[self.places] = np.arange(len(self.places), dtype=np.int32)
        return numbers

    @cached_property
    def _first_of_characters(self) -> int:
        return int(np.searchsorted(self.places, 1 << self.shape.bits))

    def find(self, texts: Sequence[str]) -> Features:
        """The known features of folded texts; their places are their numbers here."""
        found = extract(texts, self.shape)
        numbers = self._numbers[found.place]
        known = np.flatnonzero(numbers >= 0)
        place = numbers[known].astype(np.int64)
        return Features(found.texts, found.row[known], place, found.start[known], found.end[known], found.offsets)

    def weigh(self, features: Features) -> tuple[Ints, Ints, Floats]:
        """Row, number and value of each different feature: rare ones count more, each group of a text has length 1."""
        keys = np.unique(features.row * len(self.places) + features.place)
        row, place = np.divmod(keys, max(len(self.places), 1))
        value = self.rarity[place]
        group = row * 2 + (place >= self._first_of_characters)
        length = np.sqrt(np.bincount(group, weights=value * value, minlength=2 * features.texts))
        return row, place, (value / np.maximum(length, 1e-6)[group]).astype(np.float32)
