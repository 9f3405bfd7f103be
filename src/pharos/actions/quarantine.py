"""Mail that could not be taken in: kept whole, looked at by somebody, taken in once more or thrown away."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from pharos import live
from pharos.actions.errors import Refused
from pharos.models import EntryPoint, Message, Organisation, Quarantined, User

State = Quarantined.State
PART: Final = Quarantined.Why.PART
EMPTY: Final = b""
HEAD_MAX: Final = 256 * 2**10  # bytes of a head that are looked at
NOTHING: Final = hashlib.sha256(EMPTY).hexdigest()
UNTOLD: Final = {"", NOTHING}  # digests from before all mails could be told apart by them
KEY_MAX: Final = 180  # characters; room for what is added


def keep(
    *,
    organisation: Organisation,
    entry: EntryPoint | None,
    key: str,
    digest: str = "",
    why: Quarantined.Why,
    raw: bytes,
    size: int,
    detail: str = "",
    sender: str = "",
    subject: str = "",
    now: datetime,
) -> Quarantined:
    """Keep a mail as it came; the same delivery once more is kept once. Durable when it returns.

    Another mail under the same key is kept beside the first. A mail that was kept for a file of it and then could not
    be taken in at all is kept for that.
    """
    values = {
        "entry": entry,
        "digest": digest,
        "why": why,
        "detail": _plain(detail, 300),
        "sender": _plain(sender, 320),
        "subject": _plain(subject, 300),
        "raw": raw,
        "size": size,
        "at": now,
    }
    row, made = Quarantined.objects.get_or_create(organisation=organisation, key=key, defaults=values)
    if not made and not _is_same(row, digest):
        own = own_key(key, digest)
        row, made = Quarantined.objects.get_or_create(organisation=organisation, key=own, defaults=values)
    if made or (why != PART and _unlinked(row).update(state=State.KEPT, settled_at=None, settled_by=None, **values)):
        live.nudge(organisation_id=organisation.pk, topics=["board"], now=now)
    return row


def _plain(text: str, length: int) -> str:
    """What every database takes as text."""
    return " ".join(text.encode("utf-8", "replace").decode().replace("\0", "").split())[:length]


def own_key(key: str, digest: str) -> str:
    """What names a mail whose key came before with another."""
    return f"{key[:KEY_MAX]}#{digest[:16]}"


def holds(*, organisation: Organisation, key: str, digest: str) -> bool:
    """Whether this very mail was kept aside before, all of it."""
    rows = Quarantined.objects.filter(organisation=organisation, key__in=(key, own_key(key, digest)))
    aside = rows.exclude(why=PART).defer("raw")
    return any(_is_same(row, digest) for row in aside)


def _is_same(row: Quarantined, digest: str) -> bool:
    """Whether a row is of this mail. One whose digest does not tell has its bytes, until it is settled."""
    if row.digest not in UNTOLD:
        return row.digest == digest
    raw = bytes(row.raw)
    return digest_of(raw) == digest if raw else not row.digest


def digest_of(raw: bytes) -> str:
    """Of what a mail says, the same however it travelled: all below its head, or whose it is where that is nothing."""
    head, said = _parts(raw)
    return hashlib.sha256(said or _whose(head)).hexdigest()


def is_all_head(raw: bytes) -> bool:
    """Whether a mail says nothing below its head."""
    return not _parts(raw)[1]


def _parts(raw: bytes) -> tuple[bytes, bytes]:
    head, *rest = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)
    return head, b"".join(rest).replace(b"\r\n", b"\n").rstrip()


def _whose(head: bytes) -> bytes:
    """What its writer put into the head of a mail, however a relay folds it."""
    unfolded = re.sub(rb"\r?\n(?=[ \t])", b"", head[:HEAD_MAX])
    said = {name.lower(): value for name, value in re.findall(rb"(?im)^(from|subject|date):(.*)$", unfolded)}
    return b"\n".join(name + b":" + b" ".join(said[name].split()) for name in sorted(said))


def link(*, quarantined: Quarantined, message: Message) -> None:
    """Say which words came with the file that could not be taken."""
    _unlinked(quarantined).update(message=message, contact=message.contact_id)


def _unlinked(quarantined: Quarantined) -> "QuerySet[Quarantined]":
    """The row while it holds a file and is not known to have become anybody's words."""
    return Quarantined.objects.filter(pk=quarantined.pk, why=PART, message=None)


def taken(*, quarantined: Quarantined, message: Message | None, by: User | None, now: datetime) -> bool:
    """It has become somebody's words, or told us what it had to tell. Its bytes go, unless a file is in them alone."""
    became = {"message": message, "contact": message.contact_id if message else None}
    if message and message.not_taken and quarantined.size:
        return _settle(quarantined, why=PART, detail=_plain(names(message.not_taken), 300), **became)
    return _settle(quarantined, state=State.TAKEN, settled_at=now, settled_by=by, raw=EMPTY, **became)


def names(files: Iterable[Mapping[str, str]]) -> str:
    """The files that were not taken, by their names."""
    return ", ".join(one["name"] for one in files)


def found(*, organisation: Organisation, key: str, message: Message | None, now: datetime) -> None:
    """What was not there to be kept has come after all, and was taken in."""
    row = Quarantined.objects.filter(organisation=organisation, key=key, state=State.KEPT).first()
    if row:
        taken(quarantined=row, message=message, by=None, now=now)


def gone(*, organisation: Organisation, keys: Collection[str], since: datetime | None = None, now: datetime) -> None:
    """What was not there to be kept is not where it came from any more either: nobody has to look for it.

    `since`: only what is shown since then.
    """
    rows = Quarantined.objects.filter(organisation=organisation, key__in=keys, state=State.KEPT)
    if since:
        rows = rows.filter(at__gte=since)
    rows.update(state=State.DISCARDED, settled_at=now)


def failed_again(*, quarantined: Quarantined, why: Quarantined.Why, detail: str) -> None:
    """Taking it in once more did not help, and this is why now."""
    _settle(quarantined, why=why, detail=_plain(detail, 300))


def discard(*, quarantined: Quarantined, by: User, now: datetime) -> None:
    """Throw it away: nobody has to answer it. That it was here, and who threw it away, stays for a while."""
    if not _settle(quarantined, state=State.DISCARDED, settled_at=now, settled_by=by, raw=EMPTY):
        raise Refused("moved_on", _("Somebody has dealt with this mail meanwhile. Nothing was changed."))


def _settle(quarantined: Quarantined, **values: object) -> bool:
    return bool(Quarantined.objects.filter(pk=quarantined.pk, state=State.KEPT).update(**values))
