"""One follower of the live log for each web process: it reads once and tells every open page.

A page that is slow does not pile events up: it is told once about each topic, however often that changed.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db import Error, connection, connections

from pharos.live import CHANNEL
from pharos.live.log import KEEP, Event, Log

logger = logging.getLogger(__name__)

POLL_S = 0.2  # SQLite has no way to wake us
FALLBACK_S = 5.0  # PostgreSQL does; this is for a wake-up lost on the way
SETTLE_S = 0.05  # what changes together is told together
RETRY_S = 1.0
LINGER_S = 10.0  # the next page is often opened soon after the last was left
OVERLAP = 200  # ids that a returning page hears of again: one of them may have been committed late
EVERYTHING = ""  # the topic that stands for "load all of it again"
LIBPQ = {"host", "hostaddr", "port", "user", "password", "dbname", "passfile", "service", "sslmode", "sslrootcert"}


class Subscription:
    """What one open page waits for. `pending`: topics that changed since it was last told, with the first such id."""

    def __init__(self, hub: "Hub", organisation_id: int, topics: Iterable[str]) -> None:
        self.organisation_id = organisation_id
        self.topics = frozenset(topics)
        self.pending: dict[str, int] = {}
        self.changed = asyncio.Event()
        self._hub = hub

    def hear(self, topic: str, id_: int) -> None:
        """Note that a topic changed and wake the page's stream."""
        if topic not in self.pending:
            self.pending[topic] = id_
            self.changed.set()

    @property
    def place(self) -> int:
        """Where to go on after a lost connection: all before it was told."""
        return min(self.pending.values()) - 1 if self.pending else self._hub.last

    @property
    def over(self) -> bool:
        """Whether the process is about to stop."""
        return self._hub.stopping


class Hub:
    """Follows the log while a page is open, and fans out what changed."""

    def __init__(self) -> None:
        self.stopping = False
        self._log = Log()
        self._recent: deque[Event] = deque(maxlen=KEEP)
        self._listeners: dict[tuple[int, str], set[Subscription]] = defaultdict(set)
        self._pages: set[Subscription] = set()
        self._wake = asyncio.Event()
        self._begun = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._reader: ThreadPoolExecutor | None = None
        self._heard = 0  # how often something was heard
        self._was_away = False
        self._drawn: dict[Hashable, tuple[int, asyncio.Future[str]]] = {}

    @property
    def last(self) -> int:
        """Newest id read."""
        return self._log.last

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return len(self._pages)

    async def subscribe(
        self, *, organisation_id: int, topics: Iterable[str], after: int | None, since: datetime
    ) -> Subscription:
        """Follow these topics from the id `after`, or without one from the time `since`.

        What was trimmed after that id is told as "everything".
        """
        page = Subscription(self, organisation_id, topics)
        self._pages.add(page)
        for topic in page.topics:
            self._listeners[organisation_id, topic].add(page)
        try:
            await self._follow()
        except BaseException:
            self.unsubscribe(page)
            raise
        if after is None:
            self._tell(page, lambda event: event.at >= since)
        else:
            self._catch_up(page, after)
        return page

    def unsubscribe(self, page: Subscription) -> None:
        """Forget a page that was closed."""
        self._pages.discard(page)
        for topic in page.topics:
            listeners = self._listeners[page.organisation_id, topic]
            listeners.discard(page)
            if not listeners:
                del self._listeners[page.organisation_id, topic]

    def whispered(self, organisation_id: int, topic: str) -> None:
        """Tell the open pages of a topic; who opens one later is not told."""
        for page in self._listeners.get((organisation_id, topic), ()):
            page.hear(topic, self.last + 1)

    async def drawn(self, key: Hashable, draw: Callable[[], str]) -> str:
        """What `draw` makes, once for all pages that ask since something was last heard; raises what it raises."""
        heard, drawing = self._drawn.get(key, (-1, None))
        if drawing is None or heard != self._heard:
            drawing = asyncio.get_running_loop().run_in_executor(self._reader, draw)
            self._drawn[key] = self._heard, drawing
        return await asyncio.shield(drawing)

    async def stop(self) -> None:
        """End every stream and give the database connections back."""
        self.stopping = True
        for page in self._pages:
            page.changed.set()
        self._wake.set()
        if self._following is not None:
            await self._following

    def _catch_up(self, page: Subscription, after: int) -> None:
        oldest = self._recent[0].id if self._recent else self.last + 1
        if after < oldest - 1 or after > self.last:
            page.hear(EVERYTHING, self.last)
            return
        known = after if settings.SQLITE else after - OVERLAP
        self._tell(page, lambda event: event.id > known)

    def _tell(self, page: Subscription, is_new: Callable[[Event], bool]) -> None:
        for event in self._recent:
            if event.topic in page.topics and event.organisation_id == page.organisation_id and is_new(event):
                page.hear(event.topic, event.id)

    async def _follow(self) -> None:
        if self._following is None and not self.stopping:
            self._begun = asyncio.Event()
            self._following = asyncio.create_task(self._run())
        await self._begun.wait()

    async def _run(self) -> None:
        reader = self._reader = ThreadPoolExecutor(1, "live")
        listening = None if settings.SQLITE else asyncio.create_task(self._listen())
        begun = self._begun
        self._recent.clear()
        left_at = None
        try:
            while not self.stopping and (left_at is None or time.monotonic() - left_at < LINGER_S):
                self._wake.clear()
                await self._step(reader)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S if settings.SQLITE else FALLBACK_S):
                        await self._wake.wait()
                    await asyncio.sleep(SETTLE_S)
                left_at = None if self._pages else left_at or time.monotonic()
        finally:
            self._following = self._reader = None
            self._drawn.clear()
            begun.set()
            if listening is not None:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            await asyncio.get_running_loop().run_in_executor(reader, connections.close_all)
            reader.shutdown()

    async def _step(self, reader: ThreadPoolExecutor) -> None:
        read = self._log.read if self._begun.is_set() else self._log.begin
        try:
            events = await asyncio.get_running_loop().run_in_executor(reader, read)
        except Exception as error:
            if isinstance(error, Error):
                logger.warning("the live log cannot be read: %s", type(error).__name__)
            else:
                logger.exception("the live log cannot be read")
            self._was_away = True
            await asyncio.sleep(RETRY_S)
            return
        self._recent.extend(events)
        self._heard += bool(events)
        for event in events if self._begun.is_set() else ():
            for page in self._listeners.get((event.organisation_id, event.topic), ()):
                page.hear(event.topic, event.id)
        self._begun.set()
        if self._was_away:
            self._tell_all()

    def _tell_all(self) -> None:
        """While the database was away, a page that asked for its new parts got nothing: all ask again."""
        self._was_away = False
        for page in self._pages:
            page.hear(EVERYTHING, self.last)

    async def _listen(self) -> None:
        """Wake at each commit that wrote to the log; after a lost connection, listen again and look at once."""
        while True:
            try:
                parameters = _parameters()
                async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
                    await listener.execute(f"LISTEN {CHANNEL}")
                    self._wake.set()
                    async for notification in listener.notifies():
                        self._notified(notification.payload)
            except psycopg.Error as error:
                logger.warning("no wake-ups from the database: %s", type(error).__name__)
            await asyncio.sleep(RETRY_S)

    def _notified(self, payload: str) -> None:
        """A commit that wrote to the log notifies of nothing; a whisper says all that there is to say."""
        organisation_id, _, topic = payload.partition(" ")
        if topic:
            self.whispered(int(organisation_id), topic)
        else:
            self._wake.set()


def _parameters() -> dict[str, Any]:
    return {name: value for name, value in connection.get_connection_params().items() if name in LIBPQ}


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def current() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def whisper(*, organisation_id: int, topic: str) -> None:
    """Tell open pages what is true only now, such as that somebody is writing: nothing of it is kept anywhere."""
    if not settings.SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{organisation_id} {topic}"])
        return
    for loop, hub in list(_hubs.items()):
        with suppress(RuntimeError):  # that loop has just ended, and its pages with it
            loop.call_soon_threadsafe(hub.whispered, organisation_id, topic)


async def stop() -> None:
    """Stop the hub of the running event loop, if it has one."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.stop()
