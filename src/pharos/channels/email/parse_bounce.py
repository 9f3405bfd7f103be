"""What mail servers report about a mail of ours: failed, late, delivered, read, or called unwanted.

After RFC 3464, RFC 8098 and RFC 5965, and in the ways in which servers say so that follow none of these.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from pharos.channels.email import parse_headers as headers
from pharos.channels.email.parse_auto import DAEMONS, automatic
from pharos.channels.email.parse_charsets import text
from pharos.channels.email.parse_mime import Part, take_apart
from pharos.channels.email.parse_phrases import LATE, UNDELIVERED

Kind = Literal["failed", "delayed", "delivered", "read", "complaint"]
DIAGNOSTIC_MOST: Final = 300
TEXT_MOST: Final = 20_000  # characters looked at in a report that follows no standard
STATUSES: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
HEADERS: Final = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
ACTIONS: Final[dict[str, Kind]] = {
    "failed": "failed", "delayed": "delayed", "delivered": "delivered", "relayed": "delivered", "expanded": "delivered",
}  # fmt: skip
# Final for this mail, and yet the address is good: full, too large, given up after a time, server out of order.
PASSING: Final = re.compile(r"[45]\.(?:2\.2|2\.3|3\.\d|4\.\d)$")
CODE: Final = re.compile(r"(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?![\d.])")
REPLY: Final = re.compile(r"(?<![\d.@/-])([45])\d\d(?=[ -][\w<#\[])")
FULL: Final = re.compile(
    r"mailbox (?:is )?full|over ?quota|quota exceeded|已满|空间不足|try again later|temporar", re.IGNORECASE
)
ID_LINE: Final = re.compile(r"(?im)^[ \t>]{0,20}message-id:\s{0,3}(<[^<>\s]{1,253}>)")
OFFENDER: Final = re.compile(r"[<(:\s]([^\s@<>()\[\]\",;:\\]{1,64}@[^\s@<>()\[\]\",;:\\]{1,255})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounce:
    """A report on one mail. Anyone can write one: it counts only when `original_id` is an id of ours."""

    kind: Kind
    address: str  # that it speaks of; blank when it does not say
    permanent: bool  # only of what failed: trying the address again is of no use
    status: str  # as 5.1.1, or blank
    diagnostic: str  # what the server said, one line
    original_id: str  # Message-ID of the mail reported on, with its brackets; blank when unknown


def bounced(root: Part, said: str, return_path: str | None) -> Bounce | None:
    """The report a mail is; None when it is none. `said`: its text."""
    if root.kind != "multipart/report" and not automatic(root, return_path):
        return None  # a person who passes a report on
    original = _original(root, list(root.walk()), said)
    for part in root.walk(enclosed=False):
        if part.kind in STATUSES and (found := _status(part, original, said)):
            return found
        if part.kind == "message/disposition-notification":
            return _read(part, original)
        if part.kind == "message/feedback-report":
            return _complaint(part, original)
    return _unstandard(root, original, said, return_path)


@dataclass(frozen=True, slots=True)
class _Original:
    message_id: str
    to: str


def _status(part: Part, original: _Original, said: str) -> Bounce | None:
    """The worst that is said of any recipient."""
    found = [_recipient(fields, original, said) for fields in _blocks(part) if "action" in fields or "status" in fields]
    order = ("failed", "delayed", "delivered")
    return min(found, key=lambda one: order.index(one.kind)) if found else None


def _recipient(fields: dict[str, str], original: _Original, said: str) -> Bounce:
    status = next(iter(CODE.findall(fields.get("status", ""))), "")
    kind = ACTIONS.get(fields.get("action", "").lower().split(" ")[0]) or _by_class(status)
    diagnostic = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("diagnostic-code", "")
    if status in {"", "5.0.0", "4.0.0"}:
        status = next(iter(CODE.findall(diagnostic)), status)
    return Bounce(
        kind=kind,
        address=_address(fields, ("original-recipient", "final-recipient")) or original.to,
        permanent=kind == "failed" and _is_permanent(status, diagnostic),
        status=status,
        diagnostic=(diagnostic or _sentence(said))[:DIAGNOSTIC_MOST],
        original_id=original.message_id,
    )


def _by_class(status: str) -> Kind:
    return "delayed" if status.startswith("4") else "delivered" if status.startswith("2") else "failed"


def _is_permanent(status: str, diagnostic: str) -> bool:
    if status:
        return status.startswith("5") and not PASSING.match(status) and not FULL.search(diagnostic)
    code = REPLY.search(f" {diagnostic}")
    return (code is None or code[1] == "5") and not FULL.search(diagnostic)


def _read(part: Part, original: _Original) -> Bounce | None:
    fields = next(_blocks(part), {})
    message_id = next(iter(headers.ids(fields.get("original-message-id", ""))), "") or original.message_id
    return Bounce(
        kind="read",
        address=_address(fields, ("original-recipient", "final-recipient")) or original.to,
        permanent=False,
        status="",
        diagnostic=fields.get("disposition", "")[:DIAGNOSTIC_MOST],
        original_id=message_id,
    )


def _complaint(part: Part, original: _Original) -> Bounce:
    fields = next(_blocks(part), {})
    return Bounce(
        kind="complaint",
        address=_address(fields, ("original-rcpt-to", "removal-recipient")) or original.to,
        permanent=False,
        status="",
        diagnostic=fields.get("feedback-type", "abuse")[:DIAGNOSTIC_MOST],
        original_id=original.message_id,
    )


def _unstandard(root: Part, original: _Original, said: str, return_path: str | None) -> Bounce | None:
    """A report in prose. Only from what is a mail server by its name, with a subject or header that says so."""
    sender = next(iter(headers.addresses([*root.every("From"), *root.every("Return-Path")])), None)
    is_daemon = (
        bool(sender and DAEMONS.match(sender.address)) or return_path == "" or root.get("Return-Path").strip() == "<>"
    )
    failed = headers.addresses(root.every("X-Failed-Recipients"))
    if not failed and not (is_daemon and UNDELIVERED.search(headers.words(root.get("Subject")))):
        return None
    said = said[:TEXT_MOST]
    ours = {one.address for one in headers.addresses(root.every("To"))} | ({sender.address} if sender else set())
    named = [one for one in OFFENDER.findall(f" {said}") if one.lower() not in {own.lower() for own in ours}]
    diagnostic = _sentence(said)
    is_late = bool(LATE.search(f"{headers.words(root.get('Subject'))} {said[:2000]}"))
    status = next(iter(CODE.findall(diagnostic)), "") or next(iter(CODE.findall(said)), "")
    return Bounce(
        kind="delayed" if is_late else "failed",
        address=(failed[0].address if failed else "") or original.to or next(iter(named), "").strip("."),
        permanent=not is_late and _is_permanent(status, diagnostic),
        status=status,
        diagnostic=diagnostic[:DIAGNOSTIC_MOST],
        original_id=original.message_id,
    )


def _sentence(said: str) -> str:
    """The line in which a server's own answer stands, else the first."""
    lines = [headers.line(line) for line in said[:TEXT_MOST].split("\n") if line.strip()]
    told = [line for line in lines if CODE.search(line) or REPLY.search(f" {line}")]
    return (told or lines or [""])[0]


def _original(root: Part, parts: list[Part], said: str) -> _Original:
    """The mail it is about: from the copy that comes with it, else from what the text or the header says."""
    for part in parts[1:]:
        head = part.parts[0] if part.kind.startswith("message/") and part.parts else None
        if part.kind in HEADERS:
            head = _head_of(part)
        if head is not None and (found := headers.ids(head.get("Message-ID"))):
            to = headers.addresses(head.every("To"))
            return _Original(found[0], to[0].address if to else "")
    named = ID_LINE.search(said)
    answers = headers.ids(*root.every("In-Reply-To"), *root.every("References"))
    return _Original(named[1] if named else next(reversed(answers), ""), "")


def _head_of(part: Part) -> Part:
    return take_apart(part.content[: 64 * 2**10])


def _blocks(part: Part) -> Iterator[dict[str, str]]:
    """The groups of fields a report is made of, names in lower case, folded lines joined."""
    said = text(part.content[: 64 * 2**10], headers.charset(part))
    for block in re.split(r"\n[ \t]*\n", said):
        unfolded = re.sub(r"\n[ \t]+", " ", block.strip("\n"))
        fields = (line.partition(":") for line in unfolded.split("\n"))
        found = {name.strip().lower(): headers.words(value) for name, colon, value in fields if colon}
        if found:
            yield found


def _address(fields: dict[str, str], names: tuple[str, ...]) -> str:
    """The address of the first of these fields that has one, as in `rfc822; person@example.org`."""
    for name in names:
        found = headers.addresses([fields.get(name, "").rpartition(";")[2]])
        if found:
            return found[0].address
    return ""
