"""Requests reach Django whole or not at all, and a slow sender holds no thread."""

import asyncio
import io
import socket
import threading
from contextlib import contextmanager

import httpx
import pytest
from django.db import connection
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from pharos.http import bridge
from pharos.http.bridge import Bridge
from tests.factories import make_organisation

LARGE = bytes(range(256)) * 8192  # 2 MiB: more than is read in one go
seen: list[object] = []


@csrf_exempt
def echo(request):
    seen.append(request.body)
    response = HttpResponse(request.body, headers={"X-Method": request.method})
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


def whose(request):
    connection.ensure_connection()
    return HttpResponse(f"{threading.get_ident()} {id(connection.connection)}")


def file(request):
    return FileResponse(io.BytesIO(LARGE), filename="large.bin")


def broken(request):
    raise ZeroDivisionError


def half(request):
    def parts():
        yield b"first"
        raise ZeroDivisionError

    return StreamingHttpResponse(parts())


def endless(request):
    async def parts():
        try:
            while True:
                yield b"."
                await asyncio.sleep(0.01)
        finally:
            seen.append("left")

    return StreamingHttpResponse(parts())


urlpatterns = [
    path("echo/", echo),
    path("whose/", whose),
    path("file/", file),
    path("broken/", broken),
    path("half/", half),
    path("endless/", endless),
]
handler500 = "pharos.http.errors.failed"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@contextmanager
def application(threads: int = 2):
    """A bridge of its own, which leaves no thread and no connection behind."""
    make_organisation()
    seen.clear()
    one = Bridge(threads=threads)
    try:
        yield one
    finally:
        one.close()


def ask(app, *requests) -> list[httpx.Response]:
    async def story() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bridge.example") as client:
            return [await client.request(*request[:2], **dict(request[2:])) for request in requests]

    return asyncio.run(story())


def test_bridge_carries_body_status_headers_and_each_cookie():
    with application() as app:
        (response,) = ask(app, ("POST", "/echo/", ("content", LARGE)))
    assert response.status_code == 200
    assert response.content == LARGE
    assert response.headers["X-Method"] == "POST"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert len(response.headers.get_list("set-cookie")) == 2


def test_bridge_sends_a_file_larger_than_one_read_whole():
    with application() as app:
        (response,) = ask(app, ("GET", "/file/"))
    assert response.content == LARGE
    assert "large.bin" in response.headers["Content-Disposition"]


def test_bridge_answers_a_view_that_fails_and_an_address_that_is_none():
    with application() as app:
        failed, missing = ask(app, ("GET", "/broken/"), ("GET", "/nowhere/"))
    assert (failed.status_code, missing.status_code) == (500, 404)


def test_bridge_breaks_off_an_answer_that_fails_half_way():
    with application() as app, pytest.raises(ZeroDivisionError):
        ask(app, ("GET", "/half/"))


def test_thread_keeps_its_database_connection():
    with application(threads=1) as app:
        first, second = ask(app, ("GET", "/whose/"), ("GET", "/whose/"))
    assert first.text == second.text


@pytest.mark.postgresql
def test_thread_answers_after_the_database_cut_its_connection():
    with application(threads=1) as app:
        (first,) = ask(app, ("GET", "/whose/"))
        with connection.cursor() as sql:
            sql.execute(
                "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            assert sql.fetchone()[0] == 1
        (second,) = ask(app, ("GET", "/whose/"))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.text != second.text


def test_body_that_is_too_big_is_refused(monkeypatch):
    monkeypatch.setattr(bridge, "BODY_MAX", 100)
    with application() as app:
        big, fits = ask(app, ("POST", "/echo/", ("content", b"x" * 101)), ("POST", "/echo/", ("content", b"x" * 100)))
    assert (big.status_code, fits.status_code) == (413, 200)
    assert seen == [b"x" * 100]


SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/echo/",
    "query_string": b"",
    "headers": [(b"host", b"bridge.example"), (b"content-length", b"10")],
    "http_version": "1.1",
    "scheme": "http",
    "server": ("127.0.0.1", 80),
    "client": ("127.0.0.1", 1),
}


@pytest.mark.parametrize("ending", ["disconnect", "silence"])
def test_half_a_body_never_reaches_a_view(monkeypatch, ending):
    monkeypatch.setattr(bridge, "BODY_IDLE_S", 0.01)
    events = iter([{"type": "http.request", "body": b"half", "more_body": True}])
    sent = []

    async def receive():
        for event in events:
            return event
        if ending == "silence":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(event):
        sent.append(event)

    with application() as app:
        asyncio.run(app(SCOPE, receive, send))
    assert (seen, sent) == ([], [])


def test_slow_senders_hold_no_thread():
    async def story(app) -> None:
        go_on = asyncio.Event()

        async def slow():
            yield b"begin "
            await go_on.wait()
            yield b"end"

        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bridge.example", timeout=20) as client:
            waiting = [asyncio.create_task(client.post("/echo/", content=slow())) for _ in range(20)]
            assert (await client.post("/echo/", content=b"quick")).content == b"quick"
            go_on.set()
            assert {(await one).content for one in waiting} == {b"begin end"}

    with application(threads=1) as app:
        asyncio.run(story(app))


def test_stream_ends_when_its_reader_leaves():
    async def story(app) -> None:
        left = asyncio.Event()
        sent: list[object] = []

        async def receive():
            if not sent:
                return {"type": "http.request", "body": b"", "more_body": False}
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(event):
            sent.append(event)
            if len(sent) > 3:
                left.set()

        async with asyncio.timeout(20):
            await app({**SCOPE, "method": "GET", "path": "/endless/", "headers": SCOPE["headers"][:1]}, receive, send)

    with application() as app:
        asyncio.run(story(app))
    assert seen == ["left"]


def test_head_over_a_real_socket_has_no_body(live_site):
    address = live_site.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), 10) as wire:
        wire.sendall(b"HEAD /file/ HTTP/1.1\r\nHost: bridge.example\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")
