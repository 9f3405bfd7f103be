"""The API as one object: its calls, and how each failure is told."""

import logging

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError

from pharos.actions.errors import KeyReused, Refused
from pharos.api import agents, contacts, cues, deliveries, faults, phone, queue
from pharos.http import away
from pharos.http.problems import problem, problem_of_status

log = logging.getLogger(__name__)
INPUT = {"empty": "#/text", "summary": "#/summary", "disposition": "#/disposition"}  # refusals about what was sent

api = NinjaAPI(
    title="Pharos",
    version="1",
    description="Contacts in, the queue out, agents at work. Times are RFC 3339; texts are in your Accept-Language.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", contacts.router)
api.add_router("", deliveries.router)
api.add_router("", queue.router)
api.add_router("", phone.router)
api.add_router("", agents.router)
api.add_router("", cues.router)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422, or 413 when it is the size alone."""
    code = "too-large" if faults.is_too_large(error.errors) else "invalid"
    return problem(request, code, errors=faults.faults(error.errors))


@api.exception_handler(AuthenticationError)
def unauthorized(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """401."""
    words = _("Send the header Authorization: Bearer and a token that was not revoked.")
    return problem(request, "unauthorized", detail=words, headers={"WWW-Authenticate": 'Bearer realm="pharos"'})


@api.exception_handler(AuthorizationError)
def forbidden(request: HttpRequest, error: AuthorizationError) -> HttpResponse:
    """403."""
    words = _("Agents' calls need an agent's token, all others a token of another system.")
    return problem(request, "forbidden", detail=words)


@api.exception_handler(HttpError)
def told_by_status(request: HttpRequest, error: HttpError) -> HttpResponse:
    """400 for a body that is no JSON, 429, and whatever else a status says."""
    return problem_of_status(request, error.status_code)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """404, for what belongs to others as well."""
    return problem(request, "not-found")


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """409: the state does not allow it, and nothing was changed; 422 when what was sent is the cause."""
    if error.code in INPUT:
        return problem(request, "invalid", errors=[{"pointer": INPUT[error.code], "detail": str(error.message)}])
    return problem(request, "conflict", detail=error.message, code=error.code)


@api.exception_handler(KeyReused)
def key_reused(request: HttpRequest, error: KeyReused) -> HttpResponse:
    """422: one key, two bodies."""
    detail = _("This key was used before for another request.")
    return problem(request, "key-reused", detail=detail, code=error.code)


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    """413."""
    return problem(request, "too-large")


@api.exception_handler(UnreadablePostError)
def cut_off(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
    """400: the caller hung up before the body was here."""
    return problem(request, "bad-request")


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """503: the store does not answer just now; the same key again is safe."""
    log.warning("store: %s", type(error).__name__)
    return away.answer(request)


@api.exception_handler(Exception)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """500, or 503 when nothing more can be written down."""
    if away.is_away(error):
        return unavailable(request, error)
    log.error("failed: %s %s", request.method, request.path, exc_info=error)
    return problem(request, "failed")
