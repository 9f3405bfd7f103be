"""What a header says, as one safe line: words in any encoding, addresses, ids, dates and the names of files."""

import binascii
import re
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from pharos.channels.email.parse_charsets import text
from pharos.channels.email.parse_mime import Part

SUBJECT_MOST: Final = 300
NAME_MOST: Final = 200
ID_MOST: Final = 255
MOST_IDS: Final = 100
MOST_ADDRESSES: Final = 100
ADDRESS_MOST: Final = 320
FIELD_MOST: Final = 8 * 2**10
ENCODED: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=")
BETWEEN: Final = re.compile(r"(\?=)[ \t\r\n]{1,80}(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
ADDRESS: Final = re.compile(r"[^\s@<>()\[\]\",;:\\]{1,64}@[^\s@<>()\[\]\",;:\\]{1,255}")
ID: Final = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,253}>")
# Line breaks, control characters, and the marks that turn the direction of all that follows.
UNSAFE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]+")


class Written(NamedTuple):
    """An address as a header has it; `name` may be blank."""

    address: str
    name: str


def line(said: str) -> str:
    """One line, without what could break it or turn it round."""
    return UNSAFE.sub(" ", said).strip()


def words(said: str) -> str:
    """A header's text: encoded words decoded (RFC 2047), raw bytes too, on one line."""
    said = BETWEEN.sub(r"\1", said[:FIELD_MOST])
    out: list[str] = []
    held, charset = b"", ""
    at = 0
    for match in ENCODED.finditer(said):
        between = said[at : match.start()]
        named = match[1].partition("*")[0].lower()
        if between or named != charset:  # a letter may be split over two words of one charset
            out.append(text(held, charset))
            held = b""
        out.append(_plain(between))
        held, charset = held + _word(match), named
        at = match.end()
    return line("".join([*out, text(held, charset), _plain(said[at:])]))


def addresses(values: list[str]) -> list[Written]:
    """All addresses of these headers, the domain in lower case; what is no address is left out."""
    found = []
    for name, spec in _listed([value[:FIELD_MOST] for value in values]):
        match = ADDRESS.search(_plain(spec)) or ADDRESS.search(words(name))
        if match and len(match[0]) <= ADDRESS_MOST:
            local, _, domain = line(match[0]).rpartition("@")
            shown = words(name).strip("\"' ")
            found.append(Written(f"{local}@{domain.lower().rstrip('.')}", shown[:NAME_MOST]))
    return list(dict.fromkeys(found))[:MOST_ADDRESSES]


def ids(*values: str) -> tuple[str, ...]:
    """All ids of mails in these headers, in order and once."""
    found = [one for value in values for one in ID.findall(re.sub(r"\s+", " ", value))]
    return tuple(dict.fromkeys(one for one in found if "@" in one or "." in one))[-MOST_IDS:]


def date(said: str) -> datetime | None:
    """The time a header gives, in UTC; None when it gives none."""
    try:
        found = parsedate_to_datetime(line(said)[:200])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None


def file_name(part: Part) -> str:
    """The name a file came with, by either header and in any of the ways to write it; blank when it has none."""
    for header, name in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        said = part.param(name, header=header) if len(part.get(header)) <= FIELD_MOST else ""
        if isinstance(said, tuple):
            found = text(said[2].encode("latin-1", "replace"), said[0] or "")
        else:
            found = words(unquote(said)).strip('"')
        if shown := line(found).replace("\\", "/").rpartition("/")[2]:
            return shown[:NAME_MOST]
    return ""


def charset(part: Part) -> str:
    """The charset a part declares, or blank."""
    said = part.param("charset") if len(part.get("Content-Type")) <= FIELD_MOST else ""
    return line(said[2] if isinstance(said, tuple) else said).strip("\"'")


def content_id(part: Part) -> str:
    """How an HTML part calls this one, without brackets."""
    return line(_plain(part.get("Content-ID"))).strip("<> ")[:ID_MOST]


def unquote(said: str) -> str:
    """Without the quotation marks of RFC 5322; a name in percent signs as browsers send it is read as well."""
    bare = said.replace('\\"', '"').replace("\\\\", "\\")
    if re.search(r"(?:%[0-9A-Fa-f]{2}){2}", bare):
        return text(unquote_to_bytes(bare.encode("utf-8", "surrogateescape")))
    return bare


def _plain(said: str) -> str:
    """Text in which raw bytes stand as surrogates."""
    return said if said.isascii() else text(said.encode("utf-8", "surrogateescape"))


def _word(match: re.Match[str]) -> bytes:
    raw = match[3].encode("utf-8", "surrogateescape")
    if match[2] in "qQ":
        return re.sub(rb"=([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), raw.replace(b"_", b" "))
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _listed(values: list[str]) -> list[tuple[str, str]]:
    try:
        return getaddresses(values)
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        return [("", match[0]) for value in values for match in ADDRESS.finditer(value)]
