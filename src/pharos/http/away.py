"""The answer while the store is away or full: honest, calm, and with everything that was typed still in it."""

import errno
from collections.abc import Iterable
from typing import Final, NamedTuple

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from pharos.http.problems import problem
from pharos.models import Organisation

RETRY_S: Final = 2
LOOK_AGAIN_S: Final = 20  # a page that somebody wants to read asks again by itself
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
OLDER: Final = frozenset({"42P01", "42703"})  # no such table, no such column: the schema is being brought up to date
WORDS: Final = ("text", "words")  # of the public forms: shown to be read and changed; all else travels along unseen
NEVER_SHOWN: Final = ("csrf", "password", "secret", "token", "key", "nonce", "proof")
HOSTS_MOST: Final = 256

_last_known: dict[str, Organisation] = {}


class Typed(NamedTuple):
    """What a form held. `again`: it may be sent once more from here; else the words are only shown."""

    again: bool
    words: list[tuple[str, str]]
    hidden: list[tuple[str, str]]
    had_files: bool


NOTHING: Final = Typed(again=False, words=[], hidden=[], had_files=False)


def is_away(error: BaseException | None) -> bool:
    """Whether this error means that nothing can be read or kept just now, by no fault of the request."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    if isinstance(error, ProgrammingError):
        return getattr(error.__cause__, "sqlstate", None) in OLDER
    return isinstance(error, OSError) and error.errno in FULL


def remember(host: str, organisation: Organisation | None) -> None:
    """Keep who answers under a host name, so that its telephone and way out are there when the store is not."""
    if organisation is not None and (host in _last_known or len(_last_known) < HOSTS_MOST):
        _last_known[host] = organisation


def answer(request: HttpRequest) -> HttpResponse:
    """503, and when to come again; made without the store."""
    headers = {"Retry-After": str(RETRY_S), "Cache-Control": "no-store"}
    if request.path_info.startswith("/api/"):
        words = _("It may not have been kept. Please send it again with the same key: it is kept once.")
        return problem(request, "unavailable", detail=words, headers=headers)
    if getattr(request, "organisation", None) is None:
        request.organisation = _last_known.get(_host(request))  # type: ignore[attr-defined]
    sends = request.method not in {"GET", "HEAD"}
    if not sends:
        headers["Refresh"] = str(LOOK_AGAIN_S)
    context = {"sends": sends, "typed": _typed(request) if sends else NOTHING, "here": request.get_full_path()}
    page = render_to_string("base/away.html", context, request=request)
    return HttpResponse(page, status=503, headers=headers)


def _host(request: HttpRequest) -> str:
    try:
        return host_of(request)
    except SuspiciousOperation:
        return ""


def host_of(request: HttpRequest) -> str:
    """The host name that was asked, without its port."""
    host = request.get_host()
    return host.rpartition(":")[0] or host


def _typed(request: HttpRequest) -> Typed:
    """What was typed, from the request alone.

    Only forms of the public can be sent again from here: nobody is signed in there, so a page elsewhere that posts in
    a reader's name gains nothing by it.
    """
    try:
        values = [(name, value) for name, many in request.POST.lists() for value in many if value]
        had_files = bool(request.FILES)
    except (OSError, UnreadablePostError, SuspiciousOperation):
        return NOTHING
    first = request.path_info[1:].partition("/")[0]
    if first in dict(settings.LANGUAGES):
        words = [(name, value) for name, value in values if name in WORDS]
        hidden = [(name, value) for name, value in values if name not in {*WORDS, "csrfmiddlewaretoken"}]
        return Typed(again=True, words=words, hidden=hidden, had_files=had_files)
    if first in {"desk", "lead"}:
        return Typed(again=False, words=list(_shown(values)), hidden=[], had_files=False)
    return NOTHING


def _shown(values: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """What reads like words of a person: not numbers, codes or secrets."""
    for name, value in values:
        is_secret = any(part in name.lower() for part in NEVER_SHOWN)
        if not is_secret and (not value.isascii() or len(value.split()) > 1):
            yield name, value
