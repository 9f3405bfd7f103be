"""HTML of strangers, twice: safe to show, and as plain text.

Parsers that build a tree take a minute for some hundred kilobytes made to hurt them. So the source first becomes flat,
balanced and shallow by one pass over it; nh3 then vouches that nothing in it acts or loads.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Final, NamedTuple

import nh3

from pharos.channels.email.parse_plain import Writer

SOURCE_MOST: Final = 400_000  # characters; the rest is not shown
SHOWN_MOST: Final = 800_000
DEEPEST: Final = 64
FAILURES: Final = 50  # tags with an open quotation mark, after which quotation marks count for nothing
TAG: Final = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30}+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
SIMPLE_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30}+)([^<>]*+)>")
DECLARATION: Final = re.compile(r"<[!?/][^<>]*+>")
ATTRIBUTE: Final = re.compile(
    r"""(?<![\w:-])([a-zA-Z][\w:-]{0,40}+)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]{1,2000}))"""
)
DATA_IMAGE: Final = re.compile(r"data:(image/[a-z.+-]{1,20});base64,([A-Za-z0-9+/=\s]{1,20000000}+)", re.IGNORECASE)
RTL: Final = re.compile(r"direction\s{0,9}:\s{0,9}(rtl|ltr)", re.IGNORECASE)
UNFRAMED: Final = re.compile(r"border\s{0,9}:\s{0,9}(?:none|0)", re.IGNORECASE)
LINK: Final = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
EMPTY: Final = frozenset({"br", "hr", "img", "col"})
SKIPPED: Final = frozenset({"script", "style", "title", "xmp", "template", "noembed", "noframes"})
DIVISIONS: Final = frozenset({
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
    "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
KEPT: Final = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd",
    "del", "dfn", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li",
    "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
})  # fmt: skip
SPACED: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
# What ends by itself when one of these begins, as far up as the second.
CLOSES: Final = {
    "li": ({"li"}, {"ul", "ol"}),
    "tr": ({"tr"}, {"table"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
}
ATTRIBUTES: Final = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}


class Shown(NamedTuple):
    """A page as text, as safe HTML, and the images that stood in it as data: media type and base64."""

    text: str
    html: str
    images: tuple[tuple[str, str], ...]


def read_html(source: str, *, images_before: int = 0) -> Shown:
    """Both readings of a page. An image that stood in it as data is now called `cid:data-1` and so on."""
    images: list[tuple[str, str]] = []

    def taken(match: re.Match[str]) -> str:
        images.append((match[1].lower(), match[2]))
        return f"cid:data-{images_before + len(images)}"

    page = _Page()
    page.read(DATA_IMAGE.sub(taken, source)[:SOURCE_MOST])
    return Shown(page.words.text(), clean("".join(page.out)), tuple(images))


def clean(html: str) -> str:
    """HTML that does nothing and loads nothing. What is not balanced and shallow must not come here."""
    return nh3.clean(
        html,
        tags=set(KEPT),
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


def from_text(text: str) -> str:
    """The same words as HTML."""
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n") if part.strip())


def _attribute(tag: str, name: str, value: str) -> str | None:
    is_cid = value.strip().lower().startswith("cid:")
    if name in {"src", "href"}:
        return value if is_cid == (tag == "img") else None
    return value


class _Page:
    """One pass: `out` gets tags that are balanced and never deeper than `DEEPEST`, `words` the text."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.words = Writer()
        self._open: list[str] = []
        self._links: list[str] = []
        self._size = 0

    def read(self, source: str) -> None:
        """Take in the page."""
        for tag, closes, said in _tokens(source):
            if self._size > SHOWN_MOST:
                break
            if not tag:
                shown = unescape(said).replace("\x00", "")
                self._out(escape(shown))
                self.words.say(shown)
            elif closes:
                self._end(tag)
            else:
                self._begin(tag, said)
        while self._open:
            self._close()

    def _out(self, html: str) -> None:
        self.out.append(html)
        self._size += len(html)

    def _begin(self, tag: str, said: str) -> None:
        if tag in DIVISIONS:
            if tag not in {"p", "hr"} or self._open[-1:] == ["p"]:
                self._end_near({"p"}, {"td", "th", "table", "li", "blockquote", "div"})
            self.words.divide(2 if tag in SPACED else 1)
        if tag in CLOSES:
            self._end_near(*CLOSES[tag])
        has = _attributes(said)
        self._say_start(tag, has)
        if tag not in KEPT or (len(self._open) >= DEEPEST and tag not in EMPTY):
            return
        self._out(f"<{tag}{_written(tag, has)}>")
        if tag not in EMPTY:
            self._open.append(tag)
            self._links.append(has.get("href", "") if tag == "a" else "")
            if tag == "blockquote" and not UNFRAMED.search(has.get("style", "")):
                self.words.quotes += 1
                self._links[-1] = ">"

    def _say_start(self, tag: str, has: dict[str, str]) -> None:
        if tag == "br":
            self.words.divide(0)
        elif tag == "li":
            self.words.say("- ")
        elif tag in {"td", "th"}:
            self.words.say(" ")
        elif tag == "img":
            self.words.say(has.get("alt", "")[:500])
        elif tag == "pre":
            self.words.kept += 1

    def _end(self, tag: str) -> None:
        if tag in self._open:
            while self._open[-1] != tag:
                self._close()
            self._close()
        elif tag == "p":
            self.words.divide(2)

    def _end_near(self, tags: set[str], within: set[str]) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at] in tags:
                while len(self._open) > at:
                    self._close()
                return
            if self._open[at] in within:
                return

    def _close(self) -> None:
        tag, link = self._open.pop(), self._links.pop()
        self._out(f"</{tag}>")
        if tag == "a" and link[:4].lower() == "http":
            self.words.link(unescape(link))
        if tag == "pre":
            self.words.kept -= 1
        if tag in DIVISIONS:
            self.words.divide(2 if tag in SPACED else 1)
        if link == ">":
            self.words.quotes -= 1


def _tokens(source: str) -> Iterator[tuple[str, bool, str]]:
    """Tag, whether it ends one, its attributes; for text a blank tag and the text.

    Each byte is looked at a few times at most, whatever the source.
    """
    at, failures = 0, 0
    unclosed: set[str] = set()  # what is not ended any more from here on
    while at < len(source):
        start = source.find("<", at)
        if start < 0:
            yield "", False, source[at:]
            return
        if start > at:
            yield "", False, source[at:start]
        match = (TAG if failures < FAILURES else SIMPLE_TAG).match(source, start)
        if match:
            tag, at = match[2].lower(), match.end()
            if tag in SKIPPED and not match[1] and tag not in unclosed:
                ends = re.compile(f"</{tag}", re.IGNORECASE).search(source, at)
                unclosed |= set() if ends else {tag}
                at = ends.start() if ends else at
            elif tag not in SKIPPED:
                yield tag, bool(match[1]), match[3]
        elif source.startswith("<!--", start) and "-->" not in unclosed:
            end = source.find("-->", start + 2)
            unclosed |= {"-->"} if end < 0 else set()
            at = end + 3 if end >= 0 else start + 4
        elif declaration := DECLARATION.match(source, start):
            at = declaration.end()
        else:
            failures += 1
            yield "", False, "<"
            at = start + 1


def _attributes(said: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in ATTRIBUTE.findall(said[:8000]):
        found.setdefault(name.lower(), double or single or bare)
    return found


def _written(tag: str, has: dict[str, str]) -> str:
    """The attributes that stay. A direction that the style gave becomes one that needs no style."""
    kept = {name: has[name] for name in sorted(ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set())) if name in has}
    if "dir" not in kept and (turned := RTL.search(has.get("style", ""))):
        kept["dir"] = turned[1].lower()
    values = {name: unescape(value).strip() for name, value in kept.items()}
    if tag == "a" and not LINK.match(values.get("href", "")):
        values.pop("href", None)
    if tag == "img" and not values.get("src", "").lower().startswith("cid:"):
        values.pop("src", None)
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items())
