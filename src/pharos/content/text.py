"""Text in four languages: choose one, fill its placeholders."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

LANGUAGES: tuple[str, ...] = ("en", "fa", "hy", "zh-hans")

Text: TypeAlias = Mapping[str, str]

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class ContentError(ValueError):
    """Shipped or operator-written content is not what its reader may rely on."""


class MissingValueError(ContentError):
    """A text asks for a value that nobody gave."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no value given for {{{name}}}")
        self.name = name


class Picked(NamedTuple):
    """A text and the language it is really in, so that a fallback can be shown as one."""

    text: str
    language: str


def known_language(tag: str | None) -> str:
    """The shipped language that serves an RFC 5646 tag; English for what we do not speak."""
    wanted = (tag or "").strip().lower().replace("_", "-")
    if wanted in LANGUAGES:
        return wanted
    primary = wanted.partition("-")[0]
    return next((language for language in LANGUAGES if language.partition("-")[0] == primary), "en")


def pick(texts: Mapping[str, str], language: str | None) -> Picked:
    """The text in the wanted language, else English, else the first that is written; says which. Blank if none is."""
    wanted = known_language(language)
    for candidate in (wanted, "en", *LANGUAGES, *texts):
        if texts.get(candidate, "").strip():
            return Picked(texts[candidate], candidate)
    return Picked("", wanted)


def placeholders(text: str) -> frozenset[str]:
    """The names in {braces} that a text needs."""
    return frozenset(_PLACEHOLDER.findall(text))


def fill(text: str, **values: str | int) -> str:
    """The text with every {name} replaced once, values never expanded again; MissingValueError if one is missing."""
    return "\n".join(_filled(line, values) for line in _lines(text))


def fill_lines(text: str, **values: str | int | None) -> str:
    """Like `fill`, but a line that needs a value given as empty or None is left out whole: for optional facts."""
    absent = {name for name, value in values.items() if value is None or value == ""}
    return "\n".join(_filled(line, values) for line in _lines(text) if absent.isdisjoint(line[1::2]))


@lru_cache(maxsize=1024)
def _lines(text: str) -> tuple[tuple[str, ...], ...]:
    """Each line taken apart once, for a text is filled for many people: words, a name, words, a name, words."""
    return tuple(tuple(_PLACEHOLDER.split(line)) for line in text.split("\n"))


def _filled(line: tuple[str, ...], values: Mapping[str, str | int | None]) -> str:
    pieces = list(line)
    for place in range(1, len(pieces), 2):
        value = values.get(pieces[place])
        if value is None:
            raise MissingValueError(pieces[place])
        pieces[place] = str(value)
    return "".join(pieces)


def same_placeholders(texts: Iterable[str]) -> bool:
    """Whether every text asks for the same values."""
    return len({placeholders(text) for text in texts}) <= 1
