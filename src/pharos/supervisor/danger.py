"""The duty lead's word on writing that may mean danger to life: it does, or it does not."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pharos.actions import verdicts
from pharos.actions.errors import Refused
from pharos.http.cues import seen_in
from pharos.http.guards import contact_or_404, lead_required, user_of
from pharos.queries import cues
from pharos.supervisor.alarms import answer


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
