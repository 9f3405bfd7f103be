"""The form on paper: as a page that any browser prints, and as a PDF where this machine has the letters."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pharos import content
from pharos.desktop import paper_fonts, paper_pdf
from pharos.desktop.paper import paper
from pharos.http.guards import agent_required, organisation_of


@never_cache
@require_GET
@agent_required
def page(request: HttpRequest, language: str) -> HttpResponse:
    """The form in one language, to be printed with the reader's own letters."""
    context = {
        "form": paper(language),
        "name": _name(request, language),
        "has_pdf": language in paper_fonts.faces(),
        "languages": settings.LANGUAGES,
    }
    return render(request, "desktop/paper.html", context)


@never_cache
@require_GET
@agent_required
def pdf(request: HttpRequest, language: str) -> HttpResponse:
    """The same as a PDF; 404 where this machine has no letters for the language."""
    try:
        drawn = paper_pdf.pdf(language, _name(request, language))
    except paper_pdf.NoFace:
        raise Http404 from None
    headers = {"Content-Disposition": f'inline; filename="pharos-form-{language}.pdf"'}
    return HttpResponse(drawn, content_type="application/pdf", headers=headers)


def _name(request: HttpRequest, language: str) -> str:
    with translation.override(language):
        return content.pick(organisation_of(request).name, language).text
