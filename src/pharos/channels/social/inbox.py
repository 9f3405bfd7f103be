"""Mentions and direct messages from Mastodon: read in order, kept, answered in public once."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from pharos.actions import arrivals, delivery, entries, posts, uploads
from pharos.actions.errors import KeyReused, Refused
from pharos.channels import DeliveryError
from pharos.channels.own_trouble import is_our_own
from pharos.channels.social import mastodon, plain
from pharos.channels.vias import via_of
from pharos.models import Channel, EntryPoint
from pharos.queries.posts import contact_of, was_told

logger = logging.getLogger(__name__)

PUBLIC: Final = ("public", "unlisted")
FIRST_PAGES: Final = 25  # looked back through when an account is read for the first time
PAUSES_S: Final = (5, 15, 60, 300)  # after each failure in a row
MOST_FILES: Final = 8
NAME_MAX: Final = 200

Tree = Mapping[str, Any]


class Rest(NamedTuple):
    """An account that is left alone for a while: until when, after how many failures in a row.

    `taken`: mentions (id and server) that were taken in behind one that cannot be.
    """

    until: datetime
    failures: int
    taken: frozenset[str] = frozenset()


_resting: dict[int, Rest] = {}  # of this process; after a restart every account is simply tried


def read_due(*, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
    """Read one page of what is new on every account; returns how many mentions came."""
    accounts = EntryPoint.objects.filter(channel=Channel.SOCIAL, adapter=mastodon.NETWORK, is_on=True)
    done = 0
    for entry in accounts.select_related("organisation", "incident").order_by("id"):
        if not going():
            break
        rest = _resting.get(entry.pk)
        if rest is None or not clock() < rest.until <= clock() + delivery.LONGEST_WAIT:
            done += _read_apart(entry, clock=clock)
    return done


def take(entry: EntryPoint, ours: mastodon.Account, status: Tree, *, now: datetime, edited: str = "") -> bool:
    """Keep one post that mentions us; the same again changes nothing. False when it is not there any more.

    `edited`: when its words were changed, if these are the changed ones.
    """
    found = _arrival(entry, ours, status, now=now, edited=edited)
    if found is None:
        return False
    if edited and was_told(entry, door=found.door, key=found.carrier_id, digest=found.digest):
        return True
    try:
        took = arrivals.take(found, now=now)
    except KeyReused:  # the words are others than before: it was edited between two readings
        if edited:
            return True
        return take(entry, ours, status, now=now, edited=str(status.get("edited_at") or found.digest))
    if found.is_public and not found.is_automatic:
        posts.answer(contact=took.contact, entry=entry, mention=found.carrier_id, to=found.sender, now=now)
    return True


def _read_apart(entry: EntryPoint, *, clock: Callable[[], datetime]) -> int:
    """Read one account; what fails there keeps no other waiting, unless it is our own machine that fails."""
    try:
        return _read(entry, clock=clock)
    except DeliveryError as error:
        _failed(entry, error.reason, wait_s=error.wait_s, now=clock())
    except Exception as error:
        if is_our_own(error):
            raise
        logger.exception("account %d cannot be read", entry.pk)
        _failed(entry, type(error).__name__, now=clock())
    return 0


def _failed(entry: EntryPoint, reason: str, *, wait_s: float | None = None, now: datetime) -> None:
    before = _resting.get(entry.pk, Rest(now, 0))
    failures = before.failures + 1
    pause = min(wait_s or 0, delivery.LONGEST_WAIT.total_seconds()) or PAUSES_S[min(failures, len(PAUSES_S)) - 1]
    _resting[entry.pk] = before._replace(until=now + timedelta(seconds=pause), failures=failures)
    entries.failed(entry=entry, reason=reason, now=now)


def _read(entry: EntryPoint, *, clock: Callable[[], datetime]) -> int:
    ours = mastodon.account(via_of(entry))
    after = _read_up_to(entry, ours) or ours.newest_before(entry.created_at, pages=FIRST_PAGES)
    found = ours.mentions(after=after)
    known = _resting[entry.pk].taken if entry.pk in _resting else frozenset()
    taken, failure = set[str](), None
    for notification in found:
        number, status = str(notification["id"]), notification.get("status")
        name = mastodon.carrier_id(number, ours)
        try:
            if name not in known and isinstance(status, dict):  # the post may be deleted already
                take(entry, ours, status, now=clock())
        except Exception as error:
            if is_our_own(error):
                raise
            failure = failure or error  # raised below, after the others have had their turn
        else:
            taken.add(name)
            after = after if failure else number
    cursor = {"after": after, "host": ours.host}
    if failure:
        entries.passed(entry=entry, cursor=cursor)
        _resting[entry.pk] = _resting.get(entry.pk, Rest(clock(), 0))._replace(taken=frozenset(taken))
        raise failure
    _resting.pop(entry.pk, None)
    entries.read(entry=entry, cursor=cursor, now=clock())
    return len(found)


def _read_up_to(entry: EntryPoint, ours: mastodon.Account) -> str:
    """The last mention that was read; blank when none was, or on another server."""
    return str(entry.cursor.get("after", "")) if entry.cursor.get("host") == ours.host else ""


def _arrival(
    entry: EntryPoint, ours: mastodon.Account, status: Tree, *, now: datetime, edited: str
) -> arrivals.Arrival | None:
    """What we make of a post; of one that is not as we know them at least who wrote it and where it can be read."""
    by = status.get("account")
    if not isinstance(by, dict) or not by.get("acct") or not status.get("id"):
        return None
    sender = sender_of(str(by["acct"]), ours)
    status_id = str(status["id"])
    words = _words(status, ours)
    digest = hashlib.sha256("\0".join([words, *_files(status)]).encode()).hexdigest()
    answers = str(status.get("in_reply_to_id") or "")
    answered = mastodon.carrier_id(answers, ours) if answers else ""
    carrier_id = mastodon.carrier_id(status_id, ours)
    known = contact_of(entry, sender=sender, answers=carrier_id if edited else answered)
    attachments, elsewhere = _kept(entry, ours, status, now=now)
    text = "\n".join([f"✎ {words}" if edited else words, *elsewhere])
    return arrivals.Arrival(
        organisation=entry.organisation,
        entry=entry,
        channel=Channel.SOCIAL,
        door=entries.door(entry),
        key=f"{carrier_id}/{edited}" if edited else carrier_id,
        digest=digest,
        sender=sender,
        name=plain.clean(str(by.get("display_name") or ""))[:NAME_MAX].strip(),
        text=text,
        language=plain.language_of(str(status.get("language") or "")),
        attachments=attachments,
        thread=(answered,) if answered else (),
        contact_id=known.pk if known else None,
        is_automatic=bool(by.get("bot")),
        is_public=status.get("visibility") in PUBLIC,
        carrier_id=carrier_id,
    )


def sender_of(acct: str, ours: mastodon.Account) -> str:
    """A handle with its network and its host: this server's own people are named without one."""
    user, _, host = plain.clean(acct).strip().lstrip("@").partition("@")
    return f"{mastodon.NETWORK}:@{user}@{host or ours.home}"


def _words(status: Tree, ours: mastodon.Account) -> str:
    warning = plain.clean(str(status.get("spoiler_text") or "")).strip()
    said = plain.without_own_name(plain.words(str(status.get("content") or "")), ours.handle)
    poll = status.get("poll")
    choices = [f"- {plain.clean(str(one.get('title', '')))}" for one in _rows(poll.get("options"))] if poll else []
    about = [plain.clean(str(one.get("description") or "")).strip() for one in _media(status)]
    blocks = [warning, said, "\n".join(choices), "\n".join(f"[{one}]" for one in about if one)]
    if not isinstance(status.get("content"), str):
        blocks.append(str(status.get("url") or status.get("uri") or ""))
    return "\n\n".join(block for block in blocks if block)


def _kept(
    entry: EntryPoint, ours: mastodon.Account, status: Tree, *, now: datetime
) -> tuple[tuple[str, ...], list[str]]:
    """The pictures and files of a post; and the addresses of those that could not be had."""
    tokens, elsewhere = [], []
    for url in _files(status):
        try:
            content = ours.picture(url, most_bytes=uploads.MOST_BYTES)
            name = url.partition("?")[0].rpartition("/")[2]
            kept = uploads.keep(organisation=entry.organisation, name=name, content=content, now=now)
            tokens.append(kept.token)
        except (DeliveryError, Refused):
            elsewhere.append(plain.clean(url))
        except Exception as error:
            if is_our_own(error):
                raise
            logger.exception("a file that came with a post could not be kept")
            elsewhere.append(plain.clean(url))
    return tuple(tokens), elsewhere


def _files(status: Tree) -> list[str]:
    return [str(one["url"]) for one in _media(status) if str(one.get("url") or "").startswith(("https://", "http://"))]


def _media(status: Tree) -> list[Tree]:
    return _rows(status.get("media_attachments"))[:MOST_FILES]


def _rows(found: Any) -> list[Tree]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
