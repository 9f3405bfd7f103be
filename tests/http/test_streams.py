"""Event streams: who may follow what, and what a page hears."""

import asyncio
import resource
import threading
from datetime import timedelta
from itertools import pairwise
from unittest import mock

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connections

from pharos import live
from pharos.actions import advisories
from pharos.http import news, streams
from pharos.http.streams import Wish
from pharos.live import hub
from pharos.models import LiveEvent, Role
from tests.factories import NOW, make_agent, make_contact, make_incident, make_organisation, make_user


def status(client, organisation, topics):
    host = organisation.hosts.get().host
    return client.get("/live/staff/", {"topics": topics}, headers={"host": host}).status_code


def test_staff_stream_without_signing_in_leads_to_the_sign_in(db, client):
    organisation = make_organisation()
    assert status(client, organisation, "queue") == 302


@pytest.mark.parametrize("topics", ["", ",", ",".join(f"contact:{number}" for number in range(21))])
def test_staff_stream_without_topics_or_with_too_many_is_refused(db, client, topics):
    organisation = make_organisation()
    client.force_login(make_user(organisation))
    assert status(client, organisation, topics) == 400


@pytest.mark.parametrize("topic", ["elsewhere", "contact:x", "contact:-1", "agent:²", "board:1", ":", "agent:"])
def test_staff_stream_of_a_topic_that_is_none_is_denied(db, client, topic):
    organisation = make_organisation()
    client.force_login(make_user(organisation, role=Role.ADMIN))
    assert status(client, organisation, topic) == 403


def test_staff_stream_gives_an_agent_only_what_is_theirs(db, client, now):
    organisation = make_organisation()
    agent, colleague = make_agent(organisation), make_agent(organisation)
    mine, other = make_contact(organisation), make_contact(organisation)
    type(mine).objects.filter(pk=mine.pk).update(agent=agent)
    incident = make_incident(organisation)
    client.force_login(agent.user)
    for topic in ("queue", f"agent:{agent.pk}", f"contact:{mine.pk}", f"incident:{incident.pk}"):
        assert status(client, organisation, topic) == 200, topic
    for topic in ("board", "alarms", f"agent:{colleague.pk}", f"contact:{other.pk}"):
        assert status(client, organisation, topic) == 403, topic


def test_staff_stream_goes_on_without_a_contact_that_is_no_longer_theirs(db, client):
    organisation = make_organisation()
    agent, gone = make_agent(organisation), make_contact(organisation)
    client.force_login(agent.user)
    assert status(client, organisation, f"agent:{agent.pk},contact:{gone.pk}") == 200
    assert status(client, organisation, f"contact:{gone.pk}") == 403


def test_staff_stream_gives_a_lead_all_of_the_own_organisation_and_nothing_of_another(db, client):
    ours, theirs = make_organisation(), make_organisation()
    client.force_login(make_user(ours, role=Role.LEAD))
    for organisation, answer in ((ours, 200), (theirs, 403)):
        rows = (make_agent(organisation), make_contact(organisation), make_incident(organisation))
        for topic in [f"{type(row).__name__.lower()}:{row.pk}" for row in rows]:
            assert status(client, ours, topic) == answer, topic
    assert status(client, ours, "board,alarms,queue") == 200
    assert status(client, theirs, "board") == 403


def test_stream_is_not_kept_by_anybody_on_the_way(db, client):
    organisation = make_organisation()
    client.force_login(make_user(organisation))
    response = client.get("/live/staff/", {"topics": "queue"}, headers={"host": organisation.hosts.get().host})
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"


def test_person_stream_opens_with_the_pages_token_in_its_organisation_only(db, client):
    ours, theirs = make_organisation(), make_organisation()
    contact = make_contact(ours)
    address = f"/live/r/{contact.page_token}/"
    assert client.get(address, headers={"host": ours.hosts.get().host}).status_code == 200
    assert client.get(address, headers={"host": theirs.hosts.get().host}).status_code == 404
    assert client.get("/live/r/None/", headers={"host": ours.hosts.get().host}).status_code == 404
    type(contact).objects.filter(pk=contact.pk).update(page_token=None)
    assert client.get(address, headers={"host": ours.hosts.get().host}).status_code == 404
    assert client.post(address, headers={"host": ours.hosts.get().host}).status_code == 405


def tell(organisation, *topics, now) -> None:
    def write() -> None:
        live.nudge(organisation_id=organisation.pk, topics=topics, now=now)
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()


def run(story) -> None:
    async def whole() -> None:
        try:
            async with asyncio.timeout(20):
                await story()
        finally:
            await hub.stop()
            await sync_to_async(connections.close_all)()

    asyncio.run(whole())


def event(name: str, place: int) -> bytes:
    return f"event: {name}\nid: {place}\ndata: {{}}\n\n".encode()


def newest() -> int:
    return LiveEvent.objects.order_by("-id")[0].pk


def test_follow_names_what_changed_with_the_place_to_go_on_from(transactional_db, now):
    organisation = make_organisation()

    async def story() -> None:
        page = streams.follow(
            organisation_id=organisation.pk, wishes=[Wish("agent:5", "agent-5")], after=None, since=NOW
        )
        assert (await anext(page)).startswith(b"retry: ")
        tell(organisation, "agent:5", now=now)
        assert await anext(page) == event("agent-5", await sync_to_async(newest)())
        await page.aclose()
        assert hub.current().pages == 0

    run(story)


def test_follow_keeps_a_place_before_what_it_holds_back(transactional_db, now):
    organisation = make_organisation()
    wishes = [Wish("agent:5", "agent-5"), Wish("board", "board", 3600.0)]

    async def story() -> None:
        page = streams.follow(organisation_id=organisation.pk, wishes=wishes, after=None, since=NOW)
        await anext(page)
        tell(organisation, "board", "agent:5", now=now)
        assert await anext(page) == event("agent-5", await sync_to_async(newest)() - 2)
        await page.aclose()

    run(story)


def test_follow_beats_while_nothing_happens(transactional_db, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.01)
    organisation = make_organisation()

    async def story() -> None:
        page = streams.follow(organisation_id=organisation.pk, wishes=[Wish("board", "board")], after=None, since=NOW)
        await anext(page)
        assert await anext(page) == b":\nid: 0\n\n"
        await page.aclose()

    run(story)


def test_follow_of_a_trimmed_place_says_load_it_all_once(transactional_db, now):
    organisation = make_organisation()
    for _ in range(3):
        live.nudge(organisation_id=organisation.pk, topics=["board"], now=now)
    LiveEvent.objects.exclude(pk=newest()).delete()

    async def story() -> None:
        page = streams.follow(organisation_id=organisation.pk, wishes=[Wish("board", "board")], after=0, since=NOW)
        await anext(page)
        assert await anext(page) == event("resync", await sync_to_async(newest)())
        tell(organisation, "board", now=now)
        assert await anext(page) == event("board", await sync_to_async(newest)())
        await page.aclose()

    run(story)


def test_follow_tells_a_page_that_is_behind_to_load_it_all_once(transactional_db, now):
    organisation = make_organisation()
    wishes = [Wish("agent:5", "agent-5")]

    async def story() -> None:
        page = streams.follow(organisation_id=organisation.pk, wishes=wishes, after=None, since=NOW, behind=True)
        assert (await anext(page)).startswith(b"retry: ")
        assert (await anext(page)).startswith(b"event: resync\n")
        tell(organisation, "agent:5", now=now)
        assert await anext(page) == event("agent-5", await sync_to_async(newest)())
        await page.aclose()

    run(story)


def test_follow_ends_when_it_is_old_so_that_rights_are_looked_at_again(transactional_db, monkeypatch):
    monkeypatch.setattr(streams, "LIFE_S", -600.0)
    organisation = make_organisation()

    async def story() -> None:
        page = streams.follow(organisation_id=organisation.pk, wishes=[Wish("board", "board")], after=None, since=NOW)
        assert len([part async for part in page]) == 1

    run(story)


def test_person_page_hears_of_its_contact_through_the_whole_application(live_site, now):
    organisation = make_organisation()
    contact = make_contact(organisation)
    with (
        httpx.Client(base_url=live_site, headers={"host": organisation.hosts.get().host}, timeout=10) as browser,
        browser.stream("GET", f"/live/r/{contact.page_token}/") as response,
    ):
        lines = response.iter_lines()
        assert next(lines).startswith("retry: ")
        tell(organisation, f"contact:{contact.pk}", now=now)
        assert next(line for line in lines if line.startswith("event: ")) == "event: contact"


def test_thousand_open_pages_hold_no_thread_and_all_hear(live_site, now):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    organisation = make_organisation()
    contact = make_contact(organisation)
    before = threading.active_count()
    port = int(live_site.rpartition(":")[2])
    request = f"GET /live/r/{contact.page_token}/ HTTP/1.1\r\nHost: {organisation.hosts.get().host}\r\n\r\n".encode()

    async def one_page(ready: asyncio.Semaphore) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        await reader.readuntil(b"retry: ")
        ready.release()
        await reader.readuntil(b"event: contact\n")
        writer.close()
        await writer.wait_closed()

    async def story() -> None:
        ready = asyncio.Semaphore(0)
        async with asyncio.timeout(120), asyncio.TaskGroup() as pages:
            for _ in range(1000):
                pages.create_task(one_page(ready))
            for _ in range(1000):
                await ready.acquire()
            assert threading.active_count() < before + 20
            await asyncio.to_thread(tell, organisation, f"contact:{contact.pk}", now=now)

    asyncio.run(story())
    assert httpx.get(f"{live_site}/live/r/none/", headers={"host": organisation.hosts.get().host}).status_code == 404


def test_streams_opened_together_come_back_apart(transactional_db):
    organisation = make_organisation()

    async def story() -> None:
        pages = [
            streams.follow(organisation_id=organisation.pk, wishes=[Wish("board", "board")], after=None, since=NOW)
            for _ in range(5)
        ]
        pauses = [(await anext(page)).split()[1] for page in pages]
        assert all(one != other for one, other in pairwise(pauses))
        for page in pages:
            await page.aclose()

    run(story)


def published(incident, words: str, *, now) -> None:
    """As a lead gives it out, on another connection."""

    def write() -> None:
        lead = make_user(incident.organisation, role=Role.LEAD)
        advisory = advisories.draft(incident=incident, title={}, body={"en": words}, by=lead, now=now)
        advisories.publish(advisory=advisory, next_update_at=now + timedelta(hours=1), by=lead, now=now)
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()


def test_news_of_the_incident_come_whole_to_every_page_and_are_drawn_once(transactional_db, now, monkeypatch):
    drawings: list[str] = []
    draw = news.drawn

    def counted(incident_id: int, language: str) -> str:
        drawings.append(language)
        return draw(incident_id, language)

    monkeypatch.setattr(news, "drawn", counted)
    organisation = make_organisation()
    incident = make_incident(organisation)

    async def story() -> None:
        pages = [
            streams.follow(
                organisation_id=organisation.pk, wishes=streams._news(incident.pk, "en"), after=None, since=NOW
            )
            for _ in range(20)
        ]
        for page in pages:
            await anext(page)
        for words in ("Boats at two", "Boats at three"):
            drawings.clear()
            await asyncio.to_thread(published, incident, words, now=now)
            heard = [b""] * len(pages)
            while not all(words.encode() in one for one in heard):  # a draft is told as well: it brings nothing new
                heard = [
                    one if words.encode() in one else await anext(page) for page, one in zip(pages, heard, strict=True)
                ]
            assert all(one.startswith(b"event: news\n") for one in heard)
            assert len(drawings) <= 3
        for page in pages:
            await page.aclose()

    run(story)


def test_news_that_read_as_before_are_not_sent_again(transactional_db, now, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.01)
    organisation = make_organisation()
    incident = make_incident(organisation)

    async def story() -> None:
        wishes = [*streams._news(incident.pk, "en"), Wish("agent:5", "agent-5")]
        page = streams.follow(organisation_id=organisation.pk, wishes=wishes, after=None, since=NOW)
        told: list[bytes] = []
        for topics in ([f"incident:{incident.pk}"], [f"incident:{incident.pk}", "agent:5"]):
            await asyncio.to_thread(tell, organisation, *topics, now=now)
            while not (told and told[-1].startswith(b"event")):
                told.append(await anext(page))
            told.append(b"")
        assert [one.split()[1] for one in told if one.startswith(b"event")] == [b"news", b"agent-5"]
        await page.aclose()

    run(story)


def test_news_that_cannot_be_drawn_now_are_asked_for_by_the_page(transactional_db, now, monkeypatch):
    def away(*_about: object) -> str:
        raise OperationalError

    monkeypatch.setattr(news, "drawn", away)
    organisation = make_organisation()
    incident = make_incident(organisation)

    async def story() -> None:
        wishes = streams._news(incident.pk, "en")
        page = streams.follow(organisation_id=organisation.pk, wishes=wishes, after=None, since=NOW)
        await anext(page)
        await asyncio.to_thread(tell, organisation, f"incident:{incident.pk}", now=now)
        assert (await anext(page)).startswith(b"event: resync\n")
        await page.aclose()

    run(story)


def test_news_come_in_the_language_of_the_page_else_of_the_contact(db, client):
    contact = make_contact(make_organisation(), language="fa")
    contact.incident = make_incident(contact.organisation)
    contact.save()
    for asked, language in (("hy", "hy"), ("", "fa"), ("tlh", "fa")):
        with mock.patch.object(streams, "_news", return_value=[]) as made:
            client.get(
                f"/live/r/{contact.page_token}/?language={asked}",
                headers={"host": contact.organisation.hosts.get().host},
            )
        made.assert_called_once_with(contact.incident_id, language)
