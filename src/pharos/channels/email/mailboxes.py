"""Reading every mailbox again and again: told by the server where it can tell, else asked from time to time.

A mail is marked on the server only after it is durable here, and the cursor moves on after that. Whoever dies in
between reads some mails once more, which are known by then.
"""

import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from pharos.actions import entries
from pharos.channels.email import inbox
from pharos.channels.email.imap import AT_ONCE, Cursor, Mailbox, Unreachable, Where
from pharos.models import Channel, EntryPoint

logger = logging.getLogger(__name__)

ASKED_EVERY: Final = timedelta(seconds=15)  # where the server does not tell
ANEW_EVERY: Final = timedelta(minutes=4)  # even where it does: a connection may be dead and silent
PAUSES: Final = tuple(timedelta(seconds=s) for s in (5, 10, 20, 40, 60))  # after each failure in a row
OPENING_S: Final = 2.0  # a server that takes longer is waited for aside, so that it holds up no other
SAID_EVERY: Final = timedelta(seconds=60)  # an entry without mail says so often that it was read


class Line:
    """One mailbox as this thread reads it."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.box: Mailbox | None = None
        self.opening: Future[Mailbox] | None = None
        self.failures = 0
        self.next_at: datetime | None = None  # when to look, or to try again
        self.said_at: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Whether it is too early to look. A time further ahead than we ever set is of a clock that was put back."""
        return self.next_at is not None and now < self.next_at <= now + ANEW_EVERY

    def close(self) -> None:
        """Hang up; a connection that is still being made is closed when it is there."""
        box, self.box = self.box, None
        opening, self.opening = self.opening, None
        if box is not None:
            box.close()
        if opening is not None:
            opening.add_done_callback(_close)


def _close(opening: Future[Mailbox]) -> None:
    with contextlib.suppress(Exception):
        opening.result().close()


class Reader:
    """What one thread keeps from one turn to the next: the open connections."""

    def __init__(self) -> None:
        self._lines: dict[int, Line] = {}
        self._aside = ThreadPoolExecutor(max_workers=8, thread_name_prefix="mailbox-opening")

    def read_due(self, *, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
        """Take in what waits in each mailbox, some of each in turn; returns how many mails were read."""
        rows = EntryPoint.objects.filter(channel=Channel.EMAIL, adapter="imap", is_on=True).select_related(
            "organisation"
        )
        found = {entry.pk: entry for entry in rows.order_by("id")}
        for gone in self._lines.keys() - found.keys():
            self._lines.pop(gone).close()
        self._open([entry for entry in found.values() if self._is_due(entry, now=clock())], now=clock())
        return sum(self._read(entry, clock=clock, going=going) for entry in found.values() if going())

    def close(self) -> None:
        """Hang up everywhere."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()
        self._aside.shutdown(wait=False)

    def __del__(self) -> None:
        self.close()

    def _is_due(self, entry: EntryPoint, *, now: datetime) -> bool:
        """Whether its connection must be made now."""
        where = where_of(entry)
        line = self._lines.get(entry.pk)
        if line is None or line.where != where:
            if line is not None:
                line.close()
            line = self._lines[entry.pk] = Line(where)
        if line.box is not None:
            return False
        return line.opening is not None or not line.rests(now)

    def _open(self, due: list[EntryPoint], *, now: datetime) -> None:
        lines = [self._lines[entry.pk] for entry in due]
        for line in lines:
            if line.opening is None:
                line.opening = self._aside.submit(Mailbox, line.where)
        wait_for([line.opening for line in lines if line.opening], timeout=OPENING_S)
        for entry, line in zip(due, lines, strict=True):
            if line.opening is None or not line.opening.done():
                continue
            opening, line.opening = line.opening, None
            try:
                line.box, line.next_at = opening.result(), None
            except Unreachable as failure:
                self._failed(entry, line, failure, now=now)

    def _read(self, entry: EntryPoint, *, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
        line = self._lines[entry.pk]
        if line.box is None:
            return 0
        try:
            return self._batch(entry, line, line.box, clock=clock, going=going)
        except Unreachable as failure:
            self._failed(entry, line, failure, now=clock())
            return 0
        except BaseException:
            line.close()  # the database is away, or we are to stop: what was not kept is read again
            raise

    def _batch(
        self, entry: EntryPoint, line: Line, box: Mailbox, *, clock: Callable[[], datetime], going: Callable[[], bool]
    ) -> int:
        """Some of what waits; the first of it that cannot be kept now is read again."""
        now = clock()
        if line.rests(now) and not (box.is_idle and box.has_news()):
            return 0
        before = box.begun(Cursor.of(entry.cursor), now=now)
        waiting = box.waiting(before)[:AT_ONCE]
        mails = box.fetch(waiting) if waiting else []
        done: list[int] = []
        for mail in mails:
            if not going():
                break
            inbox.take_in(inbox.Came(mail.raw, entry, mail.size, mail.is_cut), now=clock())
            done.append(mail.uid)
        if done:
            box.settle(done)
        gone = waiting if not mails else []  # somebody else has taken them away meanwhile
        self._read_up_to(entry, line, replace(before, uid=max([before.uid, *done, *gone])), now=clock())
        line.next_at = None if waiting else now + (ANEW_EVERY if box.has_idle else ASKED_EVERY)
        if not waiting and box.has_idle:
            box.listen()
        return len(done)

    def _read_up_to(self, entry: EntryPoint, line: Line, cursor: Cursor, *, now: datetime) -> None:
        line.failures = 0
        kept = cursor.kept()
        said = line.said_at is not None and now - line.said_at < SAID_EVERY
        if kept != entry.cursor or entry.failure or not said:
            entries.read(entry=entry, cursor=kept, now=now)
            line.said_at = now

    def _failed(self, entry: EntryPoint, line: Line, failure: Unreachable, *, now: datetime) -> None:
        line.close()
        line.next_at = now + PAUSES[min(line.failures, len(PAUSES) - 1)]
        line.failures += 1
        if entry.failing_since is None:
            logger.warning("mailbox %d cannot be read", entry.pk)
        entries.failed(entry=entry, reason=str(failure), now=now)


def where_of(entry: EntryPoint) -> Where:
    """How an entry's mailbox is reached."""
    options, tls = entry.options, str(entry.options.get("tls") or "implicit")
    return Where(
        host=str(options.get("host", "")),
        port=int(options.get("port") or (993 if tls == "implicit" else 143)),
        tls=tls,
        user=str(options.get("user") or entry.address),
        password=str(entry.secret.get("password", "")),
        folder=str(options.get("folder") or "INBOX"),
        start=str(options.get("start") or "unread"),
        keep_in=str(options.get("keep_in") or ""),
    )
