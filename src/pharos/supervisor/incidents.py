"""The incident console: declare, look, move on, close, and keep the words of the page true."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from pharos import content
from pharos.actions import incidents
from pharos.actions.errors import Refused
from pharos.content.calendars import local_digits, local_moment
from pharos.http.guards import incident_or_404, lead_required, organisation_of, user_of
from pharos.models import Incident, IncidentText, PageSection
from pharos.queries import incidents as queries
from pharos.queries import posts
from pharos.queries.pages import address
from pharos.queries.pages import phone_window as phone_window_words
from pharos.queries.rules import rule
from pharos.supervisor.forms.incidents import DeclareForm, DescribeForm, PhoneWindowForm, SectionForm, WordsForm
from pharos.supervisor.frame import told_refused
from pharos.supervisor.told import SORTS, TEXTS, history, incident_state_names, own_text, part, update_clock, written


@never_cache
@require_safe
@lead_required
def all_incidents(request: HttpRequest) -> HttpResponse:
    """What is going on, and what is over."""
    language = get_language() or "en"
    states = incident_state_names()
    rows = [
        {
            "incident": incident,
            "name": content.pick(incident.name, language),
            "state": states[incident.state],
            "declared": local_moment(incident.declared_at, incident.zone, language, now=timezone.now()),
        }
        for incident in queries.of_organisation(organisation_of(request))
    ]
    return render(request, "supervisor/incidents.html", {"rows": rows})


@never_cache
@lead_required
def declare(request: HttpRequest) -> HttpResponse:
    """One screen: page, form, acknowledgements and update clock are there when it is sent."""
    organisation = organisation_of(request)
    initial = {"nonce": secrets.token_urlsafe(18)}
    form = DeclareForm(request.POST or None, organisation=organisation, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        key = values.pop("nonce")
        try:
            incident = incidents.declare(
                organisation=organisation, by=user_of(request), now=timezone.now(), key=key, **values
            )
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return redirect("incident", slug=incident.slug)
    return _form_page(request, "supervisor/incident_declare.html", form)


@never_cache
@require_safe
@lead_required
def incident(request: HttpRequest, slug: str) -> HttpResponse:
    """One incident: its updates, its words in each language, its clock, and what was done."""
    now = timezone.now()
    found = incident_or_404(request, slug)
    console = queries.console(found, now=now)
    posted = posts.standing(found)
    language = get_language() or "en"
    context = {
        "console": console,
        "incident": found,
        "name": content.pick(found.name, language),
        "kind": content.pick(content.crisis_types()[found.crisis_type].name, language),
        "severity": content.pick(content.severity_scale()[found.severity].name, language),
        "states": [(code, name) for code, name in incident_state_names().items() if code in incidents.RUNNING],
        "state": incident_state_names()[found.state],
        "window": _window(found, language),
        "clock": update_clock(console, now=now, language=language),
        "bulletins": [
            written(bulletin, found, now=now, language=language, posted=posted) for bulletin in console.bulletins
        ],
        "sections": _parts(console, language),
        "texts": [own_text(row, language=language) for row in console.texts],
        "addresses": [address(found, code) for code in content.LANGUAGES],
        "nonce": secrets.token_urlsafe(18),
        "history": history(console, now=now, language=language),
    }
    return render(request, "supervisor/incident.html", context)


@require_POST
@lead_required
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """Contained, recovering, over, or open again."""
    found = incident_or_404(request, slug)
    by, now, state = user_of(request), timezone.now(), request.POST.get("state", "")
    try:
        if state == Incident.State.CLOSED:
            incidents.close(incident=found, by=by, now=now)
            messages.success(request, _("Closed. The page says that it is over."))
        elif found.is_open:
            incidents.move(incident=found, state=state, by=by, now=now)
            messages.success(request, _("Saved. The page says so."))
        else:
            incidents.reopen(incident=found, by=by, now=now)
            messages.success(request, _("Open again. The page takes requests."))
    except Refused as refused:
        told_refused(request, refused)
    return redirect("incident", slug=slug)


@require_POST
@lead_required
def phone_window(request: HttpRequest, slug: str) -> HttpResponse:
    """For whom the phone is while lines are full; without days, for everyone again."""
    found = incident_or_404(request, slug)
    form = PhoneWindowForm(request.POST)
    try:
        if "end" in request.POST:
            days = None
        elif form.is_valid():
            days = form.cleaned_data["days"]
        else:
            raise Refused("days", _("Choose from one day to fourteen."))
        incidents.set_phone_window(incident=found, days=days, by=user_of(request), now=timezone.now())
    except Refused as refused:
        told_refused(request, refused)
        return redirect("incident", slug=slug)
    return _saved(request, slug)


@never_cache
@lead_required
def describe(request: HttpRequest, slug: str) -> HttpResponse:
    """Name, severity, whose clock."""
    found = incident_or_404(request, slug)
    initial = {"name": found.name, "severity": found.severity, "time_zone": found.time_zone}
    form = DescribeForm(request.POST or None, organisation=found.organisation, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            incidents.describe(incident=found, by=user_of(request), now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return _saved(request, slug)
    return _form_page(request, "supervisor/incident_words.html", form, incident=found, heading=_("Name and severity"))


@never_cache
@lead_required
def add_section(request: HttpRequest, slug: str, sort: str) -> HttpResponse:
    """One more block of the page."""
    found = incident_or_404(request, slug)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            incidents.add_section(
                incident=found, sort=sort, by=user_of(request), now=timezone.now(), **form.cleaned_data
            )
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return _saved(request, slug)
    return _form_page(
        request, "supervisor/incident_words.html", form, incident=found, heading=SORTS.get(sort, _("New part"))
    )


@never_cache
@lead_required
def section(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The words of one block, in each language side by side."""
    found = incident_or_404(request, slug)
    row = get_object_or_404(PageSection.objects.select_related("incident"), incident=found, pk=pk)
    initial = {"title": row.title, "body": row.body, "seen": row.changed_at.isoformat()}
    form = SectionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            incidents.write_section(section=row, by=user_of(request), now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return _saved(request, slug)
    return _form_page(request, "supervisor/incident_words.html", form, incident=found, heading=SORTS[row.sort], row=row)


@require_POST
@lead_required
def remove_section(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a block off the page."""
    found = incident_or_404(request, slug)
    row = get_object_or_404(PageSection.objects.select_related("incident"), incident=found, pk=pk)
    try:
        incidents.remove_section(section=row, by=user_of(request), now=timezone.now())
    except Refused as refused:
        told_refused(request, refused)
        return redirect("incident", slug=slug)
    return _saved(request, slug)


@never_cache
@lead_required
def text(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What the system itself says in this incident."""
    found = incident_or_404(request, slug)
    row = get_object_or_404(IncidentText.objects.select_related("incident"), incident=found, pk=pk)
    initial = {"title": row.subject, "body": row.body}
    form = WordsForm(request.POST or None, initial=initial, has_title=bool(row.subject))
    if request.method == "POST" and form.is_valid():
        words = {"subject": form.cleaned_data.get("title", {}), "body": form.cleaned_data["body"]}
        try:
            incidents.write_text(text=row, by=user_of(request), now=timezone.now(), **words)
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return _saved(request, slug)
    values = sorted(content.placeholders(content.template(row.code, row.channel).body["en"]))
    return _form_page(
        request, "supervisor/incident_words.html", form, incident=found, heading=TEXTS[row.code], values=values
    )


def _window(incident: Incident, language: str) -> dict[str, Any]:
    """Whom the phone is for, and the days to choose from."""
    days = incident.phone_window_days
    usual = days or rule(incident.organisation, "phone_only_within_days")
    return {
        "days": local_digits(days, language) if days else "",
        "words": phone_window_words(incident, channel="ivr", language=language) if days else None,
        "form": PhoneWindowForm(initial={"days": usual}),
    }


def _parts(console: queries.Console, language: str) -> list[dict[str, Any]]:
    rows = [(row.sort, part(row, console.incident, language=language)) for row in console.sections]
    return [
        {"sort": sort, "label": label, "rows": [told for its_sort, told in rows if its_sort == sort]}
        for sort, label in SORTS.items()
    ]


def _saved(request: HttpRequest, slug: str) -> HttpResponse:
    messages.success(request, _("Saved. The page shows it."))
    return redirect("incident", slug=slug)


def _form_page(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
