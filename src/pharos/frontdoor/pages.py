"""The organisation's home, an incident's page and its feed: the same bytes for everyone, so that they can be kept."""

import hashlib
from datetime import datetime
from typing import Final, NamedTuple, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from pharos.http import pages
from pharos.http.guards import public_incident_or_404
from pharos.models import Incident, Organisation
from pharos.queries.doors import Recent
from pharos.queries.home import home
from pharos.queries.pages import PublicPage, public_page

KEPT_S: Final = 10
HTML: Final = "text/html; charset=utf-8"


class Drawn(NamedTuple):
    """A page as it was drawn for somebody a moment ago."""

    text: str
    modified_at: datetime


# When thousands ask for the same page, it is drawn once a second; what is published shows at once all the same.
_drawn: Recent[tuple[int, int, str, str], Drawn] = Recent()


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """The bare address leads to the home in the reader's language."""
    response = HttpResponseRedirect(f"/{request.LANGUAGE_CODE}/")
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
def home_page(request: HttpRequest, language: str) -> HttpResponse:
    """What is going on and how to reach us."""
    organisation = cast(Organisation | None, getattr(request, "organisation", None))
    if organisation is None:
        return render(request, "frontdoor/not_set_up.html", status=503)
    page = home(organisation, language=language, now=timezone.now())
    return _kept(request, pages.home_page(page), HTML)


@require_safe
def incident_page(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Everything about an incident that the public needs."""
    incident, now = public_incident_or_404(request, slug), timezone.now()
    version = incident.pk, incident.page_version, incident.state, language
    drawn = _drawn.of(version, lambda: _draw(incident, language, now=now), now=now)
    return _kept(request, drawn.text, HTML, incident, drawn.modified_at)


@require_safe
def incident_feed(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """The incident's updates for feed readers."""
    page = _page(request, language, slug)
    return _kept(request, pages.feed(page), pages.ATOM_TYPE, page.incident, page.changed_at)


def _draw(incident: Incident, language: str, *, now: datetime) -> Drawn:
    page = public_page(incident, language=language, now=now)
    return Drawn(pages.incident_page(page), page.modified_at)


def _page(request: HttpRequest, language: str, slug: str) -> PublicPage:
    incident = public_incident_or_404(request, slug)
    return public_page(incident, language=language, now=timezone.now())


def _kept(
    request: HttpRequest,
    text: str,
    content_type: str,
    incident: Incident | None = None,
    modified: datetime | None = None,
) -> HttpResponse:
    """An answer that may be kept for a moment and asked for again by its mark. What is not public is kept by nobody."""
    whole = HttpResponse(text, content_type=content_type)
    if incident and not incident.is_public:
        whole.headers["Cache-Control"] = "private, no-store"
        return whole
    etag = quote_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    seconds = int(modified.timestamp()) if modified else None
    response = cast(HttpResponse, get_conditional_response(request, etag=etag, last_modified=seconds, response=whole))
    response.headers["ETag"] = etag
    if seconds is not None:
        response.headers["Last-Modified"] = http_date(seconds)
    response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    return response
