"""When the centre is open."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from pharos.actions import hours as actions
from pharos.actions.errors import Refused
from pharos.content.calendars import zone_name
from pharos.content.dates import date_example
from pharos.http.guards import admin_required, organisation_of
from pharos.supervisor.forms.hours import HoursForm
from pharos.supervisor.frame import set_up_page


@admin_required
def hours(request: HttpRequest) -> HttpResponse:
    """The week of each kind of channel, and special days."""
    organisation = organisation_of(request)
    form = HoursForm(
        request.POST or None,
        weekly=organisation.opening_hours.all(),
        special=organisation.special_days.order_by("date", "kind"),
        language=request.LANGUAGE_CODE,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_hours(
                organisation=organisation, weekly=form.weekly(), special=form.special(), now=timezone.now()
            )
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("hours")
    context = {
        "form": form,
        "zone": zone_name(organisation.time_zone, request.LANGUAGE_CODE),
        "date_example": date_example(request.LANGUAGE_CODE),
    }
    return set_up_page(request, "setup/hours.html", context, at="hours", status=422 if form.errors else 200)
