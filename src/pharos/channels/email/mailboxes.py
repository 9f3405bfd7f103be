"""Reading every mailbox again and again: told by the server where it can tell, else asked from time to time."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from datetime import datetime
from typing import Final

from pharos.actions import entries
from pharos.channels.email.imap import Mailbox, Where
from pharos.channels.email.imap_failures import Unreachable
from pharos.channels.email.lines import PAUSES, Line
from pharos.channels.email.turn import Turn
from pharos.channels.own_trouble import is_our_own
from pharos.models import Channel, EntryPoint

logger = logging.getLogger(__name__)

OPENING_S: Final = 2.0  # a server that takes longer is waited for aside, so that it holds up no other


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
            except Exception as failure:  # noqa: BLE001 - raised on when it is not of this mailbox alone
                self._failed(entry, line, failure, now=now)

    def _read(self, entry: EntryPoint, *, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
        line = self._lines[entry.pk]
        if line.box is None:
            return 0
        try:
            return Turn(entry, line, line.box, clock=clock, going=going).take()
        except Exception as failure:  # noqa: BLE001 - raised on when it is not of this mailbox alone
            self._failed(entry, line, failure, now=clock())
            return 0
        except BaseException:
            line.close()
            raise

    def _failed(self, entry: EntryPoint, line: Line, failure: Exception, *, now: datetime) -> None:
        """A failure of this mailbox, which concerns no other; what our own machine fails on is raised on."""
        line.close()  # what was not kept is read again
        if is_our_own(failure):
            raise failure
        is_known = isinstance(failure, Unreachable)
        if not is_known:
            logger.error("mailbox %d: a failure that nobody foresaw", entry.pk, exc_info=failure)
        line.next_at = now + PAUSES[min(line.failures, len(PAUSES) - 1)]
        line.failures += 1
        if entry.failing_since is None:
            logger.warning("mailbox %d cannot be read", entry.pk)
        entries.failed(entry=entry, reason=str(failure) if is_known else type(failure).__name__, now=now)


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
