"""Where people reach us: the mailboxes, numbers, widgets and handles of an organisation."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from pharos.actions import entries as actions
from pharos.actions.errors import Refused
from pharos.channels.registry import ADAPTERS
from pharos.http.guards import admin_required, organisation_of
from pharos.http.messages import channel_name
from pharos.models import EntryPoint
from pharos.queries.organisations import site
from pharos.supervisor.forms.entries import EntryForm
from pharos.supervisor.frame import set_up_page, told_refused


@never_cache
@admin_required
def entries(request: HttpRequest) -> HttpResponse:
    """All of them with how they stand, and what can be added."""
    rows = organisation_of(request).entry_points.select_related("incident").order_by("channel", "id")
    shown = [{"entry": row, "channel": channel_name(row.channel), "label": _label(row)} for row in rows]
    return set_up_page(request, "setup/entries.html", {"rows": shown, "kinds": list(ADAPTERS.values())}, at="entries")


@sensitive_post_parameters()
@never_cache
@admin_required
def entry_add(request: HttpRequest, adapter: str) -> HttpResponse:
    """A new one."""
    form = _form(request, adapter, None)
    if request.method == "POST" and form.is_valid():
        organisation, asked = organisation_of(request), form.adapter
        try:
            added = actions.add(
                organisation=organisation,
                channel=asked.channel,
                adapter=asked.name,
                now=timezone.now(),
                **form.values(),
            )
        except Refused as refused:
            form.blame(refused.code, str(refused.message))
        else:
            messages.success(request, _("It is there, and counts from now on."))
            return redirect("entry", pk=added.pk)
    return _page(request, form, None)


@sensitive_post_parameters()
@never_cache
@admin_required
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """How one is reached, and the addresses that its carrier needs of us."""
    found = get_object_or_404(EntryPoint, organisation=organisation_of(request), pk=pk)
    form = _form(request, found.adapter, found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(entry=found, **form.values())
        except Refused as refused:
            form.blame(refused.code, str(refused.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("entry", pk=found.pk)
    return _page(request, form, found)


@require_POST
@admin_required
def entry_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Take nothing from it, or go on."""
    actions.switch(entry=_own(request, pk), on="on" in request.POST)
    return redirect("entry", pk=pk)


@require_POST
@admin_required
def entry_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one that was never used."""
    try:
        actions.remove(entry=_own(request, pk))
    except Refused as refused:
        told_refused(request, refused)
        return redirect("entry", pk=pk)
    messages.success(request, _("It is gone."))
    return redirect("entries")


def _own(request: HttpRequest, pk: int) -> EntryPoint:
    return get_object_or_404(EntryPoint, organisation=organisation_of(request), pk=pk)


def _form(request: HttpRequest, adapter: str, found: EntryPoint | None) -> EntryForm:
    if adapter not in ADAPTERS:
        raise Http404
    return EntryForm(
        request.POST or None,
        adapter=ADAPTERS[adapter],
        organisation=organisation_of(request),
        entry=found,
        reader=request.LANGUAGE_CODE,
    )


def _page(request: HttpRequest, form: EntryForm, found: EntryPoint | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "entry": found, "adapter": form.adapter, "paths": _paths(form, found)}
    return set_up_page(request, "setup/entry.html", context, at="entries", status=422 if form.errors else 200)


def _paths(form: EntryForm, found: EntryPoint | None) -> list[tuple[str, str]]:
    """What to give the carrier, or to put on a site."""
    if found is None:
        return []
    ours = site(found.organisation)
    return [(str(label), path.format(site=ours, token=found.token)) for label, path in form.adapter.paths]


def _label(row: EntryPoint) -> str:
    return str(ADAPTERS[row.adapter].label) if row.adapter in ADAPTERS else row.adapter
