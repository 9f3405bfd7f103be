"""What every call passes before and after: methods, media types and lengths, told as problems."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from pharos.http.problems import problem

View = Callable[..., HttpResponseBase]


def guarded(view: View, *, reads_body: bool) -> View:
    """The call behind its door. A body that nobody reads may be anything."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = (_stopped(request) if reads_body else None) or view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            response = problem(request, "method-not-allowed", headers={"Allow": response.headers["Allow"]})
        response.headers["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        return response

    return csrf_exempt(answer)


def _stopped(request: HttpRequest) -> HttpResponse | None:
    is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
    if request.method != "POST" or (request.META.get("CONTENT_LENGTH") in {None, "", "0"} and not is_chunked):
        return None
    kind = (request.content_type or "").lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        return problem(request, "unsupported-media-type", headers={"Accept-Post": "application/json"})
    return None


@csrf_exempt
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address below the API that is none of its calls."""
    return problem(request, "not-found")
