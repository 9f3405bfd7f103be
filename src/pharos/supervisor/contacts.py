"""Contacts as a lead sees them: the whole line, finding one, its whole trail, bringing it forward."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from pharos import content
from pharos.actions import merging, overrides
from pharos.actions.errors import Refused
from pharos.content.calendars import local_date
from pharos.engine.classes import BANDS
from pharos.http.as_sent import mail_as_sent
from pharos.http.cues import shown
from pharos.http.downloads import download
from pharos.http.fields import LineField
from pharos.http.guards import contact_or_404, lead_required, organisation_of, user_of
from pharos.http.messages import channel_name, message_shown
from pharos.http.order import who_left
from pharos.http.reader import Reader, reader_of
from pharos.http.trail import disposition_name, index_text, trail
from pharos.models import Attachment, Contact, Message
from pharos.queries import contacts, cues, family, search
from pharos.queries import needs as register
from pharos.queries.alarms import language_name
from pharos.queries.board import index_of
from pharos.supervisor.answers import Tried, answers_shown
from pharos.supervisor.forms.contacts import FindForm
from pharos.supervisor.waiting import kind_name, promise_tone, since, state_name, waiting_list
from pharos.supervisor.why import FRONT, choices_up, why_shown

LISTED = 50


class RaiseForm(forms.Form):
    """How far forward, and why."""

    reason = LineField(
        label=gettext_lazy("Why"), max_length=300, help_text=gettext_lazy("It stays in the record with your name.")
    )

    def __init__(self, *args: Any, contact: Contact) -> None:
        super().__init__(*args)
        self.fields["to"] = forms.ChoiceField(
            label=gettext_lazy("Bring forward to"),
            widget=forms.RadioSelect,
            choices=choices_up(contact, BANDS),
        )


@never_cache
@require_safe
@lead_required
def all_contacts(request: HttpRequest) -> HttpResponse:
    """Find contacts, the newest first; without a question, everyone who waits in the order in which they are served."""
    organisation, reader = organisation_of(request), reader_of(request)
    if not request.GET:
        form = FindForm(organisation=organisation, language=reader.language)
        line = waiting_list(organisation, reader, limit=LISTED)
        return render(request, "supervisor/contacts.html", {"form": form, "waiting": line})
    form = FindForm(request.GET, organisation=organisation, language=reader.language)
    wanted = form.wanted()
    found = search.page(organisation=organisation, wanted=wanted)
    context = {
        "form": form,
        "asked": True,
        "is_narrowed": form.has_changed(),
        "found": [_found(contact, reader) for contact in found.contacts],
        "older": form.query(before=found.older) if found.older else "",
        "newer": form.query(after=found.newer) if found.newer else "",
        "newest": form.query() if found.newer else "",
    }
    return render(request, "supervisor/contacts.html", context)


def _found(contact: Any, reader: Reader) -> dict[str, object]:
    return {
        "contact": contact,
        "state": _state(contact, contact.merged_into),
        "gist": " ".join((contact.gist or "").split()),
        "arrived": reader.moment(contact.arrived_at),
    }


def _state(contact: Contact, top: Contact | None) -> str:
    """Where it is: one that waits in the place of another is closed by itself, but nobody is done with it."""
    return (
        _("Merged into %(reference)s") % {"reference": f"\u2068{top.reference}\u2069"}
        if top
        else state_name(contact.state)
    )


@never_cache
@require_safe
@lead_required
def contact(request: HttpRequest, reference: str) -> HttpResponse:
    """One contact with its whole trail, to read."""
    return page(request, contact_or_404(request, reference))


@require_POST
@lead_required
def raise_contact(request: HttpRequest, reference: str) -> HttpResponse:
    """Bring a contact forward, with a reason."""
    found = contact_or_404(request, reference)
    form = RaiseForm(request.POST, contact=found)
    if not form.is_valid():
        return page(request, found, form)
    by, now, reason = user_of(request), timezone.now(), form.cleaned_data["reason"]
    try:
        if form.cleaned_data["to"] == FRONT:
            overrides.to_front(contact=found, reason=reason, by=by, now=now)
        else:
            overrides.raise_band(contact=found, band=int(form.cleaned_data["to"]), reason=reason, by=by, now=now)
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return page(request, found, form)
    messages.success(request, _("%(reference)s was brought forward.") % {"reference": reference})
    return redirect("lead_contact", reference=reference)


@require_POST
@lead_required
def raise_undo(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back what was brought forward last."""
    try:
        overrides.undo(contact=contact_or_404(request, reference), by=user_of(request), now=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("Taken back. The contact stands where it would stand without it."))
    return redirect("lead_contact", reference=reference)


@require_POST
@lead_required
def unmerge(request: HttpRequest, reference: str) -> HttpResponse:
    """Take joined requests apart again."""
    found = contact_or_404(request, reference)
    merge = next((one for one in family.all_merges(found) if one.join.reference == request.POST.get("request")), None)
    try:
        if merge is None:
            raise Refused("not_merged", _("This was taken back already."))
        merging.undo(merge=merge, by=user_of(request), now=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("Taken back: both stand by themselves again."))
    return redirect("lead_contact", reference=reference)


@require_safe
@lead_required
def contact_file(request: HttpRequest, reference: str, file: str) -> HttpResponseBase:
    """A file that came with a message."""
    found = contact_or_404(request, reference)
    return download(get_object_or_404(Attachment, token=file, message__contact__in=family.ids(found)))


@never_cache
@require_safe
@lead_required
def contact_mail(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """A mail as it was sent."""
    return mail_as_sent(request, pk, contacts=family.ids(contact_or_404(request, reference)))


def page(
    request: HttpRequest, found: Contact, form: RaiseForm | None = None, *, tried: Tried | None = None
) -> HttpResponse:
    """The page of a contact, with a form that was not taken, if there is one."""
    reader = reader_of(request)
    language = reader.language
    waits = found.state == Contact.State.WAITING
    top = family.root(found) if found.merged_into_id else None
    reasons = contacts.reason_texts(found.reasons, language=language, audience="staff")
    context = {
        "contact": found,
        "reasons": reasons,
        **why_shown(found, reader),
        "index": index_text(index_of(found, now=reader.now), language) if waits and found.lane.band else "",
        "state": _state(found, top),
        "kind": kind_name(found.lane.kind),
        "channel": channel_name(found.channel),
        "language_name": language_name(found.language),
        "waited": reader.ago(since(found)) if waits else "",
        "promise": reader.moment(found.promise_by),
        "promise_tone": promise_tone(found, found.organisation, now=reader.now) if waits else "",
        "arrived": reader.moment(found.arrived_at),
        "needed_by": local_date(found.needed_by, language, "full") if found.needed_by else "",
        "request_type": _request_type(found, language),
        "identities": found.person.identities.order_by("sort", "id"),
        "helps": [
            content.pick(one.name, language)
            for one in register.effects(register.holding(found.person_id, now=reader.now))
        ],
        **_suggested(found, language),
        "answers": answers_shown(found, reader, tried),
        "disposition": disposition_name(found.disposition, language),
        "messages_shown": [
            message_shown(one, found, reader, file_url=partial(_file_url, found), page_url=partial(_page_url, found))
            for one in family.conversation(found)
        ],
        "trail": trail(found, reader),
        "merged_into": top,
        "left": who_left(found, language) if found.state != Contact.State.CLOSED else "",
        "merges": [
            {"merge": one, "said": one.by.get_full_name() if one.by else "", "at": reader.moment(one.at)}
            for one in family.all_merges(found)
        ],
        "form": form or (RaiseForm(contact=found) if waits and found.lane.band else None),
        "is_raising": "raise" in request.GET or bool(form),
    }
    return render(request, "supervisor/contact.html", context, status=422 if tried or (form and form.errors) else 200)


def _suggested(found: Contact, language: str) -> dict[str, Any]:
    """What the words suggest, and what the lead may say of it."""
    suggested = cues.suggestions(found)
    danger = [one for one in suggested if one.is_danger]
    return {
        "cues": shown((one for one in suggested if one.is_open or not one.is_danger), language),
        "may_raise": bool(danger and found.lane.band),
        "may_dismiss": any(one.is_open for one in danger),
        "seen": max((one.last for one in danger if one.is_open), default=0),
    }


def _request_type(found: Contact, language: str) -> str:
    known = content.request_types().get(found.request_type)
    return content.pick(known.name, language).text if known else ""


def _page_url(found: Contact, message: Message) -> str:
    return reverse("lead_contact_mail", kwargs={"reference": found.reference, "pk": message.pk})


def _file_url(found: Contact, attachment: Attachment) -> str:
    return reverse("lead_contact_file", kwargs={"reference": found.reference, "file": attachment.token})
