"""Addresses."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from pharos.api import pages
from pharos.api.door import guarded, nowhere
from pharos.api.service import api

WITHOUT_BODY = {"accept", "decline", "finish", "send_code"}


def _calls() -> list[URLPattern]:
    patterns: list[URLPattern] = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]
    for one in patterns:
        one.callback = guarded(one.callback, reads_body=one.name not in WITHOUT_BODY)
    return patterns


urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", RedirectView.as_view(pattern_name="api-docs"), name="api-root"),
    path("api/v1/openapi.json", pages.openapi, name="openapi"),
    path("api/v1/docs", pages.page, name="api-docs"),
    path("api/v1/", include((_calls(), "api"))),
    path("", include("pharos.api.health")),
    re_path(r"^api/", nowhere),
]
