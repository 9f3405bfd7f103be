"""Reading every mailbox again and again: told by the server where it can tell, else asked from time to time.

A mail that the server lists and does not give, or hangs up over, holds up no other: it is asked for again by itself,
and after some tries it is shown beside the mail that was kept aside, and still asked for.

A mail is marked on the server only after it is durable here, and the cursor moves on after that. Whoever dies in
between reads some mails once more, which are known by then.
"""

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from datetime import datetime, timedelta
from typing import Final

from pharos.actions import entries, quarantine
from pharos.channels.email import inbox
from pharos.channels.email.imap import AT_ONCE, Cursor, Given, Mailbox, Unreachable, Where
from pharos.models import Channel, EntryPoint, Quarantined

logger = logging.getLogger(__name__)

ASKED_EVERY: Final = timedelta(seconds=15)  # where the server does not tell
ANEW_EVERY: Final = timedelta(minutes=4)  # even where it does: a connection may be dead and silent
PAUSES: Final = tuple(timedelta(seconds=s) for s in (5, 10, 20, 40, 60))  # after each failure in a row
OPENING_S: Final = 2.0  # a server that takes longer is waited for aside, so that it holds up no other
TRIES: Final = 5  # for a mail that is not given, until somebody is shown that it is not
AGAIN_EVERY: Final = timedelta(seconds=60)
SELDOM: Final = timedelta(minutes=10)  # after those tries
FEW: Final = 3  # mails; a server that gives none of more than these has a trouble of its own
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
        self.is_wary = False  # the server hung up over some mail: one at a time, until it is known which
        self.again_at: dict[int, datetime] = {}  # when to ask for a mail again that was not given

    def due(self, cursor: Cursor, now: datetime) -> list[int]:
        """What was not given, and is to be asked for again."""
        rests = {uid for uid, at in self.again_at.items() if now < at <= now + SELDOM}
        return sorted(set(map(int, cursor.missed)) - rests)

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
        waiting = box.waiting(before)
        due = [] if waiting else line.due(before, now)
        there = box.listed(due)
        asked = waiting[: 1 if line.is_wary else AT_ONCE] or there[:1]
        if due:
            self._read_up_to(entry, line, before, now=now)  # all that is new was read, whatever becomes of these
        given = self._given(entry, line, box, before, asked, now=now)
        took = _taken(entry, box, given, clock=clock, going=going)
        left_out = given.left_out if len(took) == len(given.mails) else []
        lost = box.listed(left_out)
        if len(lost) > FEW and not took:
            raise Unreachable("the server lists mails and gives none of them")
        gone = {*due, *left_out} - {*there, *lost}  # somebody else has taken them away meanwhile
        after = before.passed(given={*took, *gone}, tried=lost)
        _aside(entry, line, after, lost, now=clock())
        _found(entry, before, took, now=clock())
        self._read_up_to(entry, line, after, now=clock())
        line.is_wary = line.is_wary and bool(waiting)
        line.again_at = {uid: at for uid, at in line.again_at.items() if str(uid) in after.missed}
        usual = now + (ANEW_EVERY if box.has_idle else ASKED_EVERY)
        line.next_at = None if asked else min([usual, *line.again_at.values()])
        if not asked and box.has_idle:
            box.listen()
        return len(took)

    def _given(
        self, entry: EntryPoint, line: Line, box: Mailbox, before: Cursor, asked: Sequence[int], *, now: datetime
    ) -> Given:
        """What the server gives. When it hangs up over one mail alone, that one is passed, and asked for again."""
        if not asked:
            return Given([], [])
        try:
            return box.fetch(asked)
        except Unreachable:
            line.is_wary = True
            if len(asked) == 1:
                after = before.passed(given=(), tried=asked)
                _aside(entry, line, after, asked, now=now)
                entries.passed(entry=entry, cursor=after.kept())
            raise

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


def _taken(
    entry: EntryPoint, box: Mailbox, given: Given, *, clock: Callable[[], datetime], going: Callable[[], bool]
) -> dict[int, inbox.Took]:
    """What became of each that could be kept; then they are marked."""
    took: dict[int, inbox.Took] = {}
    for mail in given.mails:
        if not going():
            break
        took[mail.uid] = inbox.take_in(inbox.Came(mail.raw, entry, mail.size, mail.is_cut), now=clock())
    if took:
        box.settle([*took])
    return took


def _aside(entry: EntryPoint, line: Line, after: Cursor, lost: Sequence[int], *, now: datetime) -> None:
    """Ask for these again later; somebody is shown those that were asked for often enough."""
    for uid in lost:
        tries = after.missed[str(uid)]
        line.again_at[uid] = now + (AGAIN_EVERY if tries < TRIES else SELDOM)
        if tries == TRIES:
            logger.warning("mailbox %d does not give a mail that it lists", entry.pk)
            quarantine.keep(
                organisation=entry.organisation,
                entry=entry,
                key=_key(entry, after, uid),
                why=Quarantined.Why.NOT_GIVEN,
                detail=f"UID {uid}",
                raw=b"",
                size=0,
                now=now,
            )


def _found(entry: EntryPoint, before: Cursor, took: Mapping[int, inbox.Took], *, now: datetime) -> None:
    """What was shown as not given has come after all."""
    for uid, one in took.items():
        if before.missed.get(str(uid), 0) >= TRIES:
            key = _key(entry, before, uid)
            quarantine.found(organisation=entry.organisation, key=key, message=one.message, now=now)


def _key(entry: EntryPoint, cursor: Cursor, uid: int) -> str:
    return f"uid:{entry.pk}:{cursor.validity}:{uid}"


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
