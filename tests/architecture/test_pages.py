import re
from html.parser import HTMLParser

import pytest
from django.template.base import Lexer, TokenType

from tests.architecture import source

SPOKEN = {"alt", "aria-description", "aria-label", "aria-roledescription", "placeholder", "title"}
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {"Pharos"}
SILENT = {"code", "kbd", "samp", "script", "style"}  # not spoken language
DATA = {"application/json", "application/ld+json"}  # scripts that are not run
NOT_TEXT = re.compile(r"(class|attributes|referrer)$")  # blocks that fill an attribute
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)


def name(path) -> str:
    return str(path.relative_to(source.PACKAGE))


def without_tags(code: str) -> str:
    """The template's own words: what is translated or filled in is left out."""
    kept, inside = [], False
    for token in Lexer(code).tokenize():
        word = token.contents.split()[0] if token.token_type is TokenType.BLOCK and token.contents else ""
        if word in {"blocktranslate", "blocktrans", "comment"} or (word == "block" and NOT_TEXT.search(token.contents)):
            inside = True
        elif word in {"endblocktranslate", "endblocktrans", "endcomment", "endblock"}:
            inside = False
        elif token.token_type is TokenType.TEXT and not inside:
            kept.append(token.contents)
        elif token.token_type in {TokenType.VAR, TokenType.BLOCK}:
            kept.append("0" if token.token_type is TokenType.VAR else "\n" * token.contents.count("\n"))
    return "".join(kept)


class Page(HTMLParser):
    """Gathers what is wrong with one template."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.untranslated: list[str] = []
        self.inline: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.silent += tag in SILENT
        if tag == "style" or (tag == "script" and "src" not in values and values.get("type") not in DATA):
            self.inline.append(f"<{tag}>")
        for key, value in attributes:
            if key == "style" or key.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.inline.append(f"{key}={value}")
            if key in SPOKEN:
                self.say(value or "")

    def handle_endtag(self, tag):
        self.silent -= tag in SILENT

    def handle_data(self, data):
        if not self.silent:
            self.say(data)

    def say(self, text):
        if set(WORD.findall(text)) - NAMES:
            self.untranslated.append(" ".join(text.split())[:60])


def read(path) -> Page:
    page = Page()
    page.feed(without_tags(path.read_text()))
    page.close()
    return page


@pytest.mark.parametrize(
    "path", [path for path in source.files("templates", ".html") if "gallery" not in path.name], ids=name
)
def test_every_visible_word_is_translated(path):
    assert read(path).untranslated == []


@pytest.mark.parametrize("path", source.files("templates", ".html", ".svg"), ids=name)
def test_nothing_is_inline_that_the_content_policy_refuses(path):
    assert read(path).inline == []


@pytest.mark.parametrize("path", source.files("static", ".css"), ids=name)
def test_styles_work_in_both_directions(path):
    code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert PHYSICAL.findall(code) == []


@pytest.mark.parametrize("path", source.files("static", ".css", ".js", ".svg"), ids=name)
def test_nothing_is_loaded_from_elsewhere(path):
    code = path.read_text().replace("http://www.w3.org/", "")
    assert re.findall(r"https?://[^\s\"')]+", code) == []
