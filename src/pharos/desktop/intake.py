"""Staff intake: what a person said by telephone, at the counter or on paper, keyed in with or without connection."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pharos.actions import intake
from pharos.actions.errors import KeyReused
from pharos.actions.inbound import Inbound
from pharos.desktop import intake_files
from pharos.desktop.intake_form import IntakeForm
from pharos.engine import moments
from pharos.http.behalf import looked_for, on_behalf
from pharos.http.guards import agent_required, organisation_of, user_of
from pharos.http.reader import reader_of
from pharos.models import Channel, SupportNeed, User

DOOR: Final = "staff"
MOST_AT_ONCE: Final = 50  # records of one call; a device sends as many calls as it needs
SALT: Final = "pharos.desktop.intake"
DEVICE_BYTES: Final = 64
TRAIL: Final = ("how", "form_number")  # what the trail says of how it was taken down
FACTS: Final = ("danger", "text", "request_type", "needed_by", "booking", "name", "email", "phone", "needs_words")


@never_cache
@require_http_methods(["GET", "POST"])
@agent_required
def page(request: HttpRequest) -> HttpResponse:
    """The form. A script keeps what is keyed in on the device and sends it; without one it is an ordinary form."""
    if request.method != "POST":
        return _page(request, _form(request, initial={"key": uuid4(), "language": _first_language(request)}))
    form = _form(request, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        received = _receive(form, request.POST, by=user_of(request), now=form.reader.now)
    except KeyReused as refused:
        form.add_error(None, str(refused.message))
        return _page(request, form, status=422)
    messages.success(request, _("Taken down. Reference: %(reference)s") % {"reference": received.contact.reference})
    return redirect("desk_intake")


@never_cache
@require_GET
@agent_required
def shell(request: HttpRequest) -> HttpResponse:
    """The same page as a device keeps it: of no colleague and no person."""
    return _page(request, _form(request, initial={"language": _first_language(request)}), is_shell=True)


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """What answers for this page while there is no connection. A new version of it takes its place."""
    response = HttpResponse(intake_files.worker(), content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@never_cache
@require_GET
@agent_required
def who(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and the key that opens what this colleague kept on this device.

    The key is made from a secret of ours, the colleague and the device: once it is forgotten there, what was sealed
    opens again only for this colleague, signed in.
    """
    user = user_of(request)
    device = request.GET.get("device", "")[:DEVICE_BYTES]
    if not device:
        return JsonResponse({"error": "device"}, status=400)
    seal = salted_hmac(SALT, f"{user.organisation_id}:{user.pk}:{device}", algorithm="sha256").hexdigest()
    said = {"id": user.pk, "name": user.get_full_name(), "key": seal, "csrf": get_token(request)}
    return JsonResponse(said)


@never_cache
@require_POST
@agent_required
def sync(request: HttpRequest) -> HttpResponse:
    """Records that waited on a device: each is taken once, however often it comes; a refused one stops no other."""
    try:
        sent = json.loads(request.body)
        records = [(str(UUID(one["key"])), _moment(one["kept_at"]), _values(one["values"])) for one in sent["records"]]
        sent_at, agent = _moment(sent["sent_at"]), int(sent["agent"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return JsonResponse({"error": "unreadable"}, status=400)
    if len(records) > MOST_AT_ONCE:
        return JsonResponse({"error": "too_many"}, status=400)
    if agent != user_of(request).pk:
        return JsonResponse({"error": "other_agent"}, status=409)
    results = []
    for key, kept_at, values in records:
        kept = moments.kept(kept_at, sent_at, now=timezone.now())
        results.append({"key": key, **_taken(request, {**values, "key": [key]}, kept_at=kept)})
    return JsonResponse({"results": results})


def _taken(request: HttpRequest, values: Mapping[str, list[str]], *, kept_at: datetime) -> dict[str, Any]:
    """What became of one record, in the colleague's language."""
    form = _form(request, MultiValueDict(values), kept_at=kept_at)
    if not form.is_valid():
        return {"state": "refused", "reasons": _reasons(form)}
    try:
        contact, _is_new = _receive(form, MultiValueDict(values), by=user_of(request), now=form.reader.now)
    except KeyReused as refused:
        return {"state": "refused", "reasons": [{"field": "", "label": "", "text": str(refused.message)}]}
    return {"state": "taken", "reference": contact.reference}


def _reasons(form: IntakeForm) -> list[dict[str, str]]:
    labels = {name: str(field.label or "") for name, field in form.fields.items()}
    return [
        {"field": name, "label": labels.get(name, ""), "text": str(text)}
        for name, texts in form.errors.items()
        for text in texts
    ]


def _receive(form: IntakeForm, sent: MultiValueDict[str, str], *, by: User, now: datetime) -> intake.Received:
    values = form.cleaned_data
    said = {name: many for name, many in sorted(sent.lists()) if name != "csrfmiddlewaretoken"}
    on_paper, behalf = values["how"] == "paper", on_behalf(values)
    inbound = Inbound(
        organisation=form.organisation,
        door=DOOR,
        key=str(values["key"]),
        digest=hashlib.sha256(json.dumps(said).encode()).hexdigest(),
        channel=Channel.STAFF,
        language=values["language"],
        incident=values["incident"],
        needs=tuple(values["needs"]),
        needs_way=SupportNeed.Way.WRITTEN if on_paper else SupportNeed.Way.SPOKEN,
        needs_basis=SupportNeed.Basis.CARE if behalf and behalf.authority == "none" else SupportNeed.Basis.CONSENT,
        behalf=behalf,
        looked_for=looked_for(values),
        arrived=values["taken_at"],
        taken_by=by,
        taken_how={name: values[name] for name in TRAIL if values[name]},
        **{name: values[name] for name in FACTS},
    )
    return intake.receive(inbound, now=now)


def _form(request: HttpRequest, data: Any = None, *, kept_at: datetime | None = None, **kwargs: Any) -> IntakeForm:
    reader = reader_of(request)
    organisation = organisation_of(request)
    return IntakeForm(data, organisation=organisation, reader=reader, kept_at=kept_at or reader.now, **kwargs)


def _first_language(request: HttpRequest) -> str:
    return next(iter(organisation_of(request).languages), "en")


def _page(request: HttpRequest, form: IntakeForm, *, is_shell: bool = False, status: int = 200) -> HttpResponse:
    context = {"form": form, "is_shell": is_shell}
    return render(request, "desktop/intake.html", context, status=status)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(UTC)


def _values(given: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {str(name): [str(value) for value in many] for name, many in given.items()}
