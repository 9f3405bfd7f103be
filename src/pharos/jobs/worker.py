"""One worker process: every loop on its own thread, with its own database connection.

A loop that is slow or fails holds up no other. That is right for SQLite as well: its one write lock is held for a short
transaction only, never while a loop computes or sends, so loops seldom meet there.
"""

import logging
import os
import secrets
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import Error, InterfaceError, OperationalError, close_old_connections, connections
from django.utils import timezone

from pharos.actions import loops as rows
from pharos.actions.loops import Fared
from pharos.channels.delivery import keep_under_way
from pharos.http.logs import describe
from pharos.jobs import machine
from pharos.jobs.loops import LOOPS, Loop, Run, Turn

logger = logging.getLogger(__name__)

BEAT_S = 1.5
STUCK_S = 300.0  # one run that takes longer: let another worker have the loop
PAUSE_MAX_S = 30.0
AWAY_PAUSE_MAX_S = 3.0  # a database that is back is found soon; asking one that is not costs next to nothing
STOP_S = 10.0
SWITCH_S = 0.0005  # a loop that computes must not make one that offers contacts wait at each of its database calls
FAILURE_MAX = 300


class Hand:
    """One thread that runs one loop again and again."""

    def __init__(self, loop: Loop, *, may_run: Callable[[str], bool], stop: threading.Event) -> None:
        self.loop = loop
        self.fared: Fared | None = None
        self.run_since: float | None = None
        self._may_run = may_run
        self._stop = stop
        self._failures = 0
        self._run: Run | None = None
        self.thread = threading.Thread(target=self._live, name=f"loop-{loop.name}", daemon=True)

    @property
    def is_stuck(self) -> bool:
        """Whether the present run takes so long that it will not end."""
        since = self.run_since
        return since is not None and time.monotonic() - since > STUCK_S

    def _going(self) -> bool:
        return not self._stop.is_set() and self._may_run(self.loop.name)

    def _live(self) -> None:
        try:
            while not self._stop.is_set():
                if self._going():
                    self._stop.wait(self._once())
                else:
                    self._run = None  # what it knew is old when it comes back
                    self._stop.wait(BEAT_S / 3)
        finally:
            connections.close_all()

    def _once(self) -> float:
        """One run; returns the seconds to pause after it."""
        self.run_since = time.monotonic()
        try:
            close_old_connections()
            self._run = self._run or self.loop.begin()
            pause_s = 0.0 if self._run(Turn(timezone.now, self._going)) else self.loop.every_s
            self._failures, said = 0, ""
        except Exception as error:  # noqa: BLE001 - whatever it was, the loop must come back
            self._run = None
            pause_s, said = self._failed(error)
        self.run_since = None
        now = timezone.now()
        self.fared = Fared(self.loop.name, now, now + timedelta(seconds=pause_s), self._failures, said)
        return pause_s

    def _failed(self, error: Exception) -> tuple[float, str]:
        self._failures += 1
        logger.error("loop %s failed, %d in a row", self.loop.name, self._failures, exc_info=error)
        longest_s = AWAY_PAUSE_MAX_S if isinstance(error, OperationalError | InterfaceError) else PAUSE_MAX_S
        pause_s = min(max(longest_s, self.loop.every_s), max(1.0, self.loop.every_s) * 2 ** (self._failures - 1))
        return pause_s, describe(error)[:FAILURE_MAX]


class Worker:
    """The threads of one process, the leases they need, and the report on how they fare."""

    def __init__(self, loops: Iterable[Loop]) -> None:
        self.holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._stop = threading.Event()
        self._entered = False
        self._loops = {loop.name: loop for loop in loops}
        self._alone = {name for name, loop in self._loops.items() if loop.alone}
        self._held: frozenset[str] = frozenset()
        self._held_until = 0.0
        self._hands = [
            Hand(loop, may_run=self.may_run, stop=self._stop)
            for loop in self._loops.values()
            for _ in range(loop.hands)
        ]
        self._told: dict[str, Fared] = {}

    def may_run(self, name: str) -> bool:
        """Whether a loop may run here now: it leases its rows, or this worker holds the loop's own lease."""
        return name not in self._alone or (name in self._held and time.monotonic() < self._held_until)

    def start(self) -> None:
        """Begin to work, or wait for the database and then begin."""
        self.beat(now=timezone.now())
        for hand in self._hands:
            hand.thread.start()

    def beat(self, *, now: datetime) -> None:
        """Renew the leases, take free ones, and report. Without a database the leases simply end."""
        stuck = {hand.loop.name for hand in self._hands if hand.is_stuck}
        begun = time.monotonic()
        try:
            close_old_connections()
            if not self._entered or rows.are_missing(names=self._loops.keys()):
                rows.enter(names=self._loops, known={*LOOPS, *self._loops})
                self._entered = True
            self._held = rows.claim(names=self._alone - stuck, holder=self.holder, now=now)
            self._held_until = begun + rows.LEASE.total_seconds()
            rows.report(fared=self._news())
            keep_under_way(now=now)
        except Error as error:
            logger.error("the database cannot be reached: %s", describe(error))  # noqa: TRY400 - no more to say

    def stop(self) -> None:
        """End after the present piece of work of each thread, and let others go on at once."""
        self._stop.set()
        until = time.monotonic() + STOP_S
        for hand in self._hands:
            if hand.thread.ident is not None:
                hand.thread.join(max(0.0, until - time.monotonic()))
        with suppress(Error):
            rows.report(fared=self._news())
            rows.release(holder=self.holder)

    def _news(self) -> list[Fared]:
        """What has changed since the last report, the worst of several hands of a loop."""
        latest: dict[str, Fared] = {}
        for fared in (hand.fared for hand in self._hands):
            if fared is not None:
                known = latest.get(fared.name, fared)
                latest[fared.name] = max(known, fared, key=lambda one: (one.failures, one.last_run_at))
        news = [fared for name, fared in latest.items() if self._told.get(name) != fared]
        self._told.update(latest)
        return news


def run(names: Sequence[str]) -> None:
    """Run these loops, or all, until told to stop. A name that is none ends the program with one clear line."""
    for name in names:
        if name not in LOOPS:
            raise SystemExit(f"pharos: there is no loop {name}; there are {', '.join(LOOPS)}")
    sys.setswitchinterval(SWITCH_S)
    worker = Worker(LOOPS[name] for name in (names or LOOPS))
    if "waits" in (names or LOOPS):
        machine.begin()
    with _told_to_stop() as told:
        worker.start()
        logger.info("working as %s", worker.holder)
        try:
            while not told(BEAT_S):
                worker.beat(now=timezone.now())
        finally:
            worker.stop()
            connections.close_all()


@contextmanager
def _told_to_stop() -> Iterator[Callable[[float], bool]]:
    """A function that waits so many seconds and says whether SIGTERM or SIGINT came."""
    heard, write = os.pipe()
    os.set_blocking(write, False)
    before = {
        number: signal.signal(number, lambda _number, _frame: os.write(write, b"."))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield lambda seconds: bool(select.select([heard], [], [], seconds)[0])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(heard)
        os.close(write)
