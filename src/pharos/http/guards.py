"""Fetch and authorise in one step. Denied means that nothing changed."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django_htmx.http import HttpResponseClientRefresh

from pharos.models import Agent, Contact, Incident, Organisation, Role, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
RANK = {Role.AGENT: 0, Role.LEAD: 1, Role.ADMIN: 2}


def organisation_of(request: HttpRequest) -> Organisation:
    """The organisation of this request's host; 404 while nothing is set up."""
    organisation = cast(Organisation | None, getattr(request, "organisation", None))
    if organisation is None:
        raise Http404
    return organisation


def user_of(request: HttpRequest) -> User:
    """The signed-in user behind a guard."""
    return cast(User, request.user)


def role_required(role: Role) -> Callable[[View[P]], View[P]]:
    """Let in only staff of this host's organisation with this role or more."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_login(request)
            user = user_of(request)
            if user.organisation_id != organisation_of(request).pk or RANK[Role(user.role)] < RANK[role]:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _to_login(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in page; a part of a live page takes its whole page along."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRefresh()
    return redirect_to_login(request.get_full_path())


agent_required = role_required(Role.AGENT)
lead_required = role_required(Role.LEAD)
admin_required = role_required(Role.ADMIN)


def agent_of(request: HttpRequest) -> Agent:
    """The agent who is signed in; 403 for staff who take no contacts."""
    agent = Agent.objects.filter(user=user_of(request)).select_related("user").first()
    if agent is None:
        raise PermissionDenied
    return agent


def contact_or_404(request: HttpRequest, reference: str) -> Contact:
    """A contact of this host's organisation, for staff who may see all of it."""
    contacts = Contact.objects.select_related("person", "incident", "lane__queue", "agent__user", "organisation")
    return get_object_or_404(contacts, organisation=organisation_of(request), reference=reference)


def agent_contact_or_404(request: HttpRequest, reference: str) -> Contact:
    """A contact that the signed-in agent holds; leads may open any."""
    contact = contact_or_404(request, reference)
    user = user_of(request)
    if RANK[Role(user.role)] >= RANK[Role.LEAD] or (contact.agent and contact.agent.user_id == user.pk):
        return contact
    raise Http404


def incident_or_404(request: HttpRequest, slug: str) -> Incident:
    """An incident of this host's organisation."""
    incidents = Incident.objects.select_related("organisation")
    return get_object_or_404(incidents, organisation=organisation_of(request), slug=slug)


def public_incident_or_404(request: HttpRequest, slug: str) -> Incident:
    """An incident whose page this reader may see: a drill, or one that is only being watched, is for our own staff."""
    incident = incident_or_404(request, slug)
    if incident.is_public:  # who reads it is not even asked, so that proxies may keep the page for everyone
        return incident
    if request.user.is_authenticated and user_of(request).organisation_id == incident.organisation_id:
        return incident
    raise Http404
