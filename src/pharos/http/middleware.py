"""What every request passes: security headers, an address that can be asked for, its organisation, its language."""

from collections.abc import Callable

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from pharos.http import away, errors
from pharos.models import Organisation
from pharos.queries import doors, organisations

GetResponse = Callable[[HttpRequest], HttpResponse]
OF_NO_ORGANISATION = {"/healthz", "/readyz", "/metrics"}  # these answer when the database does not
UNTRANSLATABLE = "22P05"  # what PostgreSQL says of a NUL in JSON, whatever language it speaks
API, API_PAGES = "/api/", {"/api/v1/docs", "/api/v1/openapi.json"}  # calls belong to their token's organisation
LANGUAGE_COOKIE = "pharos_language"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class ResponseHeaders:
    """Nothing inline, nothing framed, nothing sniffed; pages of a person are not kept and send no referrer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers on it."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if not getattr(response, "xframe_options_exempt", False):  # such an answer names the sites that may frame it
            response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if settings.SECURE_HSTS_SECONDS:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}")
        return response


class OwnCookies:
    """Leaves out a cookie with a NUL in it: none of ours has one, and no session can be looked for by it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer without them."""
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
        return self.get_response(request)


class NoNul:
    """400 for an address or a value with a NUL in it: none of ours has one, and PostgreSQL cannot be asked for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer what can be asked for."""
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return errors.bad_request(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what the database could not be asked, beyond what forms clean and refuse."""
        return errors.bad_request(request) if isinstance(exception, DataError) and _is_of_a_nul(exception) else None


def _is_of_a_nul(error: DataError) -> bool:
    """What the driver says of one in a text, or PostgreSQL of one in JSON; statements that they quote say NULL."""
    if getattr(error.__cause__, "sqlstate", None) == UNTRANSLATABLE:
        return r"\u0000" in str(error)
    return "NUL (0x00)" in str(error)


class OrganisationOfHost:
    """Sets `request.organisation` by host name; None while nothing is set up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the name of one organisation."""
        host = away.host_of(request)
        organisation = _organisation(host, request.path_info)
        request.organisation = organisation  # type: ignore[attr-defined]
        away.remember(host, organisation)
        return self.get_response(request)


def _organisation(host: str, path: str) -> Organisation | None:
    """Who answers; the public's pages may know it for a second, staff see at once what they changed."""
    if not _is_of_host(path):
        return None
    if path[1:].partition("/")[0] in Language.codes:
        return doors.of_host(host, now=timezone.now())
    return organisations.of_host(host)


def _is_of_host(path: str) -> bool:
    return path in API_PAGES or not (path in OF_NO_ORGANISATION or path.startswith(API))


class Language:
    """The language of the address; else what the reader chose; else what the browser asks for."""

    codes = frozenset(code for code, _ in settings.LANGUAGES)

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in one language, and say which."""
        language = self._language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    def _language(self, request: HttpRequest) -> str:
        first = request.path_info[1:].partition("/")[0]
        if first in self.codes:
            return first
        chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
        return chosen if chosen in self.codes else translation.get_language_from_request(request)
