"""How each language writes several things in a row."""

from collections.abc import Iterable
from typing import Final

from pharos.content.text import known_language

COMMA: Final = {"en": ", ", "fa": "، ", "hy": ", ", "zh-hans": "、"}
SEMICOLON: Final = {"en": "; ", "fa": "؛ ", "hy": "; ", "zh-hans": "；"}


def joined(items: Iterable[object], language: str) -> str:
    """Things in a row: "a, b, c"; what is empty is left out."""
    return COMMA[known_language(language)].join(filter(None, map(str, items)))


def clauses(items: Iterable[object], language: str) -> str:
    """Parts of a sentence that each stand alone: "a; b"; what is empty is left out."""
    return SEMICOLON[known_language(language)].join(filter(None, map(str, items)))
