"""The chat: first words, words both ways, and going on elsewhere. Every step works without JavaScript, too."""

import hashlib
import json
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pharos.actions import chats, entries, further, intake, leaving
from pharos.actions.errors import KeyReused, Refused
from pharos.actions.inbound import Inbound
from pharos.frontdoor import chat_shown
from pharos.frontdoor.chat_forms import ReachForm, SayForm, StartForm
from pharos.frontdoor.chat_frame import contact_or_404, of_widget
from pharos.frontdoor.forms import RatingForm
from pharos.frontdoor.person import add_words
from pharos.http import flood
from pharos.live import hub
from pharos.live.log import cursor
from pharos.models import Channel, Contact, EntryPoint

SALT: Final = "pharos.chat"
TICKET_S: Final = 7 * 86_400
LOOK_AGAIN: Final = 422
TOO_MANY: Final = 429
LATER_S: Final = 10
MOST_ID: Final = 2**63 - 1


@require_http_methods(["GET", "POST"])
@of_widget
def start(request: HttpRequest, entry: EntryPoint) -> HttpResponse:
    """What to expect, and the first words: they become a contact, with its place in line."""
    if request.method != "POST" or not entry.is_on:
        return _start(request, entry, StartForm(initial={"ticket": _ticket(entry)}))
    nonce = _nonce(entry, request.POST.get("ticket", ""))
    data = request.POST.copy()
    data["ticket"] = _ticket(entry, nonce)
    form = StartForm(data)
    form.is_valid()
    if not nonce:
        form.add_error(None, _("This page had been open for long. Everything is still here: please send it again."))
    if form.errors:
        return _start(request, entry, form, status=LOOK_AGAIN)
    if _must_confirm(request, now=timezone.now()):
        return _start(request, entry, form, status=TOO_MANY, challenge=flood.challenge())
    contact = _received(entry, form, nonce, request.LANGUAGE_CODE, now=timezone.now())
    return HttpResponseRedirect(address(entry, contact, request.LANGUAGE_CODE))


def _received(entry: EntryPoint, form: StartForm, nonce: str, language: str, *, now: datetime) -> Contact:
    said = {name: value for name, value in form.cleaned_data.items() if name != "ticket"}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    inbound = Inbound(
        organisation=entry.organisation,
        door=entries.door(entry),
        key=nonce,
        digest=digest,
        channel=Channel.CHAT,
        language=language,
        entry=entry,
        incident=entry.incident if entry.incident and entry.incident.is_open else None,
        **said,
    )
    try:
        contact = intake.receive(inbound, now=now).contact
    except KeyReused:  # the same page was changed and sent once more: that is another request
        contact = intake.receive(replace(inbound, key=f"{nonce}:{digest[:32]}"), now=now).contact
    chats.here(contact=contact, read_to=0, now=now)
    return contact


def _ticket(entry: EntryPoint, nonce: str = "") -> str:
    """Names what is sent from this page, however often that is tried; nobody else can make one."""
    return signing.dumps([entry.pk, nonce or secrets.token_urlsafe(18)], salt=SALT)


def _nonce(entry: EntryPoint, ticket: str) -> str:
    try:
        pk, nonce = signing.loads(ticket, salt=SALT, max_age=TICKET_S)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(nonce) if pk == entry.pk else ""


def _must_confirm(request: HttpRequest, *, now: datetime) -> bool:
    proof = request.POST.get("proof", "")
    if proof and flood.is_met(proof, request.POST.get("number", "")):
        return False
    return bool(proof) or flood.is_flood(request, now=now)


def _start(
    request: HttpRequest,
    entry: EntryPoint,
    form: StartForm,
    *,
    status: int = 200,
    challenge: tuple[str, str] | None = None,
) -> HttpResponse:
    language = request.LANGUAGE_CODE
    context = {
        "entry": entry,
        "form": form,
        "challenge": challenge,
        "again": "proof" in request.POST,
        "request_url": f"/{language}/request/",
        **chat_shown.opening(entry, language, now=timezone.now()),
    }
    return render(request, "frontdoor/chat_start.html", context, status=status)


def address(entry: EntryPoint, contact: Contact, language: str) -> str:
    """Where a chat goes on."""
    return reverse("chat", kwargs={"language": language, "token": entry.token, "page": contact.page_token})


@require_http_methods(["GET", "POST"])
@of_widget
def chat(request: HttpRequest, entry: EntryPoint, page: str) -> HttpResponse:
    """The chat. Words that come twice under one key are one message."""
    contact = contact_or_404(entry, page)
    if request.method != "POST":
        chats.here(contact=contact, read_to=0, now=timezone.now())
        return _chat(request, entry, contact)
    if flood.is_beyond(f"chat:{contact.pk}", now=timezone.now()):
        said = _("That is a lot at once. Your words are kept here: please send them again in a moment.")
        return _refused(request, entry, contact, said, status=TOO_MANY)
    try:
        carried = further.Carried(channel=Channel.CHAT, entry=entry)
        add_words(request, SayForm(request.POST), contact, carried=carried)
    except Refused as refused:
        return _refused(request, entry, contact, str(refused.message))
    if "script" in request.POST:
        return _since(request, entry, contact)
    return HttpResponseRedirect(f"{address(entry, contact, request.LANGUAGE_CODE)}#end")


def _refused(
    request: HttpRequest, entry: EntryPoint, contact: Contact, said: str, *, status: int = LOOK_AGAIN
) -> HttpResponse:
    if "script" in request.POST:
        response = HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
    else:
        response = _chat(request, entry, contact, words=SayForm(request.POST), wrong=said, status=status)
    if status == TOO_MANY:
        response.headers["Retry-After"] = str(LATER_S)
    return response


def _chat(
    request: HttpRequest,
    entry: EntryPoint,
    contact: Contact,
    *,
    words: SayForm | None = None,
    reached: ReachForm | None = None,
    rating: RatingForm | None = None,
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    now, language = timezone.now(), request.LANGUAGE_CODE
    context: dict[str, Any] = {
        "live_after": cursor(now=now),
        **chat_shown.shown(contact, entry, language, after=0, now=now),
        "base": address(entry, contact, language),
        "words": words or SayForm(initial={"nonce": secrets.token_urlsafe(18)}),
        "reached": reached or ReachForm(),
        "wrong": wrong,
        "minutes": chat_shown.leaves_after(entry, language),
    }
    if rating is not None:
        context["rating"] = rating
    return render(request, "frontdoor/chat.html", context, status=status)


@require_GET
@of_widget
def since(request: HttpRequest, entry: EntryPoint, page: str) -> HttpResponse:
    """What came after `?after=`, and how it stands: asked for when something changed and after a lost connection."""
    return _since(request, entry, contact_or_404(entry, page))


def _since(request: HttpRequest, entry: EntryPoint, contact: Contact) -> HttpResponse:
    given = request.GET.get("after") or request.POST.get("after", "")
    fresh = contact if request.method == "GET" else contact_or_404(entry, str(contact.page_token))
    shown = chat_shown.shown(fresh, entry, request.LANGUAGE_CODE, after=_id(given), now=timezone.now())
    return render(
        request, "frontdoor/chat_parts.html", shown | {"base": address(entry, contact, request.LANGUAGE_CODE)}
    )


def _id(given: str) -> int:
    return min(int(given), MOST_ID) if given.isdecimal() and len(given) < 20 else 0


@require_POST
@of_widget
def here(request: HttpRequest, entry: EntryPoint, page: str) -> HttpResponse:
    """The page is open, and shows all up to this message."""
    chats.here(contact=contact_or_404(entry, page), read_to=_id(request.POST.get("read", "")), now=timezone.now())
    return HttpResponse(status=204)


@require_POST
@of_widget
def away(request: HttpRequest, entry: EntryPoint, page: str) -> HttpResponse:
    """The page is being left."""
    chats.away(contact=contact_or_404(entry, page), now=timezone.now())
    return HttpResponse(status=204)


@require_POST
@of_widget
def typing(request: HttpRequest, entry: EntryPoint, page: str) -> HttpResponse:
    """The person writes; not a word of it is asked for, and nothing is kept."""
    contact = contact_or_404(entry, page)
    hub.whisper(organisation_id=contact.organisation_id, topic=f"types:{contact.pk}")
    return HttpResponse(status=204)


@require_POST
@of_widget
def reach(request: HttpRequest, entry: EntryPoint, page: str) -> HttpResponse:
    """Where else the person is reached."""
    contact, form = contact_or_404(entry, page), ReachForm(request.POST)
    try:
        if form.is_valid():
            chats.reach(contact=contact, **form.cleaned_data, now=timezone.now())
    except Refused as refused:
        form.add_error(None, str(refused.message))
    if form.errors:
        return _chat(request, entry, contact, reached=form, status=LOOK_AGAIN)
    return HttpResponseRedirect(f"{address(entry, contact, request.LANGUAGE_CODE)}?reached=1")


@require_POST
@of_widget
def leave(request: HttpRequest, entry: EntryPoint, page: str) -> HttpResponse:
    """The person needs nothing more."""
    contact = contact_or_404(entry, page)
    leaving.leave(contact=contact, now=timezone.now())
    return HttpResponseRedirect(address(entry, contact, request.LANGUAGE_CODE))


@require_POST
@of_widget
def rate(request: HttpRequest, entry: EntryPoint, page: str) -> HttpResponse:
    """How it went."""
    contact, form = contact_or_404(entry, page), RatingForm(request.POST)
    try:
        if form.is_valid():
            leaving.rate(contact=contact, now=timezone.now(), **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused.message))
    if form.errors:
        return _chat(request, entry, contact, rating=form, status=LOOK_AGAIN)
    return HttpResponseRedirect(address(entry, contact, request.LANGUAGE_CODE))
