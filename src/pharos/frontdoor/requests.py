"""The request form: all at once, or one question at a time; what was typed survives every error."""

import hashlib
import json
import re
import secrets
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pharos.actions import intake, uploads
from pharos.actions.errors import KeyReused, Refused
from pharos.actions.inbound import Inbound
from pharos.frontdoor.forms import RequestForm
from pharos.http import flood
from pharos.http.behalf import ASKED, looked_for, on_behalf
from pharos.http.guards import organisation_of, public_incident_or_404
from pharos.models import Attachment, Channel, Contact, Incident, Organisation, SupportNeed
from pharos.queries import doors

MOST_FILES = 5
TOKEN = re.compile(r"[\w-]{1,64}", re.ASCII)
STEPS: tuple[tuple[str, ...], ...] = (
    ("danger",),
    ("text",),
    ("needed_by", "booking"),
    ("name", "email", "phone", "about_name", "relation", "authority", "needs", "needs_words"),
)


class Files(NamedTuple):
    """Files kept for a form that is not sent yet, and what was wrong with others."""

    kept: list[Attachment]
    errors: list[str]


@never_cache
@require_http_methods(["GET", "POST"])
def request_form(request: HttpRequest, language: str, slug: str = "") -> HttpResponse:
    """The whole form on one page."""
    organisation = organisation_of(request)
    incident = _incident_or_404(request, slug) if slug else None
    if incident and not incident.is_open:
        return redirect("incident_page", language=language, slug=slug)
    if request.method != "POST":
        form = RequestForm(organisation=organisation, initial={"nonce": secrets.token_urlsafe(18)})
        return _page(request, form, incident, Files([], []))
    form = RequestForm(request.POST, organisation=organisation)
    files = _files(request, organisation)
    if not form.is_valid() or files.errors:
        return _page(request, form, incident, files, status=422)
    return _send(request, form, incident, files, language)


@never_cache
@require_http_methods(["GET", "POST"])
def request_steps(request: HttpRequest, language: str, slug: str = "") -> HttpResponse:
    """The same form, one question at a time; the answers so far travel in hidden fields."""
    organisation = organisation_of(request)
    incident = _incident_or_404(request, slug) if slug else None
    if incident and not incident.is_open:
        return redirect("incident_page", language=language, slug=slug)
    if request.method != "POST":
        form = RequestForm(organisation=organisation, initial={"nonce": secrets.token_urlsafe(18)})
        return _step(request, form, incident, 0)
    form = RequestForm(request.POST, organisation=organisation)
    step = _step_number(request)
    if "back" in request.POST:
        return _step(request, form, incident, max(step - 1, 0))
    wrong = _first_wrong(form, step)
    if wrong is not None:
        return _step(request, form, incident, wrong, status=422)
    if step + 1 < len(STEPS):
        return _step(request, form, incident, step + 1)
    return _send(request, form, incident, Files([], []), language)


def _incident_or_404(request: HttpRequest, slug: str) -> Incident:
    known = doors.incident_of(organisation_of(request), slug, now=timezone.now())
    return known if known and known.is_public else public_incident_or_404(request, slug)


def _first_wrong(form: RequestForm, step: int) -> int | None:
    """The first question up to this one whose answer cannot be used; at the last one anything else counts too."""
    form.is_valid()
    for number, names in enumerate(STEPS[: step + 1]):
        if any(form.has_error(name) for name in names):
            return number
    return step if form.errors and step + 1 == len(STEPS) else None


def _step_number(request: HttpRequest) -> int:
    typed = request.POST.get("step", "0")
    return min(int(typed), len(STEPS) - 1) if typed.isdecimal() and len(typed) < 3 else 0


def _send(
    request: HttpRequest, form: RequestForm, incident: Incident | None, files: Files, language: str
) -> HttpResponse:
    now = timezone.now()
    if _must_confirm(request, now=now):
        return _confirm(request, form, files)
    inbound = _inbound(form, incident, files, language)
    try:
        contact = intake.receive(inbound, now=now).contact
    except KeyReused:
        # The same page was changed and sent once more: that is another request, not a repeat.
        again = inbound.digest[:32]
        contact = intake.receive(replace(inbound, key=f"{inbound.key}:{again}"), now=now).contact
    return HttpResponseRedirect(f"{_address(contact, language)}?sent=1")


def _address(contact: Contact, language: str) -> str:
    return f"{_pages_of_persons(language)}{contact.page_token}/"


@cache
def _pages_of_persons(language: str) -> str:
    """Their address up to the token; looked up once, not for each form of a burst."""
    return reverse("person_page", kwargs={"language": language, "token": "-"}).removesuffix("-/")


def _inbound(form: RequestForm, incident: Incident | None, files: Files, language: str) -> Inbound:
    values: dict[str, Any] = dict(form.cleaned_data)
    nonce = values.pop("nonce")
    values["needs"] = tuple(values["needs"])
    values["attachments"] = tuple(sorted(one.token for one in files.kept))
    said = {name: value for name, value in values.items() if name not in ASKED or value}
    said = {**said, "needed_by": str(values["needed_by"]), "attachments": [f.size for f in files.kept]}
    behalf, looked = on_behalf(values), looked_for(values)
    values = {name: value for name, value in values.items() if name not in ASKED}
    if behalf and behalf.authority == "none":  # what somebody else says of a person is not that person's yes
        values["needs_basis"] = SupportNeed.Basis.CARE
    return Inbound(
        behalf=behalf,
        looked_for=looked,
        organisation=form.organisation,
        door=f"web:{incident.slug if incident else ''}",
        key=nonce,
        digest=hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
        channel=Channel.WEB,
        language=language,
        incident=incident,
        **values,
    )


def _files(request: HttpRequest, organisation: Organisation) -> Files:
    """Files that came now, and those kept from the last try unless they were taken off."""
    kept = _kept(organisation, _kept_tokens(request))
    errors: list[str] = []
    for sent in request.FILES.getlist("files"):
        if len(kept) >= MOST_FILES:
            errors.append(_("At most five files, please. The others were not taken."))
            break
        try:
            content = sent.read(uploads.MOST_BYTES + 1)
            kept.append(
                uploads.keep(organisation=organisation, name=sent.name or "", content=content, now=timezone.now())
            )
        except Refused as refused:
            errors.append(f"{sent.name}: {refused.message}")
    return Files(kept, errors)


def _kept(organisation: Organisation, tokens: list[str]) -> list[Attachment]:
    if not tokens:
        return []
    waiting = Attachment.objects.filter(organisation=organisation, token__in=tokens, message__isnull=True)
    return list(waiting.order_by("id"))


def _kept_tokens(request: HttpRequest) -> list[str]:
    return [token for token in request.POST.getlist("kept")[:MOST_FILES] if TOKEN.fullmatch(token)]


def _must_confirm(request: HttpRequest, *, now: datetime) -> bool:
    proof = request.POST.get("proof", "")
    if proof and flood.is_met(proof, request.POST.get("number", "")):
        return False
    return bool(proof) or flood.is_flood(request, now=now)


def _confirm(request: HttpRequest, form: RequestForm, files: Files) -> HttpResponse:
    number, proof = flood.challenge()
    typed = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    hidden = [(name, value) for name, value in typed if name not in {"csrfmiddlewaretoken", "proof", "number", "kept"}]
    hidden += [("kept", one.token) for one in files.kept]
    context = {"number": number, "proof": proof, "hidden": hidden, "again": "proof" in request.POST}
    return render(request, "frontdoor/confirm.html", context)


def _page(
    request: HttpRequest, form: RequestForm, incident: Incident | None, files: Files, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "incident": incident, "files": files, "steps_url": f"{request.path}steps/"}
    return render(request, "frontdoor/request.html", context, status=status)


def _step(
    request: HttpRequest, form: RequestForm, incident: Incident | None, step: int, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "incident": incident,
        "step": step,
        "number": step + 1,
        "total": len(STEPS),
        "shown": [form[name] for name in STEPS[step]],
        "hidden": _answers(form, step),
        "is_last": step + 1 == len(STEPS),
        "has_error": status != 200,
        "whole_url": request.path.removesuffix("steps/"),
    }
    return render(request, "frontdoor/step.html", context, status=status)


def _answers(form: RequestForm, step: int) -> list[tuple[str, str]]:
    """Every answer of the other steps, as typed."""
    if not form.is_bound:
        return [("nonce", str(form.initial["nonce"]))]
    data: Any = form.data
    names = [name for name in form.fields if name not in STEPS[step]]
    return [(name, value) for name in names for value in data.getlist(name) if value]
