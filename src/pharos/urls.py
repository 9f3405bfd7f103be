"""The addresses of all surfaces."""

from django.urls import include, path, register_converter

from pharos.http.languages import LanguageConverter
from pharos.supervisor.urls import entrance_urlpatterns

register_converter(LanguageConverter, "language")

urlpatterns = [
    path("", include("pharos.frontdoor.urls")),
    path("desk/", include("pharos.desktop.urls")),
    path("lead/", include("pharos.supervisor.urls")),
    path("", include(entrance_urlpatterns)),
    path("", include("pharos.api.urls")),
    path("live/", include("pharos.http.streams")),
    path("account/", include("allauth.urls")),
]

handler400 = "pharos.http.errors.bad_request"
handler403 = "pharos.http.errors.forbidden"
handler404 = "pharos.http.errors.not_found"
handler500 = "pharos.http.errors.failed"
