"""From a message to a mail, as RFC 5322 and RFC 3834 want it. What a person typed can never become a header."""

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from pharos.channels import DeliveryError, Outbound
from pharos.channels.email.tags import message_id, own_key, tagged, tagged_address

__all__ = ["address", "compose", "html", "is_message_id", "line", "message_id", "own_key", "reply_to", "tagged"]

SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
LINK = re.compile(r"https?://[^\s<>\"'()]+[^\s<>\"'().,;:!?。，؛،]")
RIGHT_TO_LEFT = {"fa"}
SUBJECT_MAX = 200
PAGE = """<!doctype html>
<html lang="{}" dir="{}">
<head><meta charset="utf-8"><title>{}</title></head>
<body>
{}
</body>
</html>
"""


def compose(outbound: Outbound, *, secret: str) -> EmailMessage:
    """The mail, the same to the last byte when it is made once more; `DeliveryError` when an address is none."""
    mail = EmailMessage(policy=SMTP)
    sender = address(outbound.sender.address, outbound.sender.name, permanent=False)
    mail["From"] = sender
    mail["To"] = address(outbound.address)
    mail["Subject"] = line(outbound.subject)[:SUBJECT_MAX]
    mail["Date"] = outbound.written_at
    mail["Message-ID"] = message_id(outbound.key, domain=sender.domain, secret=secret)
    if outbound.answers:
        mail["Auto-Submitted"] = outbound.answers
        mail["X-Auto-Response-Suppress"] = "All"
    if wanted := reply_to(outbound, secret=secret):
        mail["Reply-To"] = address(wanted, outbound.sender.name, permanent=False)
    if is_message_id(outbound.in_reply_to):
        mail["In-Reply-To"] = outbound.in_reply_to
    if references := [one for one in outbound.references if is_message_id(one)]:
        mail["References"] = " ".join(references)
    encoding = "quoted-printable" if outbound.body.isascii() else "base64"
    mail.set_content(outbound.body, cte=encoding)
    mail.add_alternative(html(outbound), subtype="html", cte=encoding)
    if outbound.language:
        mail["Content-Language"] = outbound.language
    mail.set_boundary(f"={message_id(outbound.key, domain='', secret=secret)[1:-2]}=")
    return mail


def reply_to(outbound: Outbound, *, secret: str) -> str:
    """Where answers go: the mailbox of the entry point, with a tag where it takes them. Blank: to the sender."""
    if outbound.via is None or "@" not in outbound.via.address:
        return ""
    separator = str(outbound.via.options.get("tags", ""))
    mailbox = tagged_address(outbound.via.address, outbound.key, separator=separator, secret=secret)
    return "" if mailbox.lower() == outbound.sender.address.lower() else mailbox


def address(spec: str, name: str = "", *, permanent: bool = True) -> Address:
    """A mail address that can stand in a header; `DeliveryError` for all else, which for our own can be put right."""
    try:
        local, _, domain = spec.rpartition("@")
        spec = f"{local}@{domain.encode('idna').decode()}"
        if SPACES.search(spec) or not local.isascii():
            raise ValueError(spec)
        return Address(display_name=line(name), addr_spec=spec)
    except (ValueError, UnicodeError, HeaderParseError, IndexError):
        raise DeliveryError("this is not a mail address", permanent=permanent) from None


def line(text: str) -> str:
    """One line, without control characters."""
    return SPACES.sub(" ", text).strip()


def is_message_id(text: str) -> bool:
    """Whether this can stand in a header as the id of a mail."""
    return bool(re.fullmatch(r"<[\x21-\x3b\x3d\x3f-\x7e]+@[\x21-\x3b\x3d\x3f-\x7e]+>", text))


def html(outbound: Outbound) -> str:
    """The same words for programs that show only HTML: paragraphs and links, in the direction of the language."""
    direction = "rtl" if outbound.language in RIGHT_TO_LEFT else "ltr"
    blocks = [block for block in outbound.body.replace("\r\n", "\n").split("\n\n") if block.strip()]
    paragraphs = format_html_join("\n", "<p>{}</p>", ((_with_links(block),) for block in blocks))
    return format_html(PAGE, outbound.language or "en", direction, line(outbound.subject), paragraphs)


def _with_links(block: str) -> SafeString:
    escaped = escape(block.strip())
    linked = LINK.sub(lambda match: f'<a href="{match[0]}">{match[0]}</a>', escaped)
    return mark_safe(linked.replace("\n", "<br>\n"))  # noqa: S308 - escaped above
