"""From the bytes of a mail to what it says: pure, bounded, and with one way to fail, `Unreadable`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pharos.channels.email import parse_headers as headers
from pharos.channels.email.parse_auto import automatic, quiet
from pharos.channels.email.parse_body import Attachment, read_body
from pharos.channels.email.parse_bounce import Bounce, bounced
from pharos.channels.email.parse_errors import Unreadable
from pharos.channels.email.parse_mime import Part, take_apart
from pharos.channels.email.parse_phrases import FORWARDS
from pharos.channels.email.parse_quotes import fold

__all__ = ["Attachment", "Bounce", "Mail", "Unreadable", "parse"]

MOST_BYTES: Final = 50 * 2**20
SENT_TO: Final = (
    "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Apparently-To", "Resent-To",
)  # fmt: skip
SENT_BY: Final = ("From", "Reply-To", "Sender", "Return-Path", "X-Sender", "Resent-From")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """What a mail says. Addresses have their domain in lower case; ids have their brackets; blank means not there."""

    sender: str  # address; blank when no header has one
    name: str
    reply_to: str  # where the sender wants answers, when that is another address
    to: tuple[str, ...]  # all addresses it was sent to, as far as headers tell
    subject: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]  # oldest first, as the header has them
    date: datetime | None  # UTC, as the sender's clock has it
    text: str  # the sender's own words
    folded: str  # what they answer or quote below or above
    html: str  # safe to show: images only as cid:, no script, no style; blank when the mail has none
    inline: tuple[Attachment, ...]  # images that the HTML shows by their content id
    attachments: tuple[Attachment, ...]
    sealed: Literal["", "S/MIME", "PGP"]  # encrypted: nobody here can read it
    auto: str  # the header that shows no person wrote it; blank when one may have
    quiet: str  # the header for which it is never answered by itself; a person may have written it all the same
    bounce: Bounce | None

    @property
    def thread(self) -> tuple[str, ...]:
        """Ids of the mails it answers, newest first."""
        newest = (self.in_reply_to, *reversed(self.references))
        return tuple(dict.fromkeys(one for one in newest if one))


def parse(raw: bytes, *, return_path: str | None = None) -> Mail:
    """Read a mail. `return_path`: the envelope's sender when the carrier gave it (blank: nobody wants to hear of it).

    `Unreadable` when it is no mail, or too large or too finely divided to be one.
    """
    if not raw.strip():
        raise Unreadable("empty")
    if len(raw) > MOST_BYTES:
        raise Unreadable("larger than 50 MB")
    try:
        return _read(raw, return_path)
    except Unreadable:
        raise
    except Exception as error:  # the next mail must be read whatever this one holds
        raise Unreadable(f"not understood: {type(error).__name__}") from error


def _read(raw: bytes, return_path: str | None) -> Mail:
    root = take_apart(raw)
    if not root.head.keys():
        raise Unreadable("no header")
    sender = next(iter(headers.addresses([value for name in SENT_BY for value in root.every(name)])), None)
    answers = headers.addresses(root.every("Reply-To"))
    body = read_body(root)
    subject = headers.words(root.get("Subject"))[: headers.SUBJECT_MOST]
    own, folded = fold(body.text, forwards=bool(FORWARDS.match(subject)))
    references = headers.ids(*root.every("References"))
    in_reply_to = headers.ids(*root.every("In-Reply-To"))
    return Mail(
        sender=sender.address if sender else "",
        name=sender.name if sender else "",
        reply_to=answers[0].address if answers and sender and answers[0].address != sender.address else "",
        to=_sent_to(root),
        subject=subject,
        message_id=next(iter(headers.ids(root.get("Message-ID"))), ""),
        in_reply_to=next(iter(in_reply_to), "") or (references[-1] if references else ""),
        references=references,
        date=headers.date(root.get("Date")),
        text=own,
        folded=folded,
        html=body.html,
        inline=body.inline,
        attachments=body.attachments,
        sealed=body.sealed,
        auto=automatic(root, return_path),
        quiet=quiet(root, return_path),
        bounce=bounced(root, body.text, return_path),
    )


def _sent_to(root: Part) -> tuple[str, ...]:
    found = headers.addresses([value for name in SENT_TO for value in root.every(name)])
    return tuple(dict.fromkeys(one.address for one in found))
