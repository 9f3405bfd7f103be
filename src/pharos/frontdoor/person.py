"""The person's own page: place, promise, words both ways; opened by a token that nobody can guess."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from pharos import content
from pharos.actions import further, leaving, uploads
from pharos.actions.errors import Refused
from pharos.content import calendars
from pharos.frontdoor.forms import RatingForm, WordsForm
from pharos.http import news
from pharos.http.downloads import download
from pharos.http.guards import organisation_of
from pharos.live.log import cursor
from pharos.models import Attachment, Contact, Message
from pharos.queries import contacts, family, staying

MOST_FILES = 5
AT_WORK = (Contact.State.ACTIVE, Contact.State.WRAP_UP)
NOT_SHOWN = (Message.Sort.ACKNOWLEDGEMENT, Message.Sort.CODE)


class FileShown(NamedTuple):
    """A file as the page lists it."""

    url: str
    name: str
    size: str


class MessageShown(NamedTuple):
    """A message as the page shows it."""

    id: int
    direction: str
    author: str
    at: str
    at_iso: str
    body: str
    language: str
    files: Sequence[FileShown]
    channel: str = ""
    delivery: str = ""


def contact_of(request: HttpRequest, token: str) -> Contact:
    """The contact that this token opens, under the organisation's own host name; 404 for any other."""
    rows = Contact.objects.select_related(
        "person", "incident__organisation", "lane__queue", "organisation", "agent__user"
    )
    return get_object_or_404(rows, organisation=organisation_of(request), page_token=token)


@never_cache
@require_GET
def person_page(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """The whole page."""
    return _page(request, contact_of(request, token), language)


@never_cache
@require_GET
def person_part(request: HttpRequest, language: str, token: str, part: str) -> HttpResponse:
    """One part of the page, fetched again when something changed."""
    shown = _PARTS[part](contact_of(request, token), language, now=timezone.now())
    return render(request, f"frontdoor/person_{part}.html", shown)


@require_POST
def person_words(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """More words or files."""
    contact = contact_of(request, token)
    form = WordsForm(request.POST)
    try:
        add_words(request, form, contact)
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return _page(request, contact, language, words=form, status=422)
    address = reverse("person_page", kwargs={"language": language, "token": token})
    return redirect(f"{address}?added=1#words-title")


def add_words(
    request: HttpRequest, form: forms.Form, contact: Contact, *, carried: further.Carried | None = None
) -> None:
    """Keep what a form brought, with its files: twice under one key is one message. `Refused` says what is wrong."""
    if not form.is_valid():
        raise Refused("invalid", " ".join(str(one) for errors in form.errors.values() for one in errors))
    text, nonce = form.cleaned_data["text"], form.cleaned_data["nonce"]
    files = files_of(request, contact)
    if not text.strip() and not files:
        raise Refused("empty", _("Please write something."))
    digest = hashlib.sha256("\0".join([text, *(str(one.size) for one in files)]).encode()).hexdigest()
    further.add_words(
        contact=contact,
        text=text,
        attachments=tuple(one.token for one in files),
        door=f"page:{contact.pk}",
        key=f"{nonce}:{digest[:16]}",
        digest=digest,
        carried=carried,
        now=timezone.now(),
    )


def files_of(request: HttpRequest, contact: Contact) -> list[Attachment]:
    """The files that came along, kept until the words are; `Refused` says what is wrong with one."""
    sent = request.FILES.getlist("files")
    if len(sent) > MOST_FILES:
        raise Refused("many_files", _("At most five files at a time, please."))
    return [
        uploads.keep(
            organisation=contact.organisation,
            name=one.name or "",
            content=one.read(uploads.MOST_BYTES + 1),
            now=timezone.now(),
        )
        for one in sent
    ]


@never_cache
def person_leave(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """The person no longer needs us; asked once more first."""
    contact = contact_of(request, token)
    if request.method != "POST":
        return render(request, "frontdoor/leave.html", {"contact": contact})
    leaving.leave(contact=contact, now=timezone.now())
    contact.refresh_from_db(fields=["state", "merged_into"])
    if family.root(contact).state == Contact.State.CLOSED:
        messages.success(request, _("Thank you for telling us. Your place is free for someone else now."))
    else:
        messages.success(request, _("Thank you for telling us. Whoever has your request will see it."))
    return redirect("person_page", language=language, token=token)


@require_POST
def person_rate(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """How it went."""
    contact = contact_of(request, token)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _page(request, contact, language, rating=form, status=422)
    try:
        leaving.rate(contact=contact, now=timezone.now(), **form.cleaned_data)
    except Refused as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("Thank you. We read every answer."))
    return redirect("person_page", language=language, token=token)


@require_GET
def person_file(request: HttpRequest, language: str, token: str, file: str) -> HttpResponseBase:
    """One of the person's files, as a download only."""
    contact = contact_of(request, token)
    attachment = get_object_or_404(Attachment, token=file, message__contact__in=family.shown_on(contact))
    if attachment.message and attachment.message.direction == Message.Direction.NOTE:
        raise Http404
    return download(attachment)


def _page(
    request: HttpRequest,
    contact: Contact,
    language: str,
    *,
    words: WordsForm | None = None,
    rating: RatingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    after = cursor(now=timezone.now())
    context = _context(contact, language, now=timezone.now()) | {
        "live_after": after,
        "words": words or WordsForm(initial={"nonce": secrets.token_urlsafe(18)}),
        "rating": rating or RatingForm(),
        "is_new": "sent" in request.GET,
        "is_added": "added" in request.GET,
        "quick_exit_url": contact.organisation.quick_exit_url,
    }
    response = render(request, "frontdoor/person.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _context(contact: Contact, language: str, *, now: datetime) -> dict[str, object]:
    return {
        "contact": contact,
        "language": language,
        "said": _said(contact, language),
        "part_url": reverse("person_page", kwargs={"language": language, "token": contact.page_token}),
        **standing(contact, language, now=now),
        **_conversation(contact, language, now=now),
        **_news(contact, language, now=now),
    }


def standing(contact: Contact, language: str, *, now: datetime) -> dict[str, object]:
    """Where the request stands: where the one stands in whose place it waits. Its reasons are its own."""
    top = family.root(contact)
    told = contacts.told(top, language=language, now=now)
    own = contacts.reason_texts(contact.reasons, language=language, audience="public")
    by, joined = told.promise_by, top.pk != contact.pk
    answered = contact.first_answered_at if joined else top.first_answered_at
    return {
        "contact": contact,
        "stands": top,
        "told": told._replace(reasons=own),
        "by": calendars.local_moment(by, contact.time_zone, language, now=now) if by else "",
        "by_iso": by.isoformat() if by else "",
        "about": calendars.about((by - now).total_seconds(), language) if by else "",
        "range": _range(top, contact, language, now=now),
        "position": calendars.local_digits(told.position, language) if told.position else "",
        "ahead": (told.position or 1) - 1,
        "state": _promise_state(top),
        "has_left": _has_left(contact, top),
        "answered_at": _moment(answered, contact, language, now=now),
        "closed_at": _moment(top.closed_at, contact, language, now=now),
    }


def _has_left(contact: Contact, top: Contact) -> bool:
    """Whether the page says so: not while a colleague is at work on what the person themselves had asked."""
    if contact.left_at is None or not staying.has_left(contact):
        return False
    return top.state not in AT_WORK or bool(staying.still_here(top))


def _conversation(contact: Contact, language: str, *, now: datetime) -> dict[str, object]:
    """The words both ways."""
    return {"history": [message_shown(one, contact, language, now=now) for one in _messages(contact)]}


def _news(contact: Contact, language: str, *, now: datetime) -> dict[str, object]:
    """What is new for everyone in the same incident."""
    return news.shown(contact.incident, language)


# What each part of the page needs, and no more: thousands of pages may ask for theirs at the same time.
_PARTS: Final[Mapping[str, Callable[..., dict[str, object]]]] = {
    "state": standing,
    "messages": _conversation,
    "news": _news,
}


def _range(top: Contact, contact: Contact, language: str, *, now: datetime) -> str:
    """From when to when an answer is likely, as it was told last."""
    told = top.promises.filter(settled_at__isnull=True, low_s__isnull=False, high_s__isnull=False).last()
    if told is None or told.low_s is None or told.high_s is None:
        return ""
    low, high = (told.told_at + timedelta(seconds=seconds) for seconds in (told.low_s, told.high_s))
    return calendars.local_range(low, high, contact.time_zone, language, now=now) if high > now else ""


def _said(contact: Contact, language: str) -> list[tuple[str, str]]:
    """What we understood, to be read back: a date in words shows a misreading at once."""
    types = content.request_types()
    facts = [
        (_("About"), content.pick(types[contact.request_type].name, language).text)
        if contact.request_type in types
        else None,
        (_("You need it by"), calendars.local_date(contact.needed_by, language, "full")) if contact.needed_by else None,
        (_("Booking number"), contact.booking) if contact.booking else None,
    ]
    return [fact for fact in facts if fact]


def _moment(at: datetime | None, contact: Contact, language: str, *, now: datetime) -> str:
    return calendars.local_moment(at, contact.time_zone, language, now=now) if at else ""


def _promise_state(contact: Contact) -> str:
    if contact.promise_by is None:
        return "unknown"
    return "broken" if contact.promise_broken_at else "told"


def _messages(contact: Contact) -> list[Message]:
    rows = (
        Message.objects.filter(contact__in=family.shown_on(contact))
        .exclude(direction=Message.Direction.NOTE)
        .exclude(sort__in=NOT_SHOWN)
    )
    return list(rows.select_related("author").prefetch_related("attachments"))


def message_shown(message: Message, contact: Contact, language: str, *, now: datetime) -> MessageShown:
    """A message as its person reads it."""
    ours = message.direction == Message.Direction.OUT
    return MessageShown(
        id=message.pk,
        # On this page the person's own words are the outgoing ones.
        direction="in" if ours else "out",
        author=_author(message, contact, language) if ours else _("You"),
        at=calendars.local_moment(message.created_at, contact.time_zone, language, now=now),
        at_iso=message.created_at.isoformat(),
        body=message.body,
        language=message.language or contact.language,
        files=[_file(one, contact, language) for one in message.attachments.all()],
    )


def _author(message: Message, contact: Contact, language: str) -> str:
    return message.author.get_full_name() if message.author else content.pick(contact.organisation.name, language).text


def _file(one: Attachment, contact: Contact, language: str) -> FileShown:
    url = reverse("person_file", kwargs={"language": language, "token": contact.page_token, "file": one.token})
    size = _("%(size)s kB") % {"size": calendars.local_digits(max(1, one.size // 1024), language)}
    return FileShown(url, one.name, size)
