"""Set-up: what is still to do, and the organisation itself."""

from typing import NamedTuple

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pharos.actions import setup
from pharos.http.guards import admin_required, organisation_of
from pharos.models import Agent, Organisation
from pharos.queries import staff
from pharos.queries.alarms import language_name
from pharos.supervisor.forms.organisation import OrganisationForm
from pharos.supervisor.frame import set_up_page


class Step(NamedTuple):
    """One thing to do before the centre opens, or done already."""

    title: str
    text: str
    url: str
    is_done: bool
    is_needed: bool = False


@admin_required
def overview(request: HttpRequest) -> HttpResponse:
    """What is still to do, in order."""
    organisation = organisation_of(request)
    steps = _steps(organisation)
    following = next((step for step in steps if step.is_needed and not step.is_done), None)
    context = {
        "steps": steps,
        "following": following,
        "is_set_up": organisation.is_set_up,
        "gaps": _gaps(organisation),
        "public_url": f"{settings.PUBLIC_URL}/",
    }
    return set_up_page(request, "setup/overview.html", context, at="set_up")


def _steps(organisation: Organisation) -> list[Step]:
    agents = Agent.objects.filter(organisation=organisation, user__is_active=True, skills__isnull=False)
    has_agents = agents.exists()
    has_hours = organisation.opening_hours.exists()
    mails = bool(settings.ENVIRONMENT.smtp_url)
    return [
        Step(_("Name your organisation"), _("Names, languages, phone, email."), reverse("set_up_organisation"), True),
        Step(
            _("Add the people who answer"),
            _("One by one or from a list. Each gets a link to set a password.")
            if not has_agents
            else _("You can add more at any time."),
            reverse("people"),
            has_agents,
            is_needed=True,
        ),
        Step(
            _("Say when you are open"),
            _("Open day and night until you say otherwise.") if not has_hours else _("Your hours are set."),
            reverse("hours"),
            has_hours,
        ),
        Step(
            _("Check how mail goes out"),
            _("Mail is sent through your mail server.")
            if mails
            else _("No mail server is set: mail is kept here for you to read, and nothing is sent."),
            reverse("mail"),
            mails,
        ),
    ]


def _gaps(organisation: Organisation) -> dict[str, object]:
    found = staff.gaps(organisation=organisation)
    return {"languages": [language_name(code) for code in found.languages], "skills": found.skills}


@admin_required
def organisation(request: HttpRequest) -> HttpResponse:
    """Names, languages, clock, phones, mail."""
    current = organisation_of(request)
    form = OrganisationForm(request.POST or None, organisation=current)
    if request.method == "POST" and form.is_valid():
        setup.describe(organisation=current, details=form.details())
        messages.success(request, _("Saved."))
        return redirect("set_up_organisation")
    status = 422 if form.errors else 200
    return set_up_page(request, "setup/organisation.html", {"form": form}, at="set_up_organisation", status=status)


@require_POST
@admin_required
def finish(request: HttpRequest) -> HttpResponse:
    """The centre is ready."""
    setup.finish(organisation=organisation_of(request))
    messages.success(request, _("Your contact centre is open."))
    return redirect("board")
