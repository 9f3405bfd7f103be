"""One mail that came in, by whatever way: it becomes words of a contact, or tells us of a mail that did not arrive.

What cannot be taken is kept whole with a reason and raises nothing, so that the next mail has its turn. What raises is
the machine's own trouble (its database, its disk): the mail is then still where it came from, and comes again.
"""

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal, NamedTuple

from django.conf import settings

from pharos.actions import arrivals, bounces, entries, quarantine, uploads
from pharos.actions.errors import KeyReused, Refused
from pharos.channels.email import compose, known, parse
from pharos.channels.email.as_sent import as_sent
from pharos.channels.email.parse import Attachment, Mail, Unreadable
from pharos.channels.own_trouble import is_our_own
from pharos.models import Channel, Contact, EntryPoint, Message, Organisation, Quarantined, StaffMail, Submission
from pharos.queries import mail_loops

logger = logging.getLogger(__name__)

MOST_FILES: Final = 40
ASKING: Final = ("auto-submitted: auto-generated", "return-path:")
SEALED: Final = "sealed"
TOO_MANY: Final = "too_many"
FAILED: Final = "failed"
Why = Quarantined.Why


class Took(NamedTuple):
    """What became of a mail. `kept`: it waits in quarantine; `heard`: it told of another mail and is done with."""

    how: Literal["new", "joined", "again", "heard", "kept"]
    contact: Contact | None = None
    message: Message | None = None


class Came(NamedTuple):
    """A mail as its carrier gave it. `size` in bytes, also when only its head `is_cut` out."""

    raw: bytes
    entry: EntryPoint
    size: int
    is_cut: bool = False
    return_path: str | None = None  # the envelope's sender; None when the carrier did not say


class Delivery(NamedTuple):
    """What names a mail, who is to be answered, and the contact that its marks of ours name."""

    key: str
    digest: str
    sender: str
    answered: int | None


class NotTaken(Exception):
    """Why a mail is kept aside; with what is known of it."""

    def __init__(self, why: Why, detail: str = "", *, mail: Mail | None = None) -> None:
        super().__init__(why)
        self.why, self.detail, self.mail = why, detail, mail


def take_in(came: Came, *, now: datetime) -> Took:
    """Take in a mail, or keep it aside; durable when it returns. The same mail again changes nothing."""
    key, digest = key_of(came.raw), quarantine.digest_of(came.raw)
    organisation = came.entry.organisation
    if quarantine.holds(organisation=organisation, key=key, digest=digest):
        return Took("kept")
    try:
        return _taken(came, key, now=now)
    except NotTaken as not_taken:
        mail = not_taken.mail
        quarantine.keep(
            organisation=organisation,
            entry=came.entry,
            key=key,
            digest=digest,
            why=not_taken.why,
            detail=not_taken.detail,
            raw=came.raw,
            size=came.size,
            sender=mail.sender if mail else "",
            subject=mail.subject if mail else "",
            now=now,
        )
        logger.warning("a mail of %d bytes is kept aside: %s", came.size, not_taken.why)
        return Took("kept")


def take_again(quarantined: Quarantined, *, now: datetime) -> Took:
    """Try once more what was kept aside, as a person's words; `NotTaken` says why it is still of no use."""
    entry = quarantined.entry
    if entry is None:
        raise NotTaken(Why.FAILED, "its mailbox is gone")
    if quarantined.why == Why.NOT_GIVEN:
        raise NotTaken(Why.NOT_GIVEN, quarantined.detail)
    came = Came(bytes(quarantined.raw), entry, quarantined.size, quarantined.why == Why.TOO_LARGE)
    return _taken(came, quarantined.key, now=now, by_hand=True)


def key_of(raw: bytes) -> str:
    """What names a delivery: the mail's own id, or all of it when it has none. Nothing that a relay writes counts."""
    head = re.split(rb"\r?\n\r?\n", raw[: 256 * 1024], maxsplit=1)[0]
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head)
    found = re.search(rb"(?im)^message-id:\s*(<[^<>\s]{3,}>)", unfolded)
    if found is None:
        return "sha256:" + hashlib.sha256(raw).hexdigest()
    said = found[1].decode("utf-8", "replace").replace("\0", "")
    return said if len(said) <= quarantine.KEY_MAX else "id:" + hashlib.sha256(said.encode()).hexdigest()


def _taken(came: Came, key: str, *, now: datetime, by_hand: bool = False) -> Took:
    if came.is_cut:
        raise NotTaken(Why.TOO_LARGE, f"{came.size} bytes")
    try:
        mail = parse.parse(came.raw, return_path=came.return_path)
    except Unreadable as error:
        raise NotTaken(Why.UNREADABLE, str(error)) from error
    try:
        return _understood(came, mail, key, now=now, by_hand=by_hand)
    except NotTaken:
        raise
    except Exception as error:
        if is_our_own(error):
            raise
        logger.exception("a mail that was understood could not be taken in")
        raise NotTaken(Why.FAILED, type(error).__name__, mail=mail) from error


def _understood(came: Came, mail: Mail, key: str, *, now: datetime, by_hand: bool) -> Took:
    if mail.bounce is not None and not by_hand:
        return _bounced(came, mail, now=now)
    organisation = came.entry.organisation
    if ours(mail.message_id) and not by_hand:
        raise NotTaken(Why.OWN, mail=mail)
    digest = quarantine.digest_of(came.raw)
    sender = _sender(mail, came.entry)
    seen = known.taken_before(
        entry=came.entry, raw=came.raw, key=key, digest=digest, sender=sender, subject=mail.subject
    )
    if seen is not None:
        return _again(came, mail, key, seen, now=now)
    answered = _answered(mail, organisation)
    if answered is None and _is_answer_to_nothing(mail) and not by_hand:
        raise NotTaken(Why.AUTOMATIC, mail.auto, mail=mail)
    delivery = Delivery(key, digest, sender, answered)
    took = _arrived(came, mail, delivery, by_hand=by_hand, now=now)
    bounces.arrives(organisation=organisation, address=mail.sender)
    return took


def _again(came: Came, mail: Mail, key: str, seen: Submission, *, now: datetime) -> Took:
    """It was taken in before: what we had no time to say of its files is said now."""
    message = known.words_of(seen)
    if message.not_taken:
        original = _keep_original(came, mail, key, seen.digest, message.not_taken, now=now)
        quarantine.link(quarantined=original, message=message)
    return Took("again", seen.contact, message)


def _arrived(came: Came, mail: Mail, delivery: Delivery, *, by_hand: bool, now: datetime) -> Took:
    organisation, key, sender = came.entry.organisation, delivery.key, delivery.sender
    files = _files(mail, came.entry, now=now)
    original = _keep_original(came, mail, key, delivery.digest, files.refused, now=now) if files.refused else None
    is_automatic = not by_hand and (
        bool(mail.auto) or mail_loops.is_repeated(organisation=organisation, address=sender, text=mail.text, now=now)
    )
    arrival = arrivals.Arrival(
        organisation=organisation,
        entry=came.entry,
        channel=Channel.EMAIL,
        door=entries.door(came.entry),
        key=key,
        digest=delivery.digest,
        sender=sender,
        name=mail.name,
        subject=mail.subject,
        text=mail.text,
        quoted=mail.folded,
        html=as_sent(mail, pictures=files.pictures),
        attachments=files.tokens,
        not_taken=files.refused,
        carrier_id=mail.message_id,
        thread=mail.thread,
        contact_id=delivery.answered,
        is_automatic=is_automatic,
        answer=not mail.quiet and _may_answer(came.entry, sender, now=now),
    )
    try:
        took = arrivals.take(arrival, now=now)
    except KeyReused:  # another mail under the same id: whoever wrote it means it
        took = arrivals.take(replace(arrival, key=quarantine.own_key(key, delivery.digest)), now=now)
    if original:
        quarantine.link(quarantined=original, message=took.message)
    return Took(took.how, took.contact, took.message)


def _answered(mail: Mail, organisation: Organisation) -> int | None:
    """The contact that it answers a message of, by its marks alone: our own record may still be under way."""
    tagged = (compose.tagged(address, secret=settings.SECRET_KEY) for address in mail.to)
    keys = [*tagged, *map(ours, mail.thread)]
    sent = [int(key[1:]) for key in keys if key.startswith("m")]
    rows = Message.objects.filter(organisation=organisation, direction=Message.Direction.OUT, pk__in=sent[:1])
    return rows.values_list("contact_id", flat=True).first()


def _sender(mail: Mail, entry: EntryPoint) -> str:
    """Who is to be answered: where the sender wants answers, unless that is us."""
    wanted = mail.reply_to
    return wanted if wanted and not mail_loops.is_ours(organisation=entry.organisation, address=wanted) else mail.sender


def _may_answer(entry: EntryPoint, sender: str, *, now: datetime) -> bool:
    organisation = entry.organisation
    if not sender or mail_loops.is_ours(organisation=organisation, address=sender):
        return False
    return mail_loops.may_answer(organisation=organisation, address=sender, now=now)


def _is_answer_to_nothing(mail: Mail) -> bool:
    """Whether a machine answers by itself, not asks: a form on a web site is a machine that asks."""
    asks = mail.auto.lower().startswith(ASKING) and not mail.thread
    return bool(mail.auto) and not asks


def ours(message_id: str) -> str:
    """The key of the message of ours that this id is of; blank for ids that we have not made."""
    return compose.own_key(message_id, secret=settings.SECRET_KEY)


def _bounced(came: Came, mail: Mail, *, now: datetime) -> Took:
    """A report on a mail of ours: believed when it names an id that only we could have made."""
    bounce, organisation = mail.bounce, came.entry.organisation
    key = ours(bounce.original_id) if bounce else ""
    if bounce is None or not key:
        raise NotTaken(Why.BOUNCE, bounce.kind if bounce else "", mail=mail)
    if bounce.kind != "failed":
        return Took("heard")
    said = bounce.diagnostic or bounce.status
    if key.startswith("s"):
        staff = StaffMail.objects.filter(organisation=organisation, pk=int(key[1:])).first()
        if staff:
            bounces.bounced_staff(mail=staff, said=said)
        return Took("heard")
    rows = Message.objects.filter(organisation=organisation, direction=Message.Direction.OUT, pk=int(key[1:]))
    message = rows.select_related("contact").first()
    if message:
        bounces.bounced(message=message, said=said, is_for_good=bounce.permanent, now=now)
    return Took("heard", message.contact if message else None, message)


class Files(NamedTuple):
    """What was kept of a mail's files, and which could not be: name and why. `pictures`: tokens by content id."""

    tokens: tuple[str, ...]
    refused: tuple[dict[str, str], ...]
    pictures: Mapping[str, str]


def _files(mail: Mail, entry: EntryPoint, *, now: datetime) -> Files:
    tokens: list[str] = []
    pictures: dict[str, str] = {}
    refused: list[dict[str, str]] = []
    if mail.sealed:
        refused.append({"name": mail.sealed, "why": SEALED})
    every: list[Attachment] = [*mail.attachments, *mail.inline]
    for file in every[:MOST_FILES]:
        if not file.content:
            continue
        try:
            kept = uploads.keep(organisation=entry.organisation, name=file.name, content=file.content, now=now)
        except Refused as why:
            refused.append({"name": file.name[:200], "why": why.code})
        except Exception as error:
            if is_our_own(error):
                raise
            logger.exception("a file that came with a mail could not be kept")
            refused.append({"name": file.name[:200], "why": FAILED})
        else:
            tokens.append(kept.token)
            if file.content_id:
                pictures[file.content_id] = kept.token
    refused += [{"name": file.name[:200], "why": TOO_MANY} for file in every[MOST_FILES:]]
    return Files(tuple(tokens), tuple(refused), pictures)


def _keep_original(
    came: Came, mail: Mail, key: str, digest: str, refused: Sequence[Mapping[str, str]], *, now: datetime
) -> Quarantined:
    """The whole mail beside its words: what was refused is in there."""
    return quarantine.keep(
        organisation=came.entry.organisation,
        entry=came.entry,
        key=key,
        digest=digest,
        why=Why.PART,
        detail=quarantine.names(refused),
        raw=came.raw,
        size=came.size,
        sender=mail.sender,
        subject=mail.subject,
        now=now,
    )
