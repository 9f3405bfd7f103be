"""The numbers that run the centre."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pharos.actions import rules as actions
from pharos.actions.errors import Refused
from pharos.http.guards import admin_required, organisation_of
from pharos.supervisor.forms.rules import RulesForm
from pharos.supervisor.frame import set_up_page


@admin_required
def rules(request: HttpRequest) -> HttpResponse:
    """Targets and head starts, offers, alarms: each with the shipped number and where it comes from."""
    organisation = organisation_of(request)
    form = RulesForm(request.POST or None, organisation=organisation, language=request.LANGUAGE_CODE)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_rules(
                organisation=organisation, classes=form.classes(), values=form.numbers(), now=timezone.now()
            )
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            messages.success(request, _("Saved. It holds from now on."))
            return redirect("rules")
    context = {"form": form, "has_own": bool(organisation.rules)}
    return set_up_page(request, "setup/rules.html", context, at="rules", status=422 if form.errors else 200)


@require_POST
@admin_required
def rules_reset(request: HttpRequest) -> HttpResponse:
    """Back to every shipped number."""
    actions.reset(organisation=organisation_of(request), now=timezone.now())
    messages.success(request, _("Every number is the shipped one again."))
    return redirect("rules")
