"""Mail that was kept aside: looked at without opening it, taken in once more, or thrown away."""

from typing import Final, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pharos.actions import quarantine
from pharos.actions.errors import Refused
from pharos.channels.email import inbox, parse
from pharos.http.guards import admin_required, organisation_of, user_of
from pharos.models import Contact, Quarantined
from pharos.supervisor.frame import set_up_page, told_refused

LISTED: Final = 100
SHOWN: Final = 20_000  # characters of a mail that are shown
Why = Quarantined.Why
WHYS: Final[dict[str, LazyText]] = {
    Why.UNREADABLE: gettext_lazy("It is no mail that can be read"),
    Why.FAILED: gettext_lazy("Something of ours went wrong"),
    Why.TOO_LARGE: gettext_lazy("It is too large: all of it is still in the mailbox"),
    Why.NOT_GIVEN: gettext_lazy("The mail server lists it and does not give it"),
    Why.AUTOMATIC: gettext_lazy("An automatic answer to nothing that we sent"),
    Why.OWN: gettext_lazy("Our own mail came back"),
    Why.BOUNCE: gettext_lazy("It reports on a mail that we do not know"),
    Why.PART: gettext_lazy("Its words came in, a file did not"),
}


class Shown(NamedTuple):
    """A mail as the list and its page show it."""

    row: Quarantined
    why: LazyText
    contact: Contact | None


@never_cache
@admin_required
def quarantined(request: HttpRequest) -> HttpResponse:
    """What waits for somebody, the newest first."""
    organisation = organisation_of(request)
    waiting = organisation.quarantined.filter(state=Quarantined.State.KEPT).select_related("contact").defer("raw")
    rows = waiting.order_by("-at", "-id")
    context = {"rows": [_shown(row) for row in rows[:LISTED]], "more": max(0, rows.count() - LISTED)}
    return set_up_page(request, "setup/quarantined.html", context, at="mail")


@never_cache
@admin_required
def quarantined_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: what can be read of it, as plain text alone."""
    row = _row(request, pk)
    can_again = row.why not in {Why.TOO_LARGE, Why.NOT_GIVEN} and not row.message_id
    context = {"one": _shown(row), "said": _said(row), "can_again": can_again, "is_here": row.why != Why.NOT_GIVEN}
    return set_up_page(request, "setup/quarantined_mail.html", context, at="mail")


@never_cache
@admin_required
def quarantined_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole mail as it came, as a download that no browser opens."""
    row = _row(request, pk)
    return HttpResponse(
        bytes(row.raw),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="mail-{row.pk}.eml"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


@require_POST
@admin_required
def quarantined_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it in as a person's words."""
    row, now = _row(request, pk), timezone.now()
    try:
        took = inbox.take_again(row, now=now)
    except inbox.NotTaken as still:
        quarantine.failed_again(quarantined=row, why=still.why, detail=still.detail)
        messages.error(request, _("It could not be taken in this time either: %(why)s.") % {"why": WHYS[still.why]})
        return redirect("quarantined_mail", pk)
    quarantine.taken(quarantined=row, message=took.message, by=user_of(request), now=now)
    if took.contact is None:
        messages.success(request, _("It is taken in."))
        return redirect("quarantined")
    messages.success(request, _("It is taken in, as %(reference)s.") % {"reference": took.contact.reference})
    return redirect("lead_contact", took.contact.reference)


@require_POST
@admin_required
def quarantined_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw it away."""
    try:
        quarantine.discard(quarantined=_row(request, pk), by=user_of(request), now=timezone.now())
    except Refused as refused:
        told_refused(request, refused)
    else:
        messages.success(request, _("The mail is gone."))
    return redirect("quarantined")


def _row(request: HttpRequest, pk: int) -> Quarantined:
    rows = Quarantined.objects.filter(organisation=organisation_of(request), state=Quarantined.State.KEPT)
    return get_object_or_404(rows.select_related("contact", "entry__organisation"), pk=pk)


def _shown(row: Quarantined) -> Shown:
    """A mail of which only a file is here has become somebody's words; where it has not, we broke down in between."""
    why = Why.FAILED if row.why == Why.PART and not row.message_id else row.why
    return Shown(row, WHYS[why], row.contact)


def _said(row: Quarantined) -> str:
    """What the mail says, else its first lines as they came."""
    try:
        mail = parse.parse(bytes(row.raw))
        text = f"{mail.text}\n\n{mail.folded}"
    except parse.Unreadable:
        text = bytes(row.raw).decode("utf-8", "replace")
    return text.replace("\0", "\ufffd").strip()[:SHOWN]
