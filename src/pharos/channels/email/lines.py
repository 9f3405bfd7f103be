"""One mailbox as the thread that reads it knows it: its connection, and when to ask for what."""

import contextlib
from collections.abc import Collection
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Final

from pharos.channels.email.cursor import Cursor
from pharos.channels.email.imap import Mailbox, Where

ASKED_EVERY: Final = timedelta(seconds=15)  # where the server does not tell
ANEW_EVERY: Final = timedelta(minutes=4)  # even where it does: a connection may be dead and silent
PAUSES: Final = tuple(timedelta(seconds=s) for s in (5, 10, 20, 40, 60))  # after each failure in a row
TRIES: Final = 5  # for a mail that is not given, until somebody is shown that it is not
ALONE: Final = 2  # tries; the first may have been for several at once
AGAIN_EVERY: Final = timedelta(seconds=60)
SELDOM: Final = timedelta(minutes=10)  # after those tries
MARK_PAUSES: Final = tuple(timedelta(seconds=s) for s in (60, 120, 300))  # after each failure to mark in a row
NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Line:
    """What is known of one mailbox from one turn to the next, and lost with the worker."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.box: Mailbox | None = None
        self.opening: Future[Mailbox] | None = None
        self.failures = 0
        self.next_at: datetime | None = None  # when to look, or to try again
        self.said_at: datetime | None = None
        self.mark_failures = 0
        self.mark_at: datetime | None = None  # when to mark again what is kept
        self.forget()

    def forget(self) -> None:
        """What was known by UIDs that are no more."""
        self.alone_to = 0  # the server hung up over some mail up to this UID: one at a time, to know which
        self.hung_over = 0  # the UID, or the first of several, over which it hung up the last time
        self.others = 0  # so many were asked for in vain, to know whether it gives any
        self.again_at: dict[int, datetime] = {}  # when to ask for a mail again that was not given
        self.unlisted_at: dict[int, datetime] = {}  # when one of these was not listed for the first time
        self.spared_until: datetime | None = None  # till then none of those while other mail waits

    def put_off(self, uid: int, *, tries: int, now: datetime) -> None:
        """Not given again: ask for it later, and let what waits go before all that was not given."""
        self.again_at[uid] = now + (AGAIN_EVERY if tries < TRIES else SELDOM)
        self.spared_until = now + (AGAIN_EVERY if tries > ALONE else ASKED_EVERY)

    def gone(self, asked: Collection[int], listed: Collection[int], *, now: datetime) -> list[int]:
        """Which the server lists no more, and did not a while ago either: one answer that lists none proves nothing."""
        unlisted = {uid: self.unlisted_at.get(uid, now) for uid in asked if uid not in listed}
        gone = [uid for uid, at in unlisted.items() if at + AGAIN_EVERY <= now]
        for uid in asked:
            self.unlisted_at.pop(uid, None)
        for uid in unlisted.keys() - gone:
            self.unlisted_at[uid] = min(unlisted[uid], now)
            self.again_at[uid] = now + AGAIN_EVERY
        return gone

    def due(self, cursor: Cursor, *, others_wait: bool, now: datetime) -> list[int]:
        """What was not given and is to be asked for again: first what was not asked for alone, the newest of it first.

        Of many that were passed together the first are bad, and the last may not be. The others in turn.
        """
        if others_wait and self.spared_until and now < self.spared_until <= now + AGAIN_EVERY:
            return []
        missed = {int(uid): tries for uid, tries in cursor.missed.items()}
        rests = {uid for uid, at in self.again_at.items() if now < at <= now + SELDOM}
        unknown = {uid for uid, tries in missed.items() if tries < ALONE} - rests
        known = missed.keys() - unknown - rests
        return [*sorted(unknown, reverse=True), *sorted(known, key=lambda uid: (self.again_at.get(uid, NEVER), uid))]

    def rests(self, now: datetime) -> bool:
        """Whether it is too early to look. A time further ahead than we ever set is of a clock that was put back."""
        return self.next_at is not None and now < self.next_at <= now + ANEW_EVERY

    def marks_rest(self, now: datetime) -> bool:
        """Whether it is too early to mark what is kept."""
        return self.mark_at is not None and now < self.mark_at <= now + MARK_PAUSES[-1]

    def mark_later(self, now: datetime) -> None:
        """Marking failed, and the connection may be dead or in any state. What is read by a new one is not held up."""
        self.close()
        self.mark_at = now + MARK_PAUSES[min(self.mark_failures, len(MARK_PAUSES) - 1)]
        self.mark_failures += 1

    def wait(self, box: Mailbox, *, now: datetime) -> None:
        """Nothing is to be read now: till the server tells, or it is time to look."""
        usual = now + (ANEW_EVERY if box.has_idle else ASKED_EVERY)
        self.next_at = min([usual, *self.again_at.values(), *([self.mark_at] if self.mark_at else [])])
        if box.has_idle:
            box.listen()

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
