"""Work on threads: what it raises is raised where it is awaited, and each thread ends with its connection."""

import asyncio
import threading

import pytest
from django.db import connection

from pharos.http.threads import Threads


@pytest.fixture
def threads():
    some = Threads(2)
    yield some
    some.close()
    assert not any(thread.is_alive() for thread in some._threads)


def test_run_gives_the_result_or_raises_the_error(threads):
    async def story() -> None:
        assert await threads.run(lambda: 6 * 7) == 42
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 // 0)

    asyncio.run(story())


def test_run_that_nobody_awaits_any_more_harms_no_thread(threads):
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(10)

    async def story() -> None:
        task = asyncio.create_task(threads.run(work))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()

    asyncio.run(story())
    go_on.set()
    asyncio.run(threads.run(lambda: None))


def test_close_closes_the_connection_of_each_thread(transactional_db):
    some = Threads(1)

    async def connect():
        def work():
            connection.ensure_connection()
            return connection.connection

        return await some.run(work)

    held = asyncio.run(connect())
    some.close()
    with pytest.raises(Exception, match="closed"):
        held.execute("SELECT 1")
