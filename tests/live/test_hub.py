"""One hub reads for all pages of its process."""

import asyncio
import threading
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from pharos import live
from pharos.live import hub
from pharos.models import LiveEvent
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)


def run(story) -> None:
    """Run a story on an event loop of its own, and leave no connection behind."""

    async def whole() -> None:
        try:
            async with asyncio.timeout(20):
                await story()
        finally:
            await hub.stop()
            await sync_to_async(connections.close_all)()

    asyncio.run(whole())


def nudge(organisation, *topics, now) -> None:
    """Commit from another thread, as another process would."""

    def write() -> None:
        live.nudge(organisation_id=organisation.pk, topics=topics, now=now)
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()


async def heard(page) -> set[str]:
    await page.changed.wait()
    topics = set(page.pending)
    page.changed.clear()
    page.pending.clear()
    return topics


async def open_page(organisation, *topics, after=None, since=NOW + timedelta(seconds=1)):
    return await hub.current().subscribe(organisation_id=organisation.pk, topics=topics, after=after, since=since)


def test_hub_tells_only_pages_of_the_organisation_and_topic(now):
    ours, theirs = make_organisation(), make_organisation()

    async def story() -> None:
        board, other_topic, other_house = (
            await open_page(ours, "board"),
            await open_page(ours, "queue"),
            await open_page(theirs, "board"),
        )
        nudge(ours, "board", now=now)
        assert await heard(board) == {"board"}
        assert not other_topic.pending
        assert not other_house.pending

    run(story)


def test_hub_tells_a_slow_page_once_of_what_changed_often(now):
    organisation = make_organisation()

    async def story() -> None:
        slow, quick = await open_page(organisation, "board"), await open_page(organisation, "board", "end")
        for _ in range(50):
            nudge(organisation, "board", now=now)
        nudge(organisation, "end", now=now)
        while "end" not in await heard(quick):
            pass
        assert list(slow.pending) == ["board"]
        assert slow.place == slow.pending["board"] - 1

    run(story)


def test_hub_goes_on_where_a_page_was(now):
    organisation = make_organisation()
    live.nudge(organisation_id=organisation.pk, topics=["board", "queue", "alarms"], now=now)
    first = LiveEvent.objects.order_by("id")[0].pk
    LiveEvent.objects.filter(pk=first).update(topic="unrelated")

    async def story() -> None:
        back = await open_page(organisation, "queue", "alarms", after=first)
        assert set(back.pending) == {"queue", "alarms"}
        fresh = await open_page(organisation, "queue")
        assert not fresh.pending

    run(story)


def test_hub_tells_a_new_page_what_changed_while_it_was_made(now):
    organisation = make_organisation()
    live.nudge(organisation_id=organisation.pk, topics=["alarms"], now=now - timedelta(seconds=6))
    live.nudge(organisation_id=organisation.pk, topics=["board"], now=now - timedelta(seconds=5))

    async def story() -> None:
        page = await open_page(organisation, "board", "alarms", since=now - timedelta(seconds=5))
        assert list(page.pending) == ["board"]

    run(story)


def test_hub_says_load_everything_when_the_place_was_trimmed(now):
    organisation = make_organisation()
    live.nudge(organisation_id=organisation.pk, topics=["board", "queue", "alarms"], now=now)
    first, second, _ = LiveEvent.objects.order_by("id").values_list("id", flat=True)
    LiveEvent.objects.filter(pk__lte=second).delete()

    async def story() -> None:
        assert list((await open_page(organisation, "board", after=first)).pending) == [hub.EVERYTHING]
        assert not (await open_page(organisation, "board", after=second)).pending
        assert list((await open_page(organisation, "board", after=second + 1000)).pending) == [hub.EVERYTHING]

    run(story)


def test_hub_stops_reading_when_nobody_listens_and_begins_again(now, monkeypatch):
    monkeypatch.setattr(hub, "LINGER_S", 0.0)
    organisation = make_organisation()

    async def story() -> None:
        page = await open_page(organisation, "board")
        following = hub.current()._following
        hub.current().unsubscribe(page)
        assert following
        await following
        assert hub.current().pages == 0
        nudge(organisation, "board", now=now)
        page = await open_page(organisation, "board")
        nudge(organisation, "board", now=now)
        assert await heard(page) == {"board"}

    run(story)


def test_hub_lasts_through_a_database_that_fails(now, monkeypatch):
    from django.db import OperationalError

    from pharos.live.log import Log

    monkeypatch.setattr(hub, "RETRY_S", 0.01)
    organisation = make_organisation()
    failures = iter([OperationalError, OperationalError])
    real = Log.read

    def read(self):
        for failure in failures:
            raise failure
        return real(self)

    async def story() -> None:
        page = await open_page(organisation, "board")
        monkeypatch.setattr(Log, "read", read)
        nudge(organisation, "board", now=now)
        # What a page asked for meanwhile was not answered: it asks for all of it again.
        assert await heard(page) == {"board", hub.EVERYTHING}
        nudge(organisation, "board", now=now)
        assert await heard(page) == {"board"}

    run(story)


@pytest.mark.postgresql
def test_hub_listens_again_after_its_connection_was_cut(now, monkeypatch):
    from django.db import connection

    monkeypatch.setattr(hub, "RETRY_S", 0.01)
    monkeypatch.setattr(hub, "FALLBACK_S", 60.0)
    organisation = make_organisation()

    def cut():
        with connection.cursor() as sql:
            sql.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN%%' AND datname = current_database()"
            )
            return sql.fetchone()[0]

    async def story() -> None:
        page = await open_page(organisation, "board")
        while not await sync_to_async(cut)():
            pass
        nudge(organisation, "board", now=now)
        assert await heard(page) == {"board"}

    run(story)
