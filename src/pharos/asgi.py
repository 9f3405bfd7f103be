"""The web process: ordinary pages on a pool of threads that keep their database connections, live streams on the event loop."""

import os

from a2wsgi import WSGIMiddleware
from asgiref.typing import ASGIApplication, ASGIReceiveCallable, ASGISendCallable, Scope
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharos.settings")

pages = get_wsgi_application()
streams = get_asgi_application()

from django.conf import settings  # noqa: E402 - after the applications have set Django up

threads = WSGIMiddleware(pages, workers=settings.ENVIRONMENT.web_threads)  # type: ignore[arg-type]


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Send a request where it belongs: `/live/…` waits for hours and must not hold a thread."""
    chosen: ASGIApplication = streams if scope["type"] == "http" and scope["path"].startswith("/live/") else threads  # type: ignore[assignment]
    await chosen(scope, receive, send)
