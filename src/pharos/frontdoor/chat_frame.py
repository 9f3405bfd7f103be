"""What every answer of the chat has in common: found by its address alone, no cookies, framed only where it may be."""

import json
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Concatenate, Final, ParamSpec

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from pharos.http.guards import organisation_of
from pharos.http.middleware import CONTENT_SECURITY_POLICY
from pharos.models import Contact, EntryPoint
from pharos.queries import chat

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, EntryPoint, P], HttpResponse]
Answer = Callable[..., HttpResponse]
JAVASCRIPT: Final = "text/javascript; charset=utf-8"
SCRIPT_KEPT_S: Final = 300
NOBODY: Final = "frame-ancestors 'none'"


def of_widget(view: View[P]) -> Answer:
    """Find the widget by the token in the address, and say who may frame the answer.

    No cookie is read or set, so there is none that a strange page could make use of: what opens a chat, and lets it be
    written to, is the secret in its address.
    """

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, /, language: str, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        entry = entry_or_404(request, token)
        return _headed(view(request, entry, *args, **kwargs), entry)

    return answered


def entry_or_404(request: HttpRequest, token: str) -> EntryPoint:
    """The widget of this organisation."""
    found = chat.entry(organisation_of(request), token)
    if found is None:
        raise Http404
    return found


def contact_or_404(entry: EntryPoint, page: str) -> Contact:
    """The chat that this secret opens."""
    rows = Contact.objects.select_related(
        "person", "incident__organisation", "lane__queue", "organisation", "agent__user"
    )
    contact = get_object_or_404(rows, organisation=entry.organisation, page_token=page)
    if not chat.is_chat(contact):
        raise Http404
    return contact


def _headed(response: HttpResponse, entry: EntryPoint) -> HttpResponse:
    sites = chat.sites(entry.options)
    if sites:
        policy = CONTENT_SECURITY_POLICY.replace(NOBODY, f"frame-ancestors {' '.join(sites)}")
        response.headers["Content-Security-Policy"] = policy
        response.xframe_options_exempt = True
    response.headers["Access-Control-Allow-Origin"] = "*"  # a frame without an origin of its own asks like a stranger
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def script(request: HttpRequest, token: str) -> HttpResponse:
    """What a site includes: a button that opens the chat. Empty while the widget is switched off."""
    entry = entry_or_404(request, token)
    body = f"{_widget()}({json.dumps(_told(entry), ensure_ascii=False)});" if entry.is_on else ""
    headers = {"Cache-Control": f"public, max-age={SCRIPT_KEPT_S}", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(
        body, content_type=JAVASCRIPT, headers={**headers, "Cross-Origin-Resource-Policy": "cross-origin"}
    )


@cache
def _widget() -> str:
    """The script as it ships: one function, called with what it has to know."""
    found = finders.find("js/chat_widget.js")
    return Path(str(found)).read_text().strip().removesuffix(";")


def _told(entry: EntryPoint) -> dict[str, object]:
    organisation = entry.organisation
    spoken = [code for code, _name in settings.LANGUAGES if code in organisation.languages] or ["en"]
    return {
        "token": entry.token,
        "exit": organisation.quick_exit_url,
        "first": entry.language if entry.language in spoken else spoken[0],
        "words": {code: _words(code) for code in spoken},
    }


def _words(language: str) -> dict[str, str]:
    with translation.override(language):
        return {
            "open": _("Chat with us"),
            "close": _("Close the chat"),
            "news": _("A new message in the chat"),
            "page": _("Open the chat as a page of its own"),
        }
