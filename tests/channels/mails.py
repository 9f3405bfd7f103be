"""Mails as programmes really write them, each as small as its shape allows. All people and places are invented."""

import base64
import struct
from email.message import EmailMessage

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
OWN_ID = "<m17.0123456789abcdef01234567@lines.example.org>"


def b64(content: bytes) -> bytes:
    return base64.encodebytes(content)


def mail(body: bytes | str, *headers: str | bytes, kind: str = "", encoding: str = "") -> bytes:
    """One mail; `headers` replace nothing, they come after the usual ones."""
    lines: list[str | bytes] = [
        "From: Ani Sarkis <ani@example.net>",
        "To: help@lines.example.org",
        "Message-ID: <one@example.net>",
        "MIME-Version: 1.0",
        *headers,
    ]
    if kind:
        lines.append(f"Content-Type: {kind}")
    if encoding:
        lines.append(f"Content-Transfer-Encoding: {encoding}")
    head = b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    return head + b"\r\n\r\n" + (body if isinstance(body, bytes) else body.encode()).replace(b"\n", b"\r\n")


def plain(text: str, *headers: str | bytes, charset: str = "utf-8", raw: bytes | None = None) -> bytes:
    return mail(text.encode() if raw is None else raw, *headers, kind=f"text/plain; charset={charset}", encoding="8bit")


def page(html: str, *headers: str, charset: str = "utf-8") -> bytes:
    return mail(b64(html.encode()), *headers, kind=f"text/html; charset={charset}", encoding="base64")


def multi(subtype: str, *parts: bytes, headers: tuple[str, ...] = (), more: str = "") -> bytes:
    """Several parts; each of them with its own header and blank line."""
    inner = b"".join(b"--b1\n" + part + b"\n" for part in parts)
    return mail(inner + b"--b1--\n", *headers, kind=f'multipart/{subtype}; boundary="b1"{more}')


def part(kind: str, content: bytes | str, *headers: str) -> bytes:
    head = "\n".join([f"Content-Type: {kind}", *headers])
    return head.encode() + b"\n\n" + (content if isinstance(content, bytes) else content.encode())


def coded(kind: str, content: bytes, *headers: str) -> bytes:
    return part(kind, b64(content), "Content-Transfer-Encoding: base64", *headers)


# How our languages look in their old charsets.
PERSIAN = "سلام پرواز من لغو شد و در فرودگاه تنها هستم"
ARABIC_LETTERS = PERSIAN.replace("ی", "ي").replace("ک", "ك")
CHINESE = "您好，我的航班取消了，孩子需要药。"
TRADITIONAL = "您好，我的航班取消了，孩子需要藥。"
ARMENIAN = "Բարեւ, իմ թռիչքը չեղարկվել է, օգնեցեք"


def armscii(text: str) -> bytes:
    """As old Armenian programmes wrote: capital and small letters in turn from 0xB2 and 0xB3."""

    def one(letter: str) -> int:
        if "\u0531" <= letter <= "\u0556":
            return 0xB2 + 2 * (ord(letter) - 0x531)
        return 0xB3 + 2 * (ord(letter) - 0x561) if "\u0561" <= letter <= "\u0586" else ord(letter)

    return bytes(map(one, text))


def cms(content: bytes, *, kind: str = "07 02", in_parts: bool = False) -> bytes:
    """An opaque S/MIME signature around a mail, of definite length or of indefinite length and in pieces."""

    def value(tag: int, inner: bytes) -> bytes:
        if in_parts and tag & 0x20:
            return bytes([tag, 0x80]) + inner + b"\0\0"
        size = len(inner)
        length = bytes([size]) if size < 0x80 else b"\x82" + struct.pack(">H", size)
        return bytes([tag]) + length + inner

    def oid(last: str) -> bytes:
        return value(0x06, bytes.fromhex("2a864886f70d01") + bytes.fromhex(last))

    pieces = [content[at : at + 40] for at in range(0, len(content), 40)]
    octets = value(0x24, b"".join(value(0x04, one) for one in pieces)) if in_parts else value(0x04, content)
    signed = value(0x02, b"\1") + value(0x31, value(0x30, oid("0702"))) + value(0x30, oid("0701") + value(0xA0, octets))
    return value(0x30, oid(kind) + value(0xA0, value(0x30, signed)))


def tnef(*, body: str = "", files: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """winmail.dat as Outlook writes it."""

    def attribute(level: int, name: int, content: bytes) -> bytes:
        return struct.pack("<BII", level, name, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)

    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00069007, struct.pack("<II", 1256, 0))
    if body:
        out += attribute(1, 0x0002800C, body.encode("cp1256") + b"\0")
    for name, content in files:
        long = name.encode("utf-16-le") + b"\0\0"
        properties = struct.pack("<IHHII", 1, 0x1F, 0x3707, 1, len(long)) + long + b"\0" * (-len(long) % 4)
        out += attribute(2, 0x00069002, b"\1\0" + b"\0" * 12) + attribute(2, 0x00018010, b"FILE~1.PNG\0")
        out += attribute(2, 0x0006800F, content) + attribute(2, 0x00069005, properties)
    return out


def report(status: str, *, original: bytes = b"", said: str = "", kind: str = "message/delivery-status") -> bytes:
    """A report after RFC 3464 and its relatives."""
    parts = [part("text/plain", said or "Your mail could not be delivered."), part(kind, status)]
    if original:
        parts.append(original)
    name = {"message/feedback-report": "feedback-report"}.get(kind, kind.removeprefix("message/"))
    return multi("report", *parts, more=f"; report-type={name}", headers=("Auto-Submitted: auto-replied",))


ORIGINAL = part("message/rfc822", f"From: help@lines.example.org\nTo: ani@example.net\nMessage-ID: {OWN_ID}\n\nHello")
ORIGINAL_HEAD = part("text/rfc822-headers", f"To: ani@example.net\nMessage-ID: {OWN_ID}\n")


def daemon(subject: str, text: str, *headers: str) -> bytes:
    """A report in prose."""
    lines = ["From: MAILER-DAEMON@mx.example.net", "To: help@lines.example.org", f"Subject: {subject}", *headers]
    return "\r\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", text]).encode()


def composed() -> bytes:
    """As the standard library writes: text, page, an image within and two files."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ani <ani@example.net>", "help@lines.example.org", "درخواست کمک"
    made.set_content("متن\n")
    made.add_alternative('<p dir="rtl">متن <img src="cid:map@x" alt="نقشه"></p>', subtype="html")
    page = made.get_body(("html",))
    assert isinstance(page, EmailMessage)
    page.add_related(PNG, "image", "png", cid="<map@x>", filename="map.png")
    made.add_attachment(PDF, maintype="application", subtype="pdf", filename="نامه پزشک.pdf")
    made.add_attachment("یادداشت", filename="note.txt")
    return made.as_bytes()
