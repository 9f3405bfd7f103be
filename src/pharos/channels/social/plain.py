"""What somebody wrote on a social network, as plain words; and words of ours as such a network takes them."""

import re
from html.parser import HTMLParser
from typing import Final

from pharos import content

BLOCKS: Final = frozenset({"p", "div", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"})
SILENT: Final = frozenset({"script", "style", "template"})
GAP: Final = re.compile(r"\n{3,}")
TOKENS: Final = re.compile(r"\s+|\S+")
# A name after an @ that a network would take for somebody to be told; addresses of mail and pages are none.
NAMES_SOMEBODY: Final = re.compile(r"(?<![\w/=])@(?=\w)")
UNNAMED: Final = "@\u200b"  # reads the same and names nobody


class _Words(HTMLParser):
    """Collects the words of a post; a link is its whole address, however the network has shortened it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._in_link = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            self._link(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            self._in_link = max(0, self._in_link - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent and not self._in_link:
            self.parts.append(data)

    def _link(self, attributes: dict[str, str | None]) -> None:
        target, classes = attributes.get("href") or "", (attributes.get("class") or "").split()
        if target.startswith(("http://", "https://")) and not {"mention", "hashtag"} & set(classes):
            self.parts.append(target)
            self._in_link += 1


def words(html: str) -> str:
    """The words of a post that came as HTML, with its paragraphs and whole links."""
    collected = _Words()
    collected.feed(clean(html))
    collected.close()
    lines = (line.strip() for line in "".join(collected.parts).splitlines())
    return GAP.sub("\n\n", "\n".join(lines)).strip()


def clean(text: str) -> str:
    """Text that every database takes: without NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def language_of(tag: str) -> str:
    """The language of ours that a network's tag means; blank for another or none."""
    known = content.known_language(tag)
    return known if tag.strip().lower().replace("_", "-").partition("-")[0] == known.partition("-")[0] else ""


def without_own_name(text: str, handle: str) -> str:
    """The words without our own handle at their beginning."""
    user, _, host = handle.strip().lstrip("@").partition("@")
    begins = re.compile(rf"^@{re.escape(user)}(@{re.escape(host)})?(?![\w@])[\s,:]*", re.IGNORECASE)
    rest = text
    while (shorter := begins.sub("", rest, count=1)) != rest:
        rest = shorter
    return rest


def naming_nobody(text: str) -> str:
    """Our words so that nobody but the one they are for is told of them, whatever names stand in them."""
    return NAMES_SOMEBODY.sub(UNNAMED, text)


def parts(text: str, *, most: int) -> list[str]:
    """A text in parts of at most `most` characters, cut between words and numbered when there are several."""
    text = text.strip()
    if len(text) <= most:
        return [text]
    cut = _cut(text, most - len(" (99/99)"))
    return [f"{part} ({number}/{len(cut)})" for number, part in enumerate(cut, 1)]


def _cut(text: str, most: int) -> list[str]:
    found, now = [], ""
    for token in TOKENS.findall(text):
        for piece in (token[at : at + most] for at in range(0, len(token), most)):
            if len(now) + len(piece) > most and now.strip():
                found.append(now.strip())
                now = ""
            now += piece
    return [*found, now.strip()] if now.strip() else found
