"""Public updates: write, publish with the time of the next one, correct, withdraw."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pharos.actions import advisories
from pharos.actions.errors import Refused
from pharos.http.guards import incident_or_404, lead_required, user_of
from pharos.models import Advisory, Incident
from pharos.queries.rules import rule
from pharos.supervisor.forms.incidents import AHEAD, UpdateForm
from pharos.supervisor.frame import told_refused

FIRST_DAY = timedelta(days=1)
KEY_MAX = 64
Words = Mapping[str, Mapping[str, str]]
Keep = Callable[[str, Words, datetime], Advisory]


@never_cache
@lead_required
def new_update(request: HttpRequest, slug: str) -> HttpResponse:
    """Write an update; publish it at once or keep it as a draft."""
    incident = incident_or_404(request, slug)

    def keep(key: str, words: Words, now: datetime) -> Advisory:
        return advisories.draft(incident=incident, key=key, by=user_of(request), now=now, **words)

    return _write(request, incident, keep, heading=_("New update"))


@never_cache
@lead_required
def update(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Go on with a draft."""
    incident = incident_or_404(request, slug)
    row = _advisory_or_404(incident, pk)
    if row.state != Advisory.State.DRAFT:
        return redirect("incident", slug=slug)

    def keep(key: str, words: Words, now: datetime) -> Advisory:
        advisories.write(advisory=row, by=user_of(request), now=now, **words)
        return row

    return _write(request, incident, keep, words=row, draft=row, heading=_("Draft of an update"))


@never_cache
@lead_required
def correct(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A new version of what is published; the old one stays readable."""
    incident = incident_or_404(request, slug)
    row = _advisory_or_404(incident, pk)

    def keep(key: str, words: Words, now: datetime) -> Advisory:
        return advisories.correct(advisory=row, key=key, by=user_of(request), now=now, **words)

    return _write(request, incident, keep, words=row, heading=_("Correct an update"))


@require_POST
@lead_required
def no_news(request: HttpRequest, slug: str) -> HttpResponse:
    """A draft that says, in every language, that nothing has changed."""
    incident = incident_or_404(request, slug)
    key = request.POST.get("nonce", "")[:KEY_MAX] or None
    try:
        row = advisories.no_news(incident=incident, by=user_of(request), now=timezone.now(), key=key)
    except Refused as refused:
        told_refused(request, refused)
        return redirect("incident", slug=slug)
    return redirect("incident_update", slug=slug, pk=row.pk)


@require_POST
@lead_required
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take an update back."""
    row = _advisory_or_404(incident_or_404(request, slug), pk)
    try:
        advisories.withdraw(advisory=row, by=user_of(request), now=timezone.now())
        messages.success(request, _("Withdrawn. The page says so."))
    except Refused as refused:
        told_refused(request, refused)
    return redirect("incident", slug=slug)


@require_POST
@lead_required
def discard(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Drop a draft."""
    row = _advisory_or_404(incident_or_404(request, slug), pk)
    try:
        advisories.discard(advisory=row, by=user_of(request), now=timezone.now())
        messages.success(request, _("The draft is gone."))
    except Refused as refused:
        told_refused(request, refused)
    return redirect("incident", slug=slug)


def _write(
    request: HttpRequest,
    incident: Incident,
    keep: Keep,
    *,
    heading: str,
    words: Advisory | None = None,
    draft: Advisory | None = None,
) -> HttpResponse:
    """One form for all: the words are kept as a draft first, and published then if that was asked for."""
    now = timezone.now()
    publishes = request.POST.get("do") == "publish"
    initial = {
        "nonce": secrets.token_urlsafe(18),
        "title": words.title if words else {},
        "body": words.body if words else {},
        "next_update": _usual_interval(incident, now=now),
    }
    form = UpdateForm(request.POST or None, incident=incident, now=now, publishes=publishes, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return _keep(request, incident, keep, form, now=now)
        except Refused as refused:
            form.add_error(None, str(refused.message))
    context = {"form": form, "incident": incident, "heading": heading, "draft": draft}
    return render(request, "supervisor/incident_update.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, incident: Incident, keep: Keep, form: UpdateForm, *, now: datetime) -> HttpResponse:
    values = form.cleaned_data
    row = keep(values["nonce"], {"title": values["title"], "body": values["body"]}, now)
    if not form.publishes:
        messages.success(request, _("The draft is kept. The public does not see it yet."))
    elif row.state == Advisory.State.DRAFT:
        advisories.publish(advisory=row, next_update_at=values["next_update_at"], by=user_of(request), now=now)
        messages.success(request, _("Published. The page shows it."))
    return redirect("incident", slug=incident.slug)


def _usual_interval(incident: Incident, *, now: datetime) -> str:
    """The organisation's interval, as the nearest of the choices."""
    rules = incident.organisation
    fresh = now - incident.declared_at < FIRST_DAY
    first_day, later = rule(rules, "update_interval_minutes_first_day"), 60 * rule(rules, "update_interval_hours_later")
    wanted = first_day if fresh else later
    return str(min((minutes for minutes, _label in AHEAD), key=lambda minutes: abs(minutes - wanted)))


def _advisory_or_404(incident: Incident, pk: int) -> Advisory:
    row = get_object_or_404(Advisory, incident=incident, pk=pk)
    row.incident = incident
    return row
