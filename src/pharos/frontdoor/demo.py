"""Signing in to the example organisation with one click: on this machine only, and nowhere else."""

import ipaddress

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from pharos.actions.demo import HELPER
from pharos.http.guards import organisation_of
from pharos.models import Channel, Incident, Organisation, Role, User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
LOCAL_NAMES = ("127.0.0.1", "[::1]", "localhost")
ORDER = {Role.AGENT: 0, Role.LEAD: 1, Role.ADMIN: 2}


def demo_organisation_or_404(request: HttpRequest) -> Organisation:
    """The example organisation, for whoever sits at this machine; 404 for everybody else, as if it were not there.

    A name that only happens to lead to the loopback address is refused too: it may be another site's.
    """
    organisation = organisation_of(request)
    if organisation.is_demo and _is_local(request):
        return organisation
    raise Http404


def _is_local(request: HttpRequest) -> bool:
    if any(name in request.headers for name in PROXY_HEADERS):
        return False
    host = request.get_host()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    try:
        address = ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return False
    return address.is_loopback and (name in LOCAL_NAMES or name.endswith(".localhost"))


@never_cache
@require_GET
def demo_page(request: HttpRequest) -> HttpResponse:
    """Who one can be, and where the public looks."""
    organisation = demo_organisation_or_404(request)
    shown = organisation.users.filter(is_active=True).exclude(username__startswith=HELPER)
    users = sorted(shown, key=lambda user: (ORDER[Role(user.role)], user.pk))
    incidents = organisation.incidents.exclude(state=Incident.State.CLOSED).filter(is_drill=False)
    chat = organisation.entry_points.filter(channel=Channel.CHAT, is_on=True).order_by("id").first()
    context = {"users": users, "incidents": incidents.order_by("-declared_at"), "chat": chat}
    return render(request, "frontdoor/demo.html", context)


@never_cache
@require_POST
def demo_sign_in(request: HttpRequest, username: str) -> HttpResponse:
    """Be one of them."""
    organisation = demo_organisation_or_404(request)
    user = get_object_or_404(User, organisation=organisation, username=username, is_active=True)
    login(request, user, backend=BACKEND)
    return redirect("home")
