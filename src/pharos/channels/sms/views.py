"""The webhooks of carriers of text messages: who calls is checked first, then the words are kept, then we say yes."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pharos import content
from pharos.actions import arrivals, enclosures, entries, receipts, texts
from pharos.actions.arrivals import Arrival, Took
from pharos.actions.errors import KeyReused
from pharos.channels.sms import generic, twilio
from pharos.channels.sms.incoming import Incoming
from pharos.channels.sms.numbers import is_reachable, written
from pharos.channels.sms.reports import STATES, named
from pharos.engine.text.orders import order
from pharos.http.fields import clean_text
from pharos.models import Channel, EntryPoint
from pharos.queries.optouts import silent_since
from pharos.queries.organisations import site

MOST_BYTES: Final = 2**17
MOST_CHARACTERS: Final = 20_000
NOTHING_TO_SAY: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
ADAPTERS: Final = (twilio.NAME, generic.NAME)


def signed(act: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A webhook of one number: 404 without the number, 413 for what is too long, 403 when its carrier did not sign.

    A number that was switched off still hears what became of the texts that went out by it.
    """

    def view(request: HttpRequest, token: str, **kwargs: str) -> HttpResponse:
        entry = (
            EntryPoint.objects.select_related("organisation", "incident")
            .filter(token=token, channel=Channel.SMS, adapter__in=ADAPTERS)
            .first()
        )
        if entry is None:
            raise Http404
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES or len(request.body) > MOST_BYTES:
            return HttpResponse(status=413)
        if not _is_signed(request, entry):
            return HttpResponse("The signature is missing or wrong.\n", content_type="text/plain", status=403)
        return act(request, entry, **kwargs)

    return csrf_exempt(require_POST(view))


def _is_signed(request: HttpRequest, entry: EntryPoint) -> bool:
    if entry.adapter == generic.NAME:
        return generic.is_signed(entry, request.body, request.headers.get(generic.SIGNATURE, ""))
    # The carrier signs the address that it was given, which a proxy in between may have changed.
    urls = (site(entry.organisation) + request.get_full_path(), request.build_absolute_uri())
    return twilio.is_signed(entry, urls, request.POST, request.headers.get("X-Twilio-Signature", ""))


@signed
def arrive(request: HttpRequest, entry: EntryPoint) -> HttpResponse:
    """A text: kept when we answer yes; the same again changes nothing."""
    if not entry.is_on:
        raise Http404
    came = _incoming(request, entry)
    if came is None:
        return HttpResponse("This is no text message.\n", content_type="text/plain", status=400)
    try:
        _take(entry, came, now=timezone.now())
    except KeyReused:
        return HttpResponse("This came before with other words.\n", content_type="text/plain", status=409)
    return HttpResponse(NOTHING_TO_SAY, content_type="text/xml")


def _fields(request: HttpRequest) -> Mapping[str, Any]:
    return generic.fields_of(request.content_type or "", request.body, request.POST.dict())


def _incoming(request: HttpRequest, entry: EntryPoint) -> Incoming | None:
    if entry.adapter == generic.NAME:
        return generic.incoming(entry, _fields(request))
    return twilio.incoming(request.POST)


def _take(entry: EntryPoint, came: Incoming, *, now: datetime) -> None:
    """Words to the number are obeyed; all others, and those that may be a call for help, are kept for an agent."""
    sender, text, key = written(came.sender), clean_text(came.text)[:MOST_CHARACTERS], came.key[:200]
    means = order(text, content.sms_words()) if not came.files else ""
    digest = hashlib.sha256("\0".join((sender, text, *came.files)).encode()).hexdigest()
    word = texts.Word(entry=entry, sender=sender, text=text, key=key, digest=digest)
    if means == "stop":
        texts.stop(word=word, now=now)
        return
    if means == "start" and texts.start(word=word, now=now):
        return
    is_own = sender == written(entry.address)  # a loop
    is_silent = silent_since(entry.organisation_id, sender) is not None
    can_answer = is_reachable(sender) and not is_own and not is_silent
    took = arrivals.take(
        Arrival(
            organisation=entry.organisation,
            entry=entry,
            channel=Channel.SMS,
            door=entries.door(entry),
            key=key,
            digest=digest,
            sender=sender,
            text=text,
            answer=can_answer and means != "help",
            is_automatic=is_own,
            carrier_id=key,
        ),
        now=now,
    )
    _after(took, entry, came, asks=means == "help" and can_answer, now=now)


def _after(took: Took, entry: EntryPoint, came: Incoming, *, asks: bool, now: datetime) -> None:
    if came.files:
        enclosures.add(message=took.message, urls=came.files, now=now)
    if asks and took.how != "again":
        texts.explain(contact=took.contact, entry=entry, address=took.message.address, now=now)


@signed
def report(request: HttpRequest, entry: EntryPoint, tag: str) -> HttpResponse:
    """What became of a text that the carrier took; in any order and as often as it likes."""
    about = named(tag)
    if about is None:
        raise Http404
    is_generic = entry.adapter == generic.NAME
    said = generic.reported(entry, _fields(request)) if is_generic else twilio.reported(request.POST)
    verdict = STATES.get(said.state, receipts.Verdict.UNDER_WAY)
    now, message = timezone.now(), about.message_id
    if verdict is receipts.Verdict.DELIVERED:
        receipts.delivered(message_id=message, entry_id=entry.pk, carrier_id=said.carrier_id[:255], now=now)
    elif verdict is receipts.Verdict.FAILED:
        receipts.came_back(
            message_id=message,
            entry_id=entry.pk,
            attempt=about.attempt,
            carrier_id=said.carrier_id[:255],
            reason=said.why.said,
            permanent=said.why.permanent,
            now=now,
        )
        if said.why.is_unwanted:
            texts.unwanted_message(message_id=message, entry=entry, now=now)
    return HttpResponse(status=204)
