"""Find the messages to translate in Python modules and in templates."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.extract import extract
from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace
from django.utils.translation.template import constant_re

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg"}
COMMENT = "Translators:"

Text = str | tuple[str, str]


class Found(NamedTuple):
    """One message in the code. A pair is a singular and its plural."""

    text: Text
    context: str | None
    comments: list[str]


def in_file(path: Path) -> Iterator[Found]:
    """Yield the messages of one file; a file that is neither a module nor a template has none."""
    if path.suffix == ".py":
        return in_python(path.read_bytes())
    if path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
        return in_template(path.read_text())
    return iter(())


def in_python(code: bytes) -> Iterator[Found]:
    """Yield the messages of one module."""
    for _line, text, comments, context in extract("python", io.BytesIO(code), KEYWORDS, [COMMENT]):
        yield Found(text if isinstance(text, str) else (text[0], text[1]), context, comments)


def in_template(code: str) -> Iterator[Found]:
    """Yield the messages of one template: translate, blocktranslate and `_("…")` inside any tag."""
    tokens = iter(Lexer(code).tokenize())
    comments: list[str] = []
    for token in tokens:
        if token.token_type is TokenType.COMMENT and token.contents.startswith(COMMENT):
            comments = [token.contents]
            continue
        if token.token_type in {TokenType.COMMENT, TokenType.TEXT}:
            continue
        words = list(smart_split(token.contents))
        if token.token_type is TokenType.BLOCK and words[0] == "comment":
            _skip_to(tokens, "endcomment")
        elif token.token_type is TokenType.BLOCK and words[0] in {"blocktranslate", "blocktrans"}:
            yield _block(tokens, words, comments)
        elif token.token_type is TokenType.BLOCK and words[0] in {"translate", "trans"} and words[1][0] in "\"'":
            yield Found(_doubled(_literal(words[1])), _context(words), comments)
        for constant in constant_re.findall(token.contents):
            yield Found(_doubled(constant[1:-1]), None, comments)
        comments = []


def _skip_to(tokens: Iterator[Token], end: str) -> list[Token]:
    skipped = []
    for token in tokens:
        if token.token_type is TokenType.BLOCK and token.contents.split()[0] == end:
            break
        skipped.append(token)
    return skipped


def _block(tokens: Iterator[Token], words: list[str], comments: list[str]) -> Found:
    inside = _skip_to(tokens, f"end{words[0]}")
    forms = [""]
    for token in inside:
        if token.token_type is TokenType.BLOCK:
            forms.append("")
        else:
            is_text = token.token_type is TokenType.TEXT
            forms[-1] += _doubled(token.contents) if is_text else f"%({token.contents})s"
    if "trimmed" in words:
        forms = [trim_whitespace(form) for form in forms]
    return Found(forms[0] if len(forms) == 1 else (forms[0], forms[1]), _context(words), comments)


def _literal(word: str) -> str:
    """Return the text of a quoted word, which filters may follow."""
    return word[1 : word.index(word[0], 1)]


def _doubled(text: str) -> str:
    """Return a template's text as Django looks it up: a percent sign is doubled."""
    return text.replace("%", "%%")


def _context(words: list[str]) -> str | None:
    return _literal(words[words.index("context") + 1]) if "context" in words else None
