"""Text as search compares it: words without case, marks and digits of one script, the same for all languages.

Chinese and Japanese put no spaces between words: there every two neighbouring characters are a word, so that what is
looked for is found wherever a sentence has it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

WORD_MAX: Final = 40  # characters; a longer run is cut, in texts and in questions alike
LETTERS: Final = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ە": "ه", "ة": "ه"}
)  # as one keyboard or another has them
LIGATURE: Final = ("եւ", "եվ")  # Armenian "and" in small letters, as its capitals are written
RUN: Final = re.compile(r"[^\W_]+")
UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


def words(text: str) -> Iterator[str]:
    """The words of a text, in its order; every character of an unspaced script also begins one."""
    for run, is_unspaced in _runs(text):
        if is_unspaced:
            yield from _pairs(run)
            yield run[-1]
        else:
            yield run[:WORD_MAX]


def asked(text: str) -> list[tuple[str, bool]]:
    """The words of a question, each once: all must be in a text; True: the word may go on there."""
    found: dict[str, bool] = {}
    for run, is_unspaced in _runs(text):
        if is_unspaced and len(run) > 1:
            found |= dict.fromkeys(_pairs(run), False)
        else:
            found[run[:WORD_MAX]] = True
    return list(found.items())


def document(texts: Iterable[str], *, most: int) -> str:
    """Every word of these texts once, with a space between, the first `most` of them."""
    found: dict[str, None] = {}
    for text in texts:
        for word in words(text):
            found[word] = None
            if len(found) == most:
                return " ".join(found)
    return " ".join(found)


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for run in RUN.findall(_plain(text)):
        at = 0
        for unspaced in UNSPACED.finditer(run):
            if before := run[at : unspaced.start()]:
                yield before, False
            yield unspaced[0], True
            at = unspaced.end()
        if rest := run[at:]:
            yield rest, False


def _pairs(run: str) -> Iterator[str]:
    return (run[place : place + 2] for place in range(len(run) - 1))


def _plain(text: str) -> str:
    """One spelling: compatible characters alike, no case, no marks, no joiners, ASCII digits."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(map(_letter, decomposed))).translate(LETTERS).replace(*LIGATURE)


def _letter(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return ""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
