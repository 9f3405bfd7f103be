"""Carries requests from the event loop to Django's ordinary, synchronous stack on pools of threads (`lanes.py`).

A request takes a thread only while it is worked on: bodies are read and answers are sent on the event loop, so a slow
phone holds none. Each thread keeps its database connection. A view may answer with an endless stream (an asynchronous
iterator): that is sent from the event loop too, and holds neither a thread nor a connection while it waits.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import aclosing
from itertools import islice
from typing import IO, NamedTuple, cast

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.core import signals
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIRequest, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import set_script_prefix

from pharos.actions.together import crowd
from pharos.http import away, metrics
from pharos.http.lanes import Lanes
from pharos.http.problems import problem
from pharos.http.threads import Threads

BODY_MAX = 64 * 2**20
BODY_IN_MEMORY = 256 * 1024
BODY_IDLE_S = 60  # a sender that is silent for longer has gone
CHUNK = 64 * 1024
CHUNKS_AT_ONCE = 8  # of a file, read in one go by the thread that made the answer


class GoneError(Exception):
    """The sender went away before the request was complete: nothing of it is worked on."""


class TooBigError(Exception):
    """The body is larger than any form of ours."""


class Bridge(BaseHandler):
    """Django's stack behind `await bridge(scope, receive, send)`."""

    def __init__(self, *, threads: int) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self._lanes = Lanes(pages=threads)

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer one request."""
        with tempfile.SpooledTemporaryFile(max_size=BODY_IN_MEMORY) as body:
            try:
                await _fill(body, receive)
            except GoneError:
                return
            except TooBigError:
                await _send(_too_big(scope), send)
                return
            except OSError as error:
                if not away.is_away(error):
                    raise
                await _send(_full(scope), send)
                return
            threads = self._lanes.of(scope, body)
            answer = await threads.run(self._work(scope, body, threads))
        if isinstance(answer, Stream):
            await self._stream(answer, receive, send)
        elif isinstance(answer, File):
            await self._send_file(answer, send)
        else:
            await _send(answer, send)

    def _work(
        self, scope: HTTPScope, body: IO[bytes], threads: Threads
    ) -> "Callable[[], HttpResponse | File | Stream]":
        """What a thread has to do; what may soon come to be written is counted from now on."""
        if scope["method"] != "POST" or threads is not self._lanes.pages:
            return lambda: self._answer(scope, body)
        crowd.give(threads=threads.number)

        def answer() -> "HttpResponse | File | Stream":
            with crowd.worked_on():
                return self._answer(scope, body)

        return answer

    def _answer(self, scope: HTTPScope, body: IO[bytes]) -> "HttpResponse | File | Stream":
        """On a thread: the whole answer; or the begin of a file; or a stream that has not begun."""
        started = time.monotonic()
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request = None
        response: HttpResponseBase
        try:
            request = ASGIRequest(scope, body)
            response = self.get_response(request)
        except UnicodeDecodeError:
            response = HttpResponseBadRequest()
        except RequestDataTooBig:
            response = _too_big(scope)
        response._handler_class = type(self)  # type: ignore[attr-defined]
        metrics.answered(request, response, seconds=time.monotonic() - started)
        if not isinstance(response, StreamingHttpResponse):
            response.close()
            return cast("HttpResponse", response)
        if response.is_async:
            signals.request_finished.send(sender=type(self))
            return Stream(response)
        return File(response)

    async def _send_file(self, file: "File", send: ASGISendCallable) -> None:
        await _start(file.response, send)
        try:
            chunks = file.begin
            while chunks:
                for chunk in chunks:
                    await _part(chunk, send)
                chunks = [] if file.is_over else await self._lanes.pages.run(file.more)
        finally:
            if not file.is_over:
                await self._lanes.pages.run(file.response.close)
        await _part(b"", send, more=False)

    async def _stream(self, stream: "Stream", receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Send until the stream ends or its reader has gone."""

        async def write() -> None:
            async with aclosing(aiter(stream.response)) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    await _part(chunk, send)
            await _part(b"", send, more=False)

        await _start(stream.response, send)
        both = [asyncio.create_task(write()), asyncio.create_task(_left(receive))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            written, _ = await asyncio.gather(*both, return_exceptions=True)
        if isinstance(written, Exception) and not isinstance(written, OSError):
            raise written

    def close(self) -> None:
        """End the threads and the database connections that they hold."""
        self._lanes.close()


class Stream(NamedTuple):
    """An answer that has no end of its own."""

    response: StreamingHttpResponse


class File:
    """A long answer: `begin` was read by the thread that made it, `more` reads on. It is closed at its end."""

    def __init__(self, response: StreamingHttpResponse) -> None:
        if isinstance(response, FileResponse):
            response.block_size = CHUNK
        self.response = response
        self.is_over = False
        self._chunks = iter(response)
        self.begin = self.more()

    def more(self) -> list[bytes]:
        """The next chunks; empty at the end."""
        chunks = list(islice(self._chunks, CHUNKS_AT_ONCE))
        if len(chunks) < CHUNKS_AT_ONCE:
            self.is_over = True
            self.response.close()
        return chunks


def _too_big(scope: HTTPScope) -> HttpResponse:
    if scope["path"].startswith("/api/"):
        request = HttpRequest()
        request.path = scope["path"]
        return problem(request, "too-large")
    return HttpResponse("Payload too large", status=413, content_type="text/plain")


def _full(scope: HTTPScope) -> HttpResponse:
    """There is no room left to take a body in: said without anything that would need room."""
    if scope["path"].startswith("/api/"):
        request = HttpRequest()
        request.path = request.path_info = scope["path"]
        return away.answer(request)
    headers = {"Retry-After": str(away.RETRY_S)}
    return HttpResponse("Not sent yet. Please try again soon.", status=503, content_type="text/plain", headers=headers)


async def _fill(body: IO[bytes], receive: ASGIReceiveCallable) -> None:
    """Take the whole body in; raises `GoneError` when it does not come whole: half a form is never taken for a form."""
    more = True
    while more:
        chunk, more = await _chunk(receive)
        if body.tell() + len(chunk) > BODY_MAX:
            raise TooBigError
        body.write(chunk)
    body.seek(0)


async def _chunk(receive: ASGIReceiveCallable) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout(BODY_IDLE_S):
            event = await receive()
    except TimeoutError:
        raise GoneError from None
    if event["type"] != "http.request":
        raise GoneError
    return event.get("body", b""), event.get("more_body", False)


async def _left(receive: ASGIReceiveCallable) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(response: HttpResponse, send: ASGISendCallable) -> None:
    await _start(response, send)
    await _part(response.content, send, more=False)


async def _start(response: HttpResponseBase, send: ASGISendCallable) -> None:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    cookies = [(b"set-cookie", one.output(header="").strip().encode("ascii")) for one in response.cookies.values()]
    start = {"type": "http.response.start", "status": response.status_code, "headers": [*headers, *cookies]}
    await send(start)  # type: ignore[arg-type]


async def _part(body: bytes, send: ASGISendCallable, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
