"""Pages for what went wrong: calm, in the reader's language, with a way on."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pharos.http import away
from pharos.http.problems import problem_of_status


def _page(request: HttpRequest, status: int) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return problem_of_status(request, status)
    return render(request, "base/error.html", {"status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _page(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the store is away: whoever asks may come again."""
    return away.answer(request) if away.is_away(sys.exc_info()[1]) else _page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose secret is gone: say so and how to go on."""
    return render(request, "base/error.html", {"status": 403, "csrf": True}, status=403)
