"""A mail as it was sent: kept beside its words where the page says more than they do."""

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Final

from pharos.channels.email.parse import Mail
from pharos.channels.email.parse_html import read_html

# Side by side, struck out, raised, marked: all that is lost when only the words are left.
SAYS_MORE: Final = re.compile(r'</t[dh]>\s*<t[dh][ >]|<(?:s|strike|del|ins|mark|sub|sup)>|<img [^>]*src="cid:')
LINK: Final = re.compile(r'<a [^>]*?href="([^"]+)"')
PICTURE: Final = re.compile(r' src="cid:([^"]*)"')
SCHEMES: Final = {"http", "https"}  # written out beside a link when a page becomes words
WORD: Final = re.compile(r"\w+")


def as_sent(mail: Mail, *, pictures: Mapping[str, str]) -> str:
    """The mail's safe HTML with each picture called by its token; blank where its text says all of it.

    `pictures`: the token of each picture that was kept, by its content id.
    """

    def named(match: re.Match[str]) -> str:
        token = pictures.get(unescape(match[1]))
        return f' src="cid:{escape(token)}"' if token else ""

    html = PICTURE.sub(named, mail.html)
    return html if html and _says_more(html, f"{mail.text}\n{mail.folded}") else ""


def _says_more(html: str, text: str) -> bool:
    if SAYS_MORE.search(html):
        return True
    if any(_target(link) not in text for link in LINK.findall(html)):
        return True
    return not set(WORD.findall(read_html(html).text)) <= SCHEMES.union(WORD.findall(text))


def _target(link: str) -> str:
    """Where a link leads, as somebody would write it."""
    return re.sub(r"^(?:https?://|mailto:|tel:)", "", unescape(link), flags=re.IGNORECASE).rstrip("/")
