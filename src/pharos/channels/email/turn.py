"""One turn at one mailbox: one of what was not given before, then some of what waits, the oldest first.

A mail is passed when the server says nothing of it, or hangs up twice in a row over it alone. So are a few in a row,
and more only while the server gives one behind them: a server that gives nothing at all is out of reach, and what it
holds goes on waiting.

A mail is marked on the server only after it is durable here and the cursor has moved on. What could not be marked is
remembered with the cursor and holds up nothing: a mail that is kept need not be marked to be known.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from pharos.actions import entries, quarantine
from pharos.channels.email import inbox
from pharos.channels.email.cursor import Cursor
from pharos.channels.email.imap import Given, Mailbox
from pharos.channels.email.imap_failures import Unreachable
from pharos.channels.email.lines import PAUSES, TRIES, Line
from pharos.models import EntryPoint, Quarantined

logger = logging.getLogger(__name__)

AT_ONCE: Final = 25  # mails
FEW: Final = 3  # mails; a server that gives none of more than these has a trouble of its own, until it gives another
LATE: Final = timedelta(days=2)  # a mail may have come so long before it is shown as not given
SAID_EVERY: Final = timedelta(seconds=60)  # an entry without mail says so often that it was read


class Turn:
    """One turn; `Unreachable` when the mailbox cannot be read on."""

    def __init__(
        self,
        entry: EntryPoint,
        line: Line,
        box: Mailbox,
        *,
        clock: Callable[[], datetime],
        going: Callable[[], bool],
    ) -> None:
        self.entry, self.line, self.box, self.clock, self.going = entry, line, box, clock, going

    def take(self) -> int:
        """Read some, unless it is too early; returns how many."""
        line, box, now = self.line, self.box, self.clock()
        if line.rests(now) and not (box.is_idle and box.has_news()):
            return 0
        before = self._begun()
        waiting = box.waiting(before)
        due = line.due(before, others_wait=bool(waiting), now=now)
        between, late = self._read_again(before, due) if due else (before, 0)
        if line.box is None:
            return late
        new = self._read_new(between, waiting)
        line.next_at = None
        if self._mark() and not waiting and not due:
            line.wait(box, now=now)
        return late + new

    def _begun(self) -> Cursor:
        former = Cursor.of(self.entry.cursor)
        cursor = self.box.begun(former, now=self.clock())
        if (cursor.box, cursor.validity) != (former.box, former.validity):
            if cursor.box == former.box:  # numbered anew: what was not taken is asked for by its new number, if it is
                reach = self.box.reach(self.clock())
                self._gone(former, map(int, former.missed), since=reach + LATE if reach else None)
            self.line.forget()
            entries.passed(entry=self.entry, cursor=cursor.kept())
        return cursor

    def _read_again(self, before: Cursor, due: Sequence[int]) -> tuple[Cursor, int]:
        """One of those that were not given, by itself. If the server hangs up over it, nothing else is concerned."""
        due = due[:AT_ONCE]  # a server takes a command of some length only
        there = self.box.listed(due)
        before = self._without(before, self.line.gone(due, there, now=self.clock()))
        asked = [uid for uid in due if uid in there][:1]
        try:
            given = self.box.fetch(asked) if asked else Given([], [])
        except Unreachable:
            self.line.close()
            self.line.next_at = self.clock() + PAUSES[0]
            return self._passed(before.passed(tried=asked), asked), 0
        took = self._taken(before, given)
        lost = self._left_out(given, took)
        return self._passed(before.passed(given=took, tried=lost), lost), len(took)

    def _read_new(self, before: Cursor, waiting: Sequence[int]) -> int:
        """Some of what waits; the first of it that cannot be kept now is read again."""
        if not waiting:
            self.line.alone_to = 0
            self._read_up_to(before)
            return 0
        asked = self._front(before, waiting)
        given = self._given(before, asked)
        took = self._taken(before, given)
        lost = self._left_out(given, took)
        if lost and not took and before.in_a_row + len(lost) > FEW and not self._is_well(before, lost):
            raise Unreachable("the server lists mails and gives none of them")
        after = before.passed(given=took, tried=lost)
        self._aside(after, lost)
        self._read_up_to(after)
        return len(took)

    def _front(self, before: Cursor, waiting: Sequence[int]) -> Sequence[int]:
        """What to ask for. After some in a row that were not given, the newest is left to show that others are."""
        if before.in_a_row >= FEW:
            return waiting[:-1][:AT_ONCE] or waiting
        return waiting[: 1 if waiting[0] <= self.line.alone_to else AT_ONCE]

    def _given(self, before: Cursor, asked: Sequence[int]) -> Given:
        """What the server gives; when it hangs up over the same for the second time in a row, that is passed."""
        line = self.line
        is_second = line.hung_over == asked[0]
        line.hung_over = 0
        may_pass = is_second and (self._gives_one_behind(before, asked) if before.in_a_row >= FEW else len(asked) == 1)
        try:
            return self.box.fetch(asked)
        except Unreachable:
            if may_pass:
                self._passed(before.passed(tried=asked), asked)
                line.failures = 0
            else:
                line.alone_to = max(line.alone_to, asked[-1])
                line.hung_over = asked[0] if len(asked) == 1 or before.in_a_row >= FEW else 0
            raise

    def _is_well(self, before: Cursor, lost: Sequence[int]) -> bool:
        """Whether it gives one behind those, which may have been asked for with them; or they are just not there."""
        return self._gives_one_behind(before, lost) or not self.box.listed(lost)

    def _gives_one_behind(self, before: Cursor, uids: Sequence[int]) -> bool:
        """Whether the server gives a mail behind those that it does not give: the newest, each time another."""
        behind = self.box.waiting(replace(before, uid=max(uids)), every=True)
        if not behind:
            return False
        uid = behind[-1 - self.line.others % len(behind)]
        self.line.others += 1
        return bool(self.box.fetch([uid]).mails)

    def _taken(self, before: Cursor, given: Given) -> list[int]:
        """The UIDs of those that could be kept."""
        took: list[int] = []
        for mail in given.mails:
            if not self.going():
                break
            came = inbox.take_in(inbox.Came(mail.raw, self.entry, mail.size, mail.is_cut), now=self.clock())
            for key in self._shown(before, [mail.uid]):  # as not given, and now it has come after all
                quarantine.found(organisation=self.entry.organisation, key=key, message=came.message, now=self.clock())
            took.append(mail.uid)
        return took

    def _mark(self) -> bool:
        """Say on the server what is kept. False when that failed: then the connection is closed, and it rests."""
        line, cursor, works = self.line, Cursor.of(self.entry.cursor), True
        while works and (uids := cursor.to_mark()) and not line.marks_rest(self.clock()):
            try:
                self.box.settle(uids)
            except Exception:  # noqa: BLE001 - whatever it is, reading goes on
                works = False
                line.mark_later(self.clock())
                before, cursor = cursor, cursor.failed_over(uids)
                if len(cursor.unmarked) < len(before.unmarked):
                    logger.warning("mailbox %d: a mail that is kept cannot be marked", self.entry.pk)
            else:
                line.mark_failures = 0
                cursor = cursor.marked(uids)
        if not cursor.unmarked:
            line.mark_at = None
        if cursor.kept() != self.entry.cursor:
            entries.passed(entry=self.entry, cursor=cursor.kept())
        return works

    def _left_out(self, given: Given, took: Sequence[int]) -> Sequence[int]:
        """What was asked for and not given. Somebody may have taken it away: that is seen when it is due again."""
        if len(took) == len(given.mails):
            return given.left_out
        return [uid for uid in given.left_out if took and uid < took[-1]]  # told to stop: the rest is not passed

    def _without(self, cursor: Cursor, gone: Collection[int]) -> Cursor:
        self._gone(cursor, gone)
        return cursor.passed(gone=gone)

    def _gone(self, cursor: Cursor, uids: Iterable[int], *, since: datetime | None = None) -> None:
        keys = self._shown(cursor, uids)
        if keys:
            quarantine.gone(organisation=self.entry.organisation, keys=keys, since=since, now=self.clock())

    def _shown(self, cursor: Cursor, uids: Iterable[int]) -> list[str]:
        """By what names those of these are shown to somebody that were asked for often enough."""
        return [self._key(cursor, uid) for uid in uids if cursor.missed.get(str(uid), 0) >= TRIES]

    def _key(self, cursor: Cursor, uid: int) -> str:
        return f"uid:{self.entry.pk}:{cursor.validity}:{uid}"

    def _passed(self, after: Cursor, lost: Sequence[int]) -> Cursor:
        """Go on from here, though the mailbox may not be read to its end now."""
        self._aside(after, lost)
        entries.passed(entry=self.entry, cursor=after.kept())
        return after

    def _aside(self, after: Cursor, lost: Sequence[int]) -> None:
        """Ask for these again later; somebody is shown those that were asked for often enough."""
        for uid in lost:
            tries = after.missed[str(uid)]
            self.line.put_off(uid, tries=tries, now=self.clock())
            if tries == TRIES:
                logger.warning("mailbox %d does not give a mail that it lists", self.entry.pk)
                quarantine.keep(
                    organisation=self.entry.organisation,
                    entry=self.entry,
                    key=self._key(after, uid),
                    why=Quarantined.Why.NOT_GIVEN,
                    detail=f"UID {uid}",
                    raw=b"",
                    size=0,
                    now=self.clock(),
                )

    def _read_up_to(self, cursor: Cursor) -> None:
        line, entry, now = self.line, self.entry, self.clock()
        line.failures = 0
        line.again_at = {uid: at for uid, at in line.again_at.items() if str(uid) in cursor.missed}
        kept = cursor.kept()
        said = line.said_at is not None and now - line.said_at < SAID_EVERY
        if kept != entry.cursor or entry.failure or not said:
            entries.read(entry=entry, cursor=kept, now=now)
            line.said_at = now
