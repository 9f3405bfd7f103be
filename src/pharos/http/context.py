"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def pharos(request: HttpRequest) -> dict[str, object]:
    """`organisation`, and `language_links`: this page in the other languages as (code, own name, address)."""
    return {"organisation": getattr(request, "organisation", None), "language_links": language_links(request)}


def language_links(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Public addresses begin with their language; staff pages are switched by a form instead."""
    first, _, rest = request.path_info[1:].partition("/")
    if first not in dict(settings.LANGUAGES):
        return []
    return [(code, name, f"/{code}/{rest}") for code, name in settings.LANGUAGES]
