"""The lexicon: which signals the phrases of a text speak of, and where."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pharos.engine.text.folding import Folded, fold
from pharos.engine.text.phrases import Found, Phrases

INTERRUPTS: Final = 5
HARMLESS: Final = "harmless"
# What is true of a person even when the words say the opposite: "without oxygen" is the alarm.
NEVER_NEGATED: Final = frozenset({"danger", HARMLESS})
_EQUIPMENT: Final = "medical_equipment"
_WORDS_BEFORE: Final = 3
_WORD: Final = re.compile(r"\w+")
_CLAUSE: Final = re.compile(r"[.,!?;:()\n]")
_HAN: Final = re.compile("[\u3400-\u9fff]")


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
    """What a text says, and whether something in it sounds dangerous and is harmless."""

    hits: tuple[Hit, ...]
    harmless: bool


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
        masks = [hit for hit in found if self.categories[hit.owner].signal == HARMLESS]
        kept = [hit for hit in found if not (self._is_dangerous(hit) and _is_masked(hit, masks)) and hit not in masks]
        hits = [Hit(self.categories[hit.owner], hit.start, hit.end) for hit in _longest(kept)]
        said = (hit for hit in hits if not (hit.category.negatable and self._is_negated(folded.text, hit)))
        return Reading(tuple(said), bool(masks))

    def _is_dangerous(self, hit: Found) -> bool:
        return self.categories[hit.owner].signal == "danger"

    def _is_negated(self, text: str, hit: Hit) -> bool:
        clause = _CLAUSE.split(text[max(hit.start - 60, 0) : hit.start])[-1]
        if _HAN.match(text, hit.start):
            return any(negator in clause[-3:] for negator in self._before if _HAN.match(negator))
        words = _WORD.findall(clause)[-_WORDS_BEFORE:]
        if text[hit.start] > "z":
            after = _WORD.findall(_CLAUSE.split(text[hit.end : hit.end + 20])[0])[:1]
            words = [*words[-1:], *after]
        return not self._before.isdisjoint(words) or " ".join(words[-2:]) in self._before


def _negators(negators: Mapping[str, Iterable[str]]) -> frozenset[str]:
    return frozenset(fold(negator).text for forms in negators.values() for negator in forms)


def _is_masked(hit: Found, masks: list[Found]) -> bool:
    """Whether more than half of a phrase is part of a harmless one."""
    shared = max((min(hit.end, mask.end) - max(hit.start, mask.start) for mask in masks), default=0)
    return 2 * shared > hit.end - hit.start


def _longest(found: list[Found]) -> list[Found]:
    kept: list[Found] = []
    for hit in sorted(found, key=lambda one: (one.owner, one.start, -one.end)):
        if kept and kept[-1].owner == hit.owner and hit.end <= kept[-1].end:
            continue
        kept.append(hit)
    return kept
