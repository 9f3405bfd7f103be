"""What a mail says and carries: the parts chosen, decoded and named."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from pharos.channels.email import parse_headers as headers
from pharos.channels.email.parse_calendar import event
from pharos.channels.email.parse_charsets import text
from pharos.channels.email.parse_html import SOURCE_MOST, from_text, read_html
from pharos.channels.email.parse_mime import Part, from_base64, take_apart
from pharos.channels.email.parse_plain import flowed, tidied
from pharos.channels.email.parse_sealed import ARMOUR, signed_content, unsigned
from pharos.channels.email.parse_tnef import Packed, unpack

Sealed = Literal["", "S/MIME", "PGP"]
TEXT_MOST: Final = 400_000  # characters; the rest goes along as a file
STUB_MOST: Final = 300  # characters of a text that only says that there is a page
SPARE_MOST: Final = 64 * 2**10
META: Final = re.compile(rb"<meta[^<>]{1,200}charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
MOST_FILES: Final = 200
SIGNATURES: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
ENVELOPES: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
PACKED: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
REPORTS: Final = frozenset(
    {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
     "message/feedback-report", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)  # fmt: skip
ENDINGS: Final = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "application/pdf": ".pdf", "text/plain": ".txt",
    "text/html": ".html", "text/calendar": ".ics", "message/rfc822": ".eml",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file as it came. `content_id`: how the HTML names it, without brackets and cid:; blank when it does not."""

    name: str
    media_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What `read_body` finds."""

    text: str
    html: str
    inline: tuple[Attachment, ...]
    attachments: tuple[Attachment, ...]
    sealed: Sealed


@dataclass(slots=True)
class _Words:
    """One text, in one or two forms."""

    plain: str = ""
    html: str = ""  # source as it came
    is_invited: bool = False  # only says what a calendar file says

    def is_empty(self) -> bool:
        return not self.plain.strip() and not self.html.strip()


@dataclass(slots=True)
class _Gathered:
    words: list[_Words] = field(default_factory=list)
    enclosed: list[_Words] = field(default_factory=list)  # words of mails that came as a file
    spare: list[_Words] = field(default_factory=list)  # words of text files, as gateways of phones send them
    files: list[Attachment] = field(default_factory=list)
    sealed: Sealed = ""
    depth: int = 0  # of mails within mails
    seals: int = 0  # of signatures around signatures


def read_body(root: Part) -> Body:
    """The words of a mail in both forms, and its files."""
    gathered = _Gathered()
    _gather(root, gathered)
    words = _chosen(gathered)
    plain, pages = [], []
    images: list[Attachment] = []
    for one in words:
        said, page, found = _both(one, len(images))
        plain.append(said)
        pages.append(page)
        images += found
    said = "\n\n".join(part for part in plain if part)
    html = "\n".join(page for page in pages if page) if any(one.html for one in words) else ""
    files = [*images, *gathered.files][:MOST_FILES]
    if len(said) > TEXT_MOST:
        files.append(Attachment(name="message.txt", media_type="text/plain", content=said.encode()))
    shown = [one for one in files if one.content_id and f"cid:{one.content_id}" in html]
    return Body(
        text=said[:TEXT_MOST],
        html=html,
        inline=tuple(shown),
        attachments=tuple(one for one in files if one not in shown),
        sealed=gathered.sealed,
    )


def _chosen(gathered: _Gathered) -> list[_Words]:
    """The mail's own words; when there are none, those of a text, mail or invitation that came as a file."""
    own = [one for one in gathered.words if not one.is_empty() and not one.is_invited]
    return own or [one for one in [*gathered.spare, *gathered.enclosed, *gathered.words] if not one.is_empty()][:1]


def _both(words: _Words, before: int) -> tuple[str, str, list[Attachment]]:
    """Text, safe HTML, and the images that stood in the HTML as data. `before`: how many of them other parts had."""
    if not words.html:
        return tidied(words.plain), from_text(tidied(words.plain)), []
    shown = read_html(words.html, images_before=before)
    images = [
        Attachment(
            name=f"image-{number}{ENDINGS.get(kind, '')}",
            media_type=kind,
            content=from_base64(data.encode("ascii", "ignore")),
            content_id=f"data-{number}",
        )
        for number, (kind, data) in enumerate(shown.images, start=before + 1)
    ]
    said = tidied(words.plain)
    is_stub = len(said) < STUB_MOST and "html" in said.lower() and len(shown.text) > len(said)
    return said if said and not is_stub else shown.text, shown.html, images


def _gather(part: Part, into: _Gathered) -> None:
    kind = part.kind
    if kind == "multipart/alternative":
        _alternative(part, into)
    elif kind == "multipart/signed" and part.parts:
        for one in part.parts:
            if one.kind not in SIGNATURES:
                _gather(one, into)
    elif kind == "multipart/encrypted":
        into.sealed = "PGP"
        into.files += [_file(one) for one in part.parts if one.kind == "application/octet-stream"]
    elif kind.startswith("multipart/"):
        for one in part.parts:
            _gather(one, into)
    elif part.parts:
        _enclosed(part, into)
    elif kind in REPORTS or kind in SIGNATURES:
        return
    else:
        _leaf(part, into)


def _alternative(part: Part, into: _Gathered) -> None:
    """One text in several forms: the plain one, the last in HTML; a calendar file beside them stays a file."""
    within = _Gathered(depth=into.depth, seals=into.seals)
    for one in part.parts:
        _gather(one, within)
    solid = [one for one in within.words if not one.is_empty() and not one.is_invited]
    plain = "\n\n".join(one.plain for one in solid if one.plain.strip() and not one.html)
    pages = [one.html for one in solid if one.html]
    if plain or pages:
        into.words.append(_Words(plain, pages[-1] if pages else ""))
    into.words += [one for one in within.words if one.is_invited]
    into.enclosed += within.enclosed
    into.spare += within.spare
    into.files += within.files
    into.sealed = into.sealed or within.sealed


def _enclosed(part: Part, into: _Gathered) -> None:
    """A mail within: kept as the file it is, and its words and files are there too."""
    inner = part.parts[0]
    within = _Gathered(depth=into.depth + 1, seals=into.seals)
    _gather(inner, within)
    if into.depth == 0:
        name = headers.file_name(part) or headers.words(inner.get("Subject"))[:80] or "message"
        name = name if name.lower().endswith(".eml") else f"{name}.eml"
        into.files.append(Attachment(name=name, media_type="message/rfc822", content=part.content))
    into.files += within.files
    about = "\n".join(
        f"{name}: {headers.words(inner.get(name))}" for name in ("From", "Date", "Subject") if inner.get(name)
    )
    said = [_both(one, 0)[0] for one in _chosen(within)]
    into.enclosed.append(_Words("\n\n".join([about, *said])))
    into.sealed = into.sealed or within.sealed


def _leaf(part: Part, into: _Gathered) -> None:
    kind = part.kind
    if kind in ENVELOPES:
        _envelope(part, into)
    elif kind in PACKED or headers.file_name(part).lower() == "winmail.dat":
        _packed(part, into)
    elif kind == "text/calendar" or (kind == "application/ics" and part.disposition != "attachment"):
        into.files.append(_file(part))
        into.words.append(_Words(event(text(part.content, headers.charset(part))), is_invited=True))
    elif kind in {"text/plain", "text/html"} and part.disposition != "attachment" and not headers.file_name(part):
        _words(part, into)
    else:
        into.files.append(_file(part))
        if kind == "text/plain" and part.end - part.start <= SPARE_MOST:
            into.spare.append(_Words(text(part.content, headers.charset(part))))


def _words(part: Part, into: _Gathered) -> None:
    content = part.content
    most = SOURCE_MOST if part.kind == "text/html" else TEXT_MOST
    if len(content) > 4 * most and not (part.kind == "text/html" and b";base64," in content):
        into.files.append(_file(part))
        content = content[: 4 * most]
    declared = headers.charset(part)
    if part.kind == "text/html" and not declared and (meta := META.search(content[:4000])):
        declared = meta[1].decode("ascii")
    said = text(content, declared)
    if part.kind == "text/html":
        into.words.append(_Words(html=said))
        return
    if str(part.param("format")).lower() == "flowed":
        said = flowed(said, without_space=str(part.param("delsp")).lower() == "yes")
    if ARMOUR in said:
        into.sealed = "PGP"
    into.words.append(_Words(unsigned(said)))


def _envelope(part: Part, into: _Gathered) -> None:
    """S/MIME in one piece: signed content is there to be read, encrypted content is not."""
    inner = signed_content(part.content) if into.seals < 5 else None
    if inner is None:
        into.sealed = "S/MIME"
        into.files.append(_file(part))
        return
    into.seals += 1
    _gather(take_apart(inner), into)
    into.seals -= 1


def _packed(part: Part, into: _Gathered) -> None:
    """Outlook's own wrapping (TNEF)."""
    packed: Packed | None = unpack(part.content)
    if packed is None:
        into.files.append(_file(part))
        return
    for name, media_type, content in packed.files:
        shown = headers.line(name).replace("\\", "/").rpartition("/")[2][: headers.NAME_MOST]
        into.files.append(Attachment(name=shown or "file", media_type=media_type, content=content))
    if packed.text.strip() or packed.html.strip():
        into.enclosed.append(_Words(packed.text, packed.html))


def _file(part: Part) -> Attachment:
    return Attachment(
        name=headers.file_name(part) or f"file{ENDINGS.get(part.kind, '')}",
        media_type=part.kind,
        content=part.content,
        content_id=headers.content_id(part),
    )
