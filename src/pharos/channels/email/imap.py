"""One mailbox over IMAP: what came since the last time, whole and in order, and the mark that it is kept.

What was read is known by the cursor: the mailbox's UIDVALIDITY and the last UID. When the server numbers the mailbox
anew, everything that does not carry our mark is read again; who takes it in knows what was taken before.
"""

import contextlib
import imaplib
import re
import select
import ssl
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from io import BufferedReader
from itertools import pairwise
from typing import Any, Final, NamedTuple, cast

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.utils import encode_folder

from pharos.channels.email.cursor import Cursor
from pharos.channels.email.imap_failures import Unreachable, failures, text

TIMEOUT_S: Final = 20.0  # for each answer of the server
AT_ONCE_BYTES: Final = 16 * 2**20
MOST_BYTES: Final = 60 * 2**20  # of a larger mail only the head is read
HEAD_BYTES: Final = 256 * 2**10
STRETCH: Final = 2000  # UIDs; of very many that wait no more are looked through for each few that are read
MARK: Final = "PharosTaken"
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
REMEMBERED: Final = timedelta(days=25)  # what was taken in is known for 30 days


@dataclass(frozen=True, kw_only=True)
class Where:
    """A mailbox. `tls`: implicit, starttls or none. `start`: unread, new or all of what was there at the first time.

    `keep_in`: the folder that a mail is moved to when it is kept; blank: it stays and is marked as read.
    """

    host: str
    port: int
    tls: str
    user: str
    password: str
    folder: str = "INBOX"
    start: str = "unread"
    keep_in: str = ""


class Fetched(NamedTuple):
    """One mail as the server has it. `size` in bytes; `raw` is only its head when it `is_cut`."""

    uid: int
    raw: bytes
    size: int
    is_cut: bool


class Given(NamedTuple):
    """What the server gave of what it was asked for, and the UIDs that it left out in between."""

    mails: Sequence[Fetched]
    left_out: Sequence[int]


class Mailbox:
    """An open connection on which one folder is selected. Everything that fails on it is `Unreachable`."""

    def __init__(self, where: Where) -> None:
        self._where = where
        with failures():
            self._box = _connected(where)
            try:
                self._enter()
            except BaseException:
                self._box.client.shutdown()
                raise
        self.is_idle = False

    def _enter(self) -> None:
        where, client = self._where, self._box.client
        if client.state == "NONAUTH":
            plain = where.user.isascii() and where.password.isascii()
            (self._box.login if plain else self._box.login_utf8)(where.user, where.password, None)
        _said = client.capability()[1][0] or b""
        client.capabilities = tuple(_said.decode("ascii", "replace").upper().split())
        if where.keep_in and not self._box.folder.exists(where.keep_in):
            self._box.folder.create(where.keep_in)
        self._box.folder.set(where.folder)
        self.validity = self._number("UIDVALIDITY")
        self._next = self._number("UIDNEXT")
        self._keeps_marks = b"\\*" in self._said("PERMANENTFLAGS") or MARK.encode() in self._said("FLAGS")

    def _said(self, code: str) -> bytes:
        found = (self._box.client.untagged_responses.get(code) or [b""])[-1]
        return found if isinstance(found, bytes) else b""

    def _number(self, code: str) -> int:
        said = self._said(code)
        return int(said) if said.isdigit() else 0

    @property
    def has_idle(self) -> bool:
        """Whether the server tells by itself that mail came."""
        return "IDLE" in self._box.client.capabilities

    def begun(self, cursor: Cursor, *, now: datetime) -> Cursor:
        """The cursor for this numbering of the mailbox: the same, or from the beginning when it is a new one."""
        box = f"{self._where.user}@{self._where.host}/{self._where.folder}"
        if cursor.box != box:
            cursor = Cursor(box=box)
        if cursor.validity == self.validity and cursor.validity:
            return cursor
        newest = self._next - 1 if self._next else self._newest()
        if not cursor.since:
            among = "UNSEEN" if self._where.start == "unread" else "ALL"
            begun = Cursor(box=box, validity=self.validity, backlog=newest, among=among, since=now.date().isoformat())
            return replace(begun, uid=newest) if self._where.start == "new" else begun
        among = self._not_taken(cursor, now)
        return replace(
            cursor, validity=self.validity, uid=0, backlog=newest, among=among, given=0, missed={}, unmarked={}
        )

    def _not_taken(self, cursor: Cursor, now: datetime) -> str:
        first = datetime.fromisoformat(cursor.since).date() - timedelta(days=2)
        reach = self.reach(now)
        since = f"SINCE {_day(max(first, reach.date()))}" if reach else f"UNKEYWORD {MARK} SINCE {_day(first)}"
        return {"unread": f"OR (UNSEEN) ({since})", "all": f"OR (UNSEEN) ({since})"}.get(self._where.start, since)

    def reach(self, now: datetime) -> datetime | None:
        """How far back a mailbox that is numbered anew is gone through; None: to the first mail that we read."""
        return None if self._keeps_marks else now - REMEMBERED

    def _newest(self) -> int:
        with failures():
            return max(self._search("ALL"), default=0)

    def waiting(self, cursor: Cursor, *, every: bool = False) -> list[int]:
        """The UIDs that are to be read, the oldest first and without a gap; of very many the first some, or `every`."""
        with failures():
            self._awake()
            self._box.client.noop()  # what came since the last command is not searched before
            many = not every and self._next - cursor.uid > 2 * STRETCH
            if many and (found := self._between(cursor, cursor.uid + 1, cursor.uid + STRETCH)):
                return found
            return self._between(cursor, cursor.uid + 1, None)

    def _between(self, cursor: Cursor, first: int, last: int | None) -> list[int]:
        found: list[int] = []
        if first <= cursor.backlog:
            end = cursor.backlog if last is None else min(last, cursor.backlog)
            found += self._search(f"UID {first}:{end} {cursor.among} UNDELETED")
        new = max(first, cursor.backlog + 1)
        if last is None or new <= last:
            came = self._search(f"UID {new}:{last or '*'} UNDELETED")
            found += [uid for uid in came if uid >= new]  # `*` is the last mail, whatever stands before it
        return sorted(set(found))

    def listed(self, uids: Collection[int]) -> list[int]:
        """Which of these the mailbox still holds, as it says now."""
        if not uids:
            return []
        with failures():
            self._awake()
            self._box.client.noop()
            return self._search(f"UID {_set(sorted(uids))} UNDELETED")

    def _search(self, criteria: str) -> list[int]:
        """UIDs, in order. What stands in brackets is no UID: how new the newest of them is (RFC 7162)."""
        said = b" ".join(line for line in self._asked("SEARCH", criteria) if isinstance(line, bytes))
        return sorted(int(uid) for uid in re.sub(rb"\([^()]*\)", b" ", said).split())

    def fetch(self, uids: Sequence[int]) -> Given:
        """The first of these mails, as many as may be held at once; what has gone meanwhile is left out."""
        with failures():
            self._awake()
            sizes = self._sizes(uids)
            chosen: list[int] = []
            held = 0
            for uid, size in sizes.items():
                held += min(size, HEAD_BYTES if size > MOST_BYTES else size)
                if chosen and held > AT_ONCE_BYTES:
                    break
                chosen.append(uid)
            whole = [uid for uid in chosen if sizes[uid] <= MOST_BYTES]
            raw = self._bodies(whole, "BODY.PEEK[]")
            raw |= self._bodies([uid for uid in chosen if uid not in whole], f"BODY.PEEK[]<0.{HEAD_BYTES}>")
            later = min(sizes.keys() - set(chosen), default=None)
            return Given(
                [Fetched(uid, raw[uid], sizes[uid], uid not in whole) for uid in chosen if uid in raw],
                [uid for uid in uids if uid not in raw and (later is None or uid < later)],
            )

    def _sizes(self, uids: Sequence[int]) -> dict[int, int]:
        lines = self._fetched(uids, "RFC822.SIZE")
        heads = [line if isinstance(line, bytes) else line[0] for line in lines if line]
        found = {}
        for head in heads:
            uid, size = re.search(rb"UID (\d+)", head), re.search(rb"RFC822\.SIZE (\d+)", head)
            if uid and size:
                found[int(uid[1])] = int(size[1])
        return dict(sorted(found.items()))

    def _bodies(self, uids: Sequence[int], part: str) -> dict[int, bytes]:
        """A literal stands between two lines, and the UID in one of them."""
        found: dict[int, bytes] = {}
        lines = self._fetched(uids, part) if uids else []
        for line, after in pairwise([*lines, b""]):
            if isinstance(line, tuple):
                tail = after if isinstance(after, bytes) else b""
                uid = re.search(rb"UID (\d+)", line[0] + b" " + tail)
                if uid:
                    found[int(uid[1])] = line[1]
        return found

    def _fetched(self, uids: Sequence[int], parts: str) -> list[Any]:
        return self._asked("FETCH", _set(uids), f"(UID {parts})")

    def _asked(self, *command: str) -> list[Any]:
        kind, lines = self._box.client.uid(*command)
        if kind != "OK":
            raise Unreachable(text(lines))
        return list(lines)

    def settle(self, uids: Sequence[int]) -> None:
        """Say that these mails are kept: marked, read, and moved where they are to go. What is refused stays."""
        with failures():
            self._awake()
            client = self._box.client
            if client.is_readonly:
                return
            client.uid("STORE", _set(uids), "+FLAGS.SILENT", f"(\\Seen{f' {MARK}' if self._keeps_marks else ''})")
            if self._where.keep_in:
                self._move(_set(uids))

    def _move(self, uids: str) -> None:
        """Without MOVE, a copy and the old one gone; never a plain EXPUNGE, which would take others' mail along."""
        client, folder = self._box.client, encode_folder(self._where.keep_in).decode()
        if "MOVE" in client.capabilities:
            client.uid("MOVE", uids, folder)
        elif client.uid("COPY", uids, folder)[0] == "OK":
            client.uid("STORE", uids, "+FLAGS.SILENT", "(\\Deleted)")
            if "UIDPLUS" in client.capabilities:
                client.uid("EXPUNGE", uids)

    def listen(self) -> None:
        """Ask the server to tell when mail comes."""
        with failures():
            self._awake()
            self._box.idle.start()  # type: ignore[no-untyped-call]
            self.is_idle = True

    def has_news(self) -> bool:
        """Whether the server has said something since it was asked to tell, or has gone. Does not wait."""
        client = self._box.client
        with failures():
            client.sock.settimeout(0)
            try:
                if cast(BufferedReader, client.file).peek(1):
                    return True
            except ssl.SSLWantReadError:
                return False
            finally:
                client.sock.settimeout(TIMEOUT_S)
            return bool(select.select([client.sock], [], [], 0)[0])  # readable and nothing to read: it has gone

    def _awake(self) -> None:
        if self.is_idle:
            self.is_idle = False
            self._box.idle.stop()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Hang up, politely when that is possible without waiting long."""
        with contextlib.suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
            self._box.client.sock.settimeout(1)
            self._awake()
            self._box.client.logout()
        with contextlib.suppress(OSError):
            self._box.client.shutdown()


def _connected(where: Where) -> BaseMailBox:
    if where.tls == "implicit":
        return MailBox(where.host, where.port, timeout=TIMEOUT_S, ssl_context=ssl.create_default_context())
    if where.tls == "starttls" and where.port == 993:
        raise Unreachable("port 993 is encrypted from the first byte")
    if where.tls == "starttls":
        return MailBoxStartTls(where.host, where.port, timeout=TIMEOUT_S, ssl_context=ssl.create_default_context())
    return MailBoxUnencrypted(where.host, where.port, timeout=TIMEOUT_S)


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _day(day: date) -> str:
    """A day as IMAP writes it, whatever the language of the machine."""
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}"
