"""Putting a name to an alarm."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from pharos.actions import alarms as actions
from pharos.http.guards import lead_required, organisation_of, user_of
from pharos.http.reader import Reader, reader_of
from pharos.models import Alarm
from pharos.queries import cues
from pharos.queries.alarms import sentence
from pharos.supervisor.answers import SaidShown, said_shown
from pharos.supervisor.board import alarm_list

LISTED = 100


@never_cache
@require_safe
@lead_required
def all_alarms(request: HttpRequest) -> HttpResponse:
    """Every open alarm, and the latest that are over."""
    organisation, reader = organisation_of(request), reader_of(request)
    over = Alarm.objects.filter(organisation=organisation, cleared_at__isnull=False)
    rows = list(over.select_related("contact", "incident", "acknowledged_by").order_by("-raised_at")[:LISTED])
    said = cues.last_said([row.contact_id for row in rows if row.sort == Alarm.Sort.DANGER_WORDS and row.contact_id])
    context = {
        **alarm_list(organisation, reader, shown=LISTED),
        "over": [
            {
                "text": sentence(alarm, organisation=organisation, language=reader.language, now=reader.now),
                "raised": reader.moment(alarm.raised_at),
                "by": alarm.acknowledged_by.get_full_name() if alarm.acknowledged_by else "",
                "contact": alarm.contact,
                "said": _said(alarm, said, reader),
            }
            for alarm in rows
        ],
    }
    return render(request, "supervisor/alarms.html", context)


def _said(alarm: Alarm, said: Mapping[int, cues.Said], reader: Reader) -> SaidShown | None:
    """How the words that raised an alarm were answered, while the answer can be put right."""
    found = said.get(alarm.contact_id or 0) if alarm.sort == Alarm.Sort.DANGER_WORDS else None
    return said_shown(found, reader) if found else None


@never_cache
@require_safe
@lead_required
def strip(request: HttpRequest) -> HttpResponse:
    """The line about untaken alarms on every other page of a lead."""
    return render(request, "supervisor/parts/strip.html")


@require_POST
@lead_required
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one's name to an alarm."""
    alarm = get_object_or_404(Alarm, organisation=organisation_of(request), pk=pk)
    if actions.acknowledge(alarm=alarm, by=user_of(request), now=timezone.now()):
        text = _("The alarm is yours.")
    else:
        text = _("Somebody has this alarm already, or it is over.")
    return answer(request, text)


@require_POST
@lead_required
def acknowledge_all(request: HttpRequest) -> HttpResponse:
    """Put one's name to every open alarm of one sort."""
    organisation = organisation_of(request)
    sort = request.POST.get("sort", "")
    count = actions.acknowledge_all(organisation=organisation, sort=sort, by=user_of(request), now=timezone.now())
    text = ngettext("%(count)s alarm is yours.", "%(count)s alarms are yours.", count)
    return answer(request, text % {"count": reader_of(request).number(count)})


def answer(request: HttpRequest, text: str) -> HttpResponse:
    """To a script the alarms as they are now; else back to the page."""
    if not getattr(request, "htmx", False):
        messages.success(request, text)
        return redirect("all_alarms" if "all" in request.GET else "board")
    context = alarm_list(organisation_of(request), reader_of(request))
    return render(request, "supervisor/parts/alarms.html", {**context, "told": text})
