"""The lexicon: which signals the phrases of a text speak of, and where."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from zlib import crc32

from pharos.engine.text.folding import Folded, fold
from pharos.engine.text.phrases import Found, Phrases

INTERRUPTS: Final = 5
HARMLESS: Final = "harmless"
# What is true of a person even when the words say the opposite: "without oxygen" is the alarm.
NEVER_NEGATED: Final = frozenset({"danger", HARMLESS})
_EQUIPMENT: Final = "medical_equipment"
_PRIVATE: Final = 0xE000
_PRIVATE_LETTERS: Final = 0x1900
_LONGEST: Final = 300
_WORDS_BEFORE: Final = 3
_WORD: Final = re.compile(r"\w+")
_CLAUSE: Final = re.compile(r"[.,!?;:()\n]")
HAN: Final = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Category:
    """Phrases of one meaning: what they speak of, how strongly, and what they suggest to a person."""

    code: str
    signal: str
    weight: int
    suggests: Mapping[str, str]

    @property
    def negatable(self) -> bool:
        """Whether "not" before a phrase takes its meaning away."""
        return self.signal not in NEVER_NEGATED and self.suggests.get("need") != _EQUIPMENT


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of a category, and where it lies in the folded text."""

    category: Category
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says, and where something in it sounds dangerous and is harmless."""

    hits: tuple[Hit, ...]
    masks: tuple[tuple[int, int], ...]

    @property
    def cues(self) -> str:
        """The categories found, as words that the trained heads see after the text: one private letter each."""
        return _cues(self.hits)

    def cues_but(self, signal: str) -> str:
        """The same without the categories of one signal."""
        return _cues(hit for hit in self.hits if hit.category.signal != signal)

    def cues_within(self, start: int, end: int) -> str:
        """The same of what lies in part of the text."""
        return _cues(hit for hit in self.hits if hit.start < end and start < hit.end)

    def without_harmless(self, text: str) -> str:
        """The folded text, or its beginning, with blanks for what is harmless: every other letter keeps its place."""
        for start, end in self.masks:
            blank = " " * (min(end, len(text)) - start)
            text = text[:start] + blank + text[end:] if blank else text
        return text


def _cues(hits: Iterable[Hit]) -> str:
    return "".join(sorted({f" {_letter(hit.category.code)}" for hit in hits}))


def _letter(code: str) -> str:
    return chr(_PRIVATE + crc32(code.encode()) % _PRIVATE_LETTERS)


class Lexicon:
    """The phrases of all languages, compiled once; a text may mix languages."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        rows = tree["categories"]
        self.categories = tuple(
            Category(row["code"], row["signal"], row["weight"], MappingProxyType(dict(row["suggests"]))) for row in rows
        )
        self._before = _negators(tree["negators"])
        self._phrases = Phrases()
        for language in tree["negators"]:
            lists = {row["code"]: row["forms"][language] for row in tree["words"]}
            for number, row in enumerate(rows):
                for phrase in row["phrases"][language]:
                    self._phrases.add(number, phrase, lists)

    def find(self, folded: Folded) -> Reading:
        """What the text says, without what is harmless or negated; of phrases inside one another the longest."""
        found = self._phrases.find(folded.text)
        masks = [hit for hit in found if self._is_mask(hit, folded.text)]
        starts = [mask.start for mask in masks]
        kept = [hit for hit in found if not self._is_taken_away(hit, masks, starts)]
        hits = [Hit(self.categories[hit.owner], hit.start, hit.end) for hit in _longest(kept)]
        said = (hit for hit in hits if not (hit.category.negatable and self._is_negated(folded.text, hit)))
        return Reading(tuple(said), tuple((mask.start, mask.end) for mask in masks))

    def _is_mask(self, hit: Found, text: str) -> bool:
        """Whether this takes danger away: "on the phone. I want to die" is no phone that dies, so within one clause."""
        return self.categories[hit.owner].signal == HARMLESS and not _CLAUSE.search(text, hit.start, hit.end)

    def _is_taken_away(self, hit: Found, masks: list[Found], starts: list[int]) -> bool:
        signal = self.categories[hit.owner].signal
        return signal == HARMLESS or (signal == "danger" and _is_masked(hit, masks, starts))

    def _is_negated(self, text: str, hit: Hit) -> bool:
        clause = _CLAUSE.split(text[max(hit.start - 60, 0) : hit.start])[-1]
        if HAN.match(text, hit.start):
            return any(negator in clause[-3:] for negator in self._before if HAN.match(negator))
        words = _WORD.findall(clause)[-_WORDS_BEFORE:]
        if text[hit.start] > "z":
            after = _WORD.findall(_CLAUSE.split(text[hit.end : hit.end + 20])[0])[:1]
            words = [*words[-1:], *after]
        return not self._before.isdisjoint(words) or " ".join(words[-2:]) in self._before


def _negators(negators: Mapping[str, Iterable[str]]) -> frozenset[str]:
    return frozenset(fold(negator).text for forms in negators.values() for negator in forms)


def _is_masked(hit: Found, masks: list[Found], starts: list[int]) -> bool:
    """Whether more than half of a phrase is part of a harmless one; masks are in order."""
    near = masks[bisect_left(starts, hit.start - _LONGEST) : bisect_left(starts, hit.end)]
    covers = (min(hit.end, mask.end) - max(hit.start, mask.start) for mask in near if _covers(mask, hit))
    return 2 * max(covers, default=0) > hit.end - hit.start


def _covers(mask: Found, hit: Found) -> bool:
    """Whether a harmless phrase explains another: not one that says more ("trapped in the station with smoke")."""
    return not (hit.start <= mask.start and mask.end <= hit.end and mask.end - mask.start < hit.end - hit.start)


def _longest(found: list[Found]) -> list[Found]:
    kept: list[Found] = []
    for hit in sorted(found, key=lambda one: (one.owner, one.start, -one.end)):
        if kept and kept[-1].owner == hit.owner and hit.end <= kept[-1].end:
            continue
        kept.append(hit)
    return kept
