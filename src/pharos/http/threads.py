"""Threads for synchronous work of an event loop. Each keeps its database connection, and closes it when it ends."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

from django.db import connections

T = TypeVar("T")
JOIN_S = 5.0


class Job(NamedTuple):
    """Work, and who waits for what becomes of it."""

    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Any]"


class Threads:
    """A fixed number of threads; the work that came first is done first."""

    def __init__(self, number: int, *, name: str = "page") -> None:
        self.number = number
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._live, name=f"{name}-{one}", daemon=True) for one in range(number)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, work: Callable[[], T]) -> T:
        """Do the work on one of the threads."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._jobs.put(Job(work, loop, answer))
        return await answer

    def close(self) -> None:
        """End the threads when what was given to them is done."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(JOIN_S)

    def _live(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                _do(job)
        finally:
            connections.close_all()


def _do(job: Job) -> None:
    result, error = None, None
    try:
        result = job.work()
    except Exception as caught:  # noqa: BLE001 - raised where it is awaited
        error = caught
    with suppress(RuntimeError):  # the loop is gone: nobody waits any more
        job.loop.call_soon_threadsafe(_tell, job.answer, result, error)


def _tell(answer: "asyncio.Future[Any]", result: object, error: Exception | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
