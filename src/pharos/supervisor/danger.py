"""The duty lead's word on writing that may mean danger to life: it does, or it does not."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pharos.actions import verdicts
from pharos.actions.errors import Refused
from pharos.engine.classes import DANGER
from pharos.http.cues import seen_in
from pharos.http.guards import contact_or_404, lead_required, user_of
from pharos.models import Contact
from pharos.queries import cues
from pharos.supervisor.alarms import answer
from pharos.supervisor.answers import Tried, bound
from pharos.supervisor.contacts import page

ANSWERS: Final[Mapping[str, bool]] = {"danger": True, "no-danger": False}


@require_POST
@lead_required
def danger_raise(request: HttpRequest, reference: str) -> HttpResponse:
    """One press: the contact goes before everyone."""
    return _decide(
        request,
        reference,
        verdicts.raise_to_danger,
        done=_("%(reference)s goes before everyone now."),
        before=_("A colleague has raised %(reference)s already."),
    )


@require_POST
@lead_required
def danger_dismiss(request: HttpRequest, reference: str) -> HttpResponse:
    """One press: there is no danger in the words that were shown, and the alarm is over if no others came."""
    return _decide(
        request,
        reference,
        partial(verdicts.no_danger, seen=seen_in(request.POST.get("seen", ""))),
        done=_("%(reference)s: noted, no danger."),
        before=_("A colleague has answered this for %(reference)s already."),
        meanwhile=_("%(reference)s: new words came meanwhile. Please read them."),
    )


@require_POST
@lead_required
def danger_put_right(request: HttpRequest, reference: str) -> HttpResponse:
    """A colleague's answer about danger was mistaken: the other one holds from now on."""
    contact = contact_or_404(request, reference)
    cue, said = seen_in(request.POST.get("cue", "")), request.POST.get("answer", "")
    if said not in ANSWERS:
        raise Http404
    form = bound(cue, request.POST)
    if not form.is_valid():
        return page(request, contact, tried=Tried(cue, form))
    is_right, reason = ANSWERS[said], form.cleaned_data["reason"]
    by, now = user_of(request), timezone.now()
    try:
        is_new = verdicts.put_right(contact=contact, cue=cue, is_right=is_right, reason=reason, by=by, now=now)
    except Refused as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(
            request, _put_right(contact, is_right=is_right) if is_new else _("This was put right already.")
        )
    return redirect("lead_contact", reference=contact.reference)


def _put_right(contact: Contact, *, is_right: bool) -> str:
    if is_right:
        return _("Put right: there may be danger to life. Whoever has this contact sees it now.")
    contact.refresh_from_db(fields=["lane"])
    if contact.lane.band == DANGER:
        return _("Put right: no danger in these words. It goes before everyone still, for another reason.")
    return _("Put right: no danger to life. Whoever has this contact sees it now.")


def _decide(
    request: HttpRequest,
    reference: str,
    decide: Callable[..., bool],
    *,
    done: str,
    before: str,
    meanwhile: str = "",
) -> HttpResponse:
    contact = contact_or_404(request, reference)
    try:
        text = done if decide(contact=contact, by=user_of(request), now=timezone.now()) else before
    except Refused as refused:
        text = f"{contact.reference}: {refused.message}"
    else:
        if meanwhile and cues.danger_is_open(contact):
            text = meanwhile
        text %= {"reference": contact.reference}
    if "on_page" in request.POST:
        messages.success(request, text)
        return redirect("lead_contact", reference=contact.reference)
    return answer(request, text)
