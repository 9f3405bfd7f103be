"""winmail.dat: files and words that Outlook wrapped in its own way (TNEF)."""

import struct
from typing import Final, NamedTuple

from pharos.channels.email.parse_charsets import text

SIGNATURE: Final = 0x223E9F78
MOST_ATTRIBUTES: Final = 20_000
MOST_FILES: Final = 200
BODY, PROPERTIES, CODE_PAGE = 0x0002800C, 0x00069003, 0x00069007
FILE_BEGINS, FILE_NAME, FILE_CONTENT, FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
MAPI_BODY, MAPI_HTML, MAPI_LONG_NAME, MAPI_NAME, MAPI_TYPE, MAPI_CONTENT = (
    0x1000,
    0x1013,
    0x3707,
    0x3704,
    0x370E,
    0x3701,
)
FIXED: Final = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
LONG: Final = {0x0D, 0x1E, 0x1F, 0x102}
UTF16, BINARY = 0x1F, 0x102


class Packed(NamedTuple):
    """What was inside: files as name, media type and content."""

    text: str
    html: str
    files: list[tuple[str, str, bytes]]


def unpack(raw: bytes) -> Packed | None:
    """What such a file holds, as far as it can be read; None when it is no such file."""
    if len(raw) < 6 or struct.unpack_from("<I", raw)[0] != SIGNATURE:
        return None
    page, body = "cp1252", Packed("", "", [])
    files: list[tuple[str, str, bytes]] = []
    at = 6
    for _ in range(MOST_ATTRIBUTES):
        if at + 9 > len(raw):
            break
        name, length = struct.unpack_from("<II", raw, at + 1)
        value = raw[at + 9 : at + 9 + length]
        at += 9 + length + 2
        if name == CODE_PAGE and len(value) >= 4:
            page = f"cp{struct.unpack_from('<I', value)[0]}"
        elif name == BODY:
            body = body._replace(text=text(value.rstrip(b"\0"), page))
        elif name == PROPERTIES:
            body = _said(_properties(value), page, body)
        elif name == FILE_BEGINS and len(files) < MOST_FILES:
            files.append(("", "application/octet-stream", b""))
        elif files and name == FILE_NAME:
            files[-1] = (files[-1][0] or text(value.rstrip(b"\0"), page), *files[-1][1:])
        elif files and name == FILE_CONTENT:
            files[-1] = (*files[-1][:2], value)
        elif files and name == FILE_PROPERTIES:
            files[-1] = _named(_properties(value), page, files[-1])
    return body._replace(files=[one for one in files if one[2]])


def _said(has: dict[int, tuple[int, bytes]], page: str, body: Packed) -> Packed:
    plain = _text(has.get(MAPI_BODY), page) or body.text
    html = has.get(MAPI_HTML, (0, b""))
    return body._replace(text=plain, html=text(html[1].rstrip(b"\0"), "utf-16-le" if html[0] == UTF16 else page))


def _named(has: dict[int, tuple[int, bytes]], page: str, file: tuple[str, str, bytes]) -> tuple[str, str, bytes]:
    name = _text(has.get(MAPI_LONG_NAME), page) or file[0] or _text(has.get(MAPI_NAME), page)
    media_type = _text(has.get(MAPI_TYPE), page).lower()
    content = has.get(MAPI_CONTENT, (0, b""))[1]
    return name, media_type if media_type.count("/") == 1 else file[1], file[2] or content


def _text(value: tuple[int, bytes] | None, page: str) -> str:
    if value is None:
        return ""
    kind, raw = value
    return text(raw, "utf-16-le").rstrip("\0") if kind == UTF16 else text(raw.rstrip(b"\0"), page)


def _properties(raw: bytes) -> dict[int, tuple[int, bytes]]:
    """Kind and first value of each property; ends at the first that makes no sense."""
    found: dict[int, tuple[int, bytes]] = {}
    try:
        (count,) = struct.unpack_from("<I", raw)
        at = 4
        for _ in range(min(count, MOST_ATTRIBUTES)):
            kind, name = struct.unpack_from("<HH", raw, at)
            at = _past_name(raw, at + 4) if name >= 0x8000 else at + 4
            at, values = _values(raw, at, kind)
            if values:
                found.setdefault(name, (kind & 0xFFF, values[0]))
    except (struct.error, ValueError):
        pass
    return found


def _past_name(raw: bytes, at: int) -> int:
    """Behind the name that a property of number 0x8000 and above has."""
    (by_text,) = struct.unpack_from("<I", raw, at + 16)
    if not by_text:
        return at + 24
    (length,) = struct.unpack_from("<I", raw, at + 20)
    return at + 24 + _padded(length)


def _values(raw: bytes, at: int, kind: int) -> tuple[int, list[bytes]]:
    is_many, kind = bool(kind & 0x1000), kind & 0xFFF
    if kind in FIXED:
        (count,) = struct.unpack_from("<I", raw, at) if is_many else (1,)
        at += 4 * is_many
        size = FIXED[kind]
        return at + size * count, [raw[at : at + size]]
    if kind not in LONG:
        raise ValueError(kind)
    (count,) = struct.unpack_from("<I", raw, at)
    at += 4
    values: list[bytes] = []
    for _ in range(min(count, 1000)):
        (length,) = struct.unpack_from("<I", raw, at)
        values.append(raw[at + 4 : at + 4 + length])
        at += 4 + _padded(length)
    return at, values


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4
