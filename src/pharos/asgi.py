"""The web process: one application on one event loop, Django's stack on a pool of threads beside it."""

import asyncio
import os

import django
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharos.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 - after Django is set up

from pharos.http.bridge import Bridge  # noqa: E402
from pharos.live import hub  # noqa: E402


class Application:
    """Answers requests; begins and ends with the server that runs it."""

    def __init__(self) -> None:
        self._bridge: Bridge | None = None

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one connection's request, or the server's own life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._stack()(scope, receive, send)
        else:
            raise ValueError(f"nothing here answers {scope['type']}")

    def _stack(self) -> Bridge:
        if self._bridge is None:
            self._bridge = Bridge(threads=settings.ENVIRONMENT.web_threads)
        return self._bridge

    async def _live(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            self._stack()
            await send({"type": "lifespan.startup.complete"})
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _stop(self) -> None:
        await hub.stop()
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            await asyncio.to_thread(bridge.close)


application = Application()
