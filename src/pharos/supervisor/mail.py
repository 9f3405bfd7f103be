"""Mail: what was kept instead of sent, and what did not arrive."""

from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Final, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pharos.actions import delivery
from pharos.channels.email import outbox
from pharos.http.guards import admin_required, organisation_of, user_of
from pharos.models import Message, Organisation, Quarantined, StaffMail
from pharos.supervisor.frame import set_up_page

LISTED: Final = 50


class KeptMail(NamedTuple):
    """A kept mail as the list shows it."""

    name: str
    at: datetime
    to: str
    subject: str


@never_cache
@admin_required
def mail(request: HttpRequest) -> HttpResponse:
    """What did not arrive, and the kept mail, the newest first."""
    organisation = organisation_of(request)
    failed = Message.objects.filter(organisation=organisation, state=Message.State.FAILED)
    failed_staff = StaffMail.objects.filter(organisation=organisation, state=StaffMail.State.FAILED)
    kept = outbox.newest(house=organisation.slug, folder=settings.OUTBOX_DIR, limit=LISTED)
    context = {
        "failed": failed.select_related("contact").order_by("-created_at")[:LISTED],
        "failed_staff": failed_staff.order_by("-created_at")[:LISTED],
        "aside": organisation.quarantined.filter(state=Quarantined.State.KEPT).count(),
        "kept": [_kept(one, organisation) for one in kept],
        "sends": bool(settings.ENVIRONMENT.smtp_url) and not organisation.is_demo,
    }
    return set_up_page(request, "setup/mail.html", context, at="mail")


def _kept(one: outbox.Kept, organisation: Organisation) -> KeptMail:
    head = _parsed(_read(one.name, organisation), headers_only=True)
    return KeptMail(one.name, one.at, str(head["to"] or ""), str(head["subject"] or ""))


@never_cache
@admin_required
def kept_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One kept mail as its reader would see it."""
    found = _parsed(_read(name, organisation_of(request)))
    body = found.get_body(preferencelist=("plain",))
    context = {"name": name, "head": found, "text": str(body.get_content()) if body else ""}
    return set_up_page(request, "setup/kept_mail.html", context, at="mail")


@never_cache
@admin_required
def kept_file(request: HttpRequest, name: str) -> HttpResponse:
    """One kept mail as a file that any mail program opens."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(_read(name, organisation_of(request)), content_type="message/rfc822", headers=headers)


@require_POST
@admin_required
def send_again(request: HttpRequest, sort: str, pk: int) -> HttpResponse:
    """Try a failed mail once more."""
    organisation = organisation_of(request)
    if sort == "staff":
        found: Message | StaffMail = get_object_or_404(StaffMail, organisation=organisation, pk=pk)
    else:
        rows = Message.objects.select_related("contact")
        found = get_object_or_404(rows, organisation=organisation, pk=pk)
    if delivery.send_again(mail=found, by=user_of(request), now=timezone.now()):
        messages.success(request, _("It goes out again."))
    return redirect("mail")


def _read(name: str, organisation: Organisation) -> bytes:
    found = outbox.read(name, house=organisation.slug, folder=settings.OUTBOX_DIR)
    if found is None:
        raise Http404
    return found


def _parsed(data: bytes, *, headers_only: bool = False) -> EmailMessage:
    parsed: EmailMessage = BytesParser(policy=policy.default).parsebytes(data, headersonly=headers_only)
    return parsed
