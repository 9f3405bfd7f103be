"""A MIME message taken apart: bounded in depth and number of parts, and never stopped by what is broken in it.

The bytes stay one buffer; a part knows where it begins and ends, so that nesting costs no copies.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import Message
from email.policy import Compat32
from quopri import decodestring
from typing import Any, Final

from pharos.channels.email.parse_errors import Unreadable

DEEPEST: Final = 24  # what is nested deeper is shown as the text it is
MOST_PARTS: Final = 1000
MOST_FIELDS: Final = 2000
LONGEST_FIELD: Final = 32 * 2**10  # characters; what is longer is cut
ENCLOSED: Final = frozenset({"message/rfc822", "message/global", "message/news"})
FIELD: Final = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,200})[ \t]*:")
SNIFFED: Final = re.compile(rb"(?:\A|\n)--([^\s][^\r\n]{0,200}?)[ \t]*\n(?=[Cc]ontent-[-A-Za-z]{1,40}:)")
KIND: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")


class _AsItCame(Compat32):
    """Gives header values as they came: raw bytes stand in them as surrogates."""

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        return value


POLICY: Final = _AsItCame()


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `head` has the header; its values may hold surrogates and line breaks."""

    head: Message
    raw: bytes
    start: int  # of the body
    end: int
    parts: tuple["Part", ...] = ()
    kind: str = "text/plain"  # media type in lower case

    @property
    def content(self) -> bytes:
        """The body without its transfer encoding."""
        return _decoded(self.raw[self.start : self.end], self.encoding)

    @property
    def encoding(self) -> str:
        """The transfer encoding by its name in lower case."""
        return _token(self.get("Content-Transfer-Encoding"))

    @property
    def disposition(self) -> str:
        """inline, attachment or blank."""
        return _token(self.get("Content-Disposition"))

    def get(self, name: str) -> str:
        """The first header of this name, or blank."""
        return str(self.head.get(name, ""))

    def every(self, name: str) -> list[str]:
        """All headers of this name."""
        return [str(value) for value in self.head.get_all(name, [])]

    def param(self, name: str, *, header: str = "Content-Type") -> str | tuple[str | None, str | None, str]:
        """A parameter of a header; in three when it came as RFC 2231 has it."""
        return self.head.get_param(name, "", header=header) or ""

    def walk(self, *, enclosed: bool = True) -> Iterator["Part"]:
        """This part and all within, in order; with or without what is in mails that it encloses."""
        yield self
        for part in self.parts if enclosed or self.kind not in ENCLOSED else ():
            yield from part.walk(enclosed=enclosed)


@dataclass(slots=True)
class _Budget:
    left: int = MOST_PARTS

    def take(self) -> None:
        """Count one part; `Unreadable` when there are too many."""
        self.left -= 1
        if self.left < 0:
            raise Unreadable("too many parts")


def take_apart(raw: bytes) -> Part:
    """The whole message as a tree. `Unreadable` when it has more parts than any mail."""
    return _Knife(raw.lstrip(b"\r\n"), _Budget()).part(depth=0)


class _Knife:
    """Cuts one buffer. `budget` counts the parts of all buffers of a mail."""

    def __init__(self, raw: bytes, budget: _Budget) -> None:
        self.raw = raw.replace(b"\r\n", b"\n") if b"\n" in raw else raw.replace(b"\r", b"\n")
        self.budget = budget

    def part(self, span: tuple[int, int] | None = None, *, depth: int, usual: str = "text/plain") -> Part:
        """The part from here to there, with all within it. `usual`: its media type when it does not say."""
        self.budget.take()
        start, end = span or (0, len(self.raw))
        head, body = _head(self.raw, start, end)
        part = Part(head, self.raw, body, end, kind=_kind(head, usual))
        if depth >= DEEPEST:
            return replace(part, kind="text/plain")
        if part.kind.startswith("multipart/"):
            return self._multipart(part, depth)
        if part.kind in ENCLOSED:
            knife, within = self._inside(part)
            return replace(part, parts=(knife.part(within, depth=depth + 1),))
        return part

    def _multipart(self, part: Part, depth: int) -> Part:
        knife, (start, end) = self._inside(part)
        boundary = _boundary(part, knife.raw, start, end)
        pieces = _pieces(knife.raw, start, end, boundary) if boundary else []
        if not pieces:
            return replace(part, kind=_looks(part.content[:1000]))
        usual = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        return replace(part, parts=tuple(knife.part(span, depth=depth + 1, usual=usual) for span in pieces))

    def _inside(self, part: Part) -> tuple["_Knife", tuple[int, int]]:
        """Where to cut on. What holds parts may not be encoded as a whole; some programmes do it all the same."""
        if part.encoding not in {"base64", "quoted-printable"} or self.raw.startswith(b"--", part.start):
            return self, (part.start, part.end)
        knife = _Knife(part.content, self.budget)
        return knife, (0, len(knife.raw))


def _boundary(part: Part, raw: bytes, body: int, end: int) -> bytes:
    """The boundary that the header names when the body has it, else the one that the body seems to use."""
    said = part.param("boundary")
    named = (said[2] if isinstance(said, tuple) else said).strip().encode("utf-8", "surrogateescape")[:1000]
    if named and _found(raw, body, end, named):
        return named
    sniffed = SNIFFED.search(raw, max(body - 1, 0), min(end, body + 64 * 2**10))
    return sniffed[1] if sniffed else b""


def _found(raw: bytes, body: int, end: int, boundary: bytes) -> bool:
    return raw.startswith(b"--" + boundary, body) or raw.find(b"\n--" + boundary, body, end) >= 0


def _pieces(raw: bytes, body: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
    """Where the parts are. A last boundary that is missing ends nothing too early; one too many neither."""
    marks: list[
        tuple[int, int, bool]
    ] = []  # (where the line begins, where the next begins, whether it ends the last part)
    needle = b"--" + boundary
    at = body if raw.startswith(needle, body) else _next(raw, needle, body, end)
    while at >= 0 and len(marks) <= MOST_PARTS + 1:
        stop = raw.find(b"\n", at, end)
        stop = end if stop < 0 else stop
        rest = raw[at + len(needle) : min(stop, at + len(needle) + 80)].strip()
        if rest in {b"", b"--"}:
            marks.append((at, min(stop + 1, end), rest == b"--"))
        at = _next(raw, needle, max(stop, at + 1) if rest not in {b"", b"--"} else stop, end)
    ends = [begin - 1 for begin, _, _ in marks[1:]] + [end]
    return [(first, max(first, last)) for (_, first, closes), last in zip(marks, ends, strict=True) if not closes]


def _next(raw: bytes, needle: bytes, start: int, end: int) -> int:
    found = raw.find(b"\n" + needle, start, end)
    return found + 1 if found >= 0 else -1


def _head(raw: bytes, start: int, end: int) -> tuple[Message, int]:
    """The header, and where the body begins: after the first empty line, or at the first line that is no header."""
    head = Message(policy=POLICY)
    fields: list[tuple[str, list[bytes]]] = []
    at = start
    while at < end:
        stop = raw.find(b"\n", at, end)
        stop = end if stop < 0 else stop
        line = raw[at : min(stop, at + LONGEST_FIELD)]
        begun, at = at, stop + 1
        if not line.strip():
            if fields or not line:
                break
        elif line[:1] in b" \t" and fields:
            fields[-1][1].append(line)
        elif match := FIELD.match(line):
            fields.append((match[1].decode("ascii"), [line[match.end() :]]))
        elif fields or not line.startswith((b"From ", b">From ")):
            at = begun
            break
    for name, lines in fields[:MOST_FIELDS]:
        head[name] = b"\n".join(lines[:1000])[:LONGEST_FIELD].decode("ascii", "surrogateescape").strip()
    return head, min(at, end)


def _kind(head: Message, usual: str) -> str:
    if head["Content-Type"] is None:
        return usual
    said = KIND.match(head["Content-Type"].strip())
    return said[0].lower() if said else usual


def _looks(beginning: bytes) -> str:
    return "text/html" if re.search(rb"<(?:html|body|div|p|br)\b", beginning, re.IGNORECASE) else "text/plain"


def _token(value: str) -> str:
    return value.partition(";")[0].strip().strip("\"'").lower()


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return from_base64(body)
    if encoding == "quoted-printable":
        return decodestring(body)
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return _from_uu(body)
    return body


def from_base64(body: bytes) -> bytes:
    """What can be read of it, whatever stands between; several such texts in a row are read one after the other."""
    body = body.strip().rstrip(b"=")
    if b"=" in body and body.count(b"=") < MOST_PARTS * 100:
        return b"".join(map(from_base64, filter(None, body.split(b"="))))
    try:
        return binascii.a2b_base64(body + b"==")
    except binascii.Error:
        letters = NOT_BASE64.sub(b"", body)
        return binascii.a2b_base64(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")


def _from_uu(body: bytes) -> bytes:
    out = []
    for line in body.split(b"\n"):
        if line.startswith((b"begin ", b"end")) or not line.strip():
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)
