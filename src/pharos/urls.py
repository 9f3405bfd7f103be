"""The addresses of all surfaces."""

from allauth.account.urls import urlpatterns as account_urlpatterns
from django.urls import include, path, register_converter

from pharos.http.languages import LanguageConverter
from pharos.supervisor.urls import entrance_urlpatterns

register_converter(LanguageConverter, "language")

# Staff get in by an invitation. These would mail links to whatever host name was asked for.
ACCOUNT_LEFT_OUT = ("account_email", "account_confirm_", "account_reset_")

urlpatterns = [
    path("", include("pharos.frontdoor.urls")),
    path("desk/", include("pharos.desktop.urls")),
    path("lead/", include("pharos.supervisor.urls")),
    path("", include(entrance_urlpatterns)),
    path("", include("pharos.api.urls")),
    path("channels/social/", include("pharos.channels.social.urls")),
    path("live/", include("pharos.http.streams")),
    path("channels/sms/", include("pharos.channels.sms.urls")),
    path("account/", include([one for one in account_urlpatterns if not one.name.startswith(ACCOUNT_LEFT_OUT)])),
    path("account/2fa/", include("allauth.mfa.urls")),
]

handler400 = "pharos.http.errors.bad_request"
handler403 = "pharos.http.errors.forbidden"
handler404 = "pharos.http.errors.not_found"
handler500 = "pharos.http.errors.failed"
