"""What a person told us about what helps them: theirs to read, to confirm and to take back, on a page of their own."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from pharos import content
from pharos.actions import codes, needs
from pharos.actions.errors import Refused
from pharos.content import Picked, calendars
from pharos.frontdoor.person import contact_of
from pharos.models import Contact, NeedView, PageCode, SupportNeed
from pharos.queries import checks, identities
from pharos.queries import needs as register

OPEN_FOR: Final = timedelta(minutes=30)
MOST_TYPED: Final = 40


class NeedShown(NamedTuple):
    """One thing the person told us."""

    id: int
    said: Picked
    words: str
    since: str
    until: str
    is_verified: bool
    is_asked: bool


class ViewShown(NamedTuple):
    """Who looked at it, and when."""

    name: str
    at: str
    why: str


@never_cache
@require_GET
def needs_page(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """Behind a code: the list, and who looked at it. Without one: how to get a code, and how to take all back."""
    return _page(request, contact_of(request, token), language)


@never_cache
@require_POST
def needs_code(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """Send a code."""
    contact = contact_of(request, token)
    try:
        codes.send(contact=contact, now=timezone.now())
    except Refused as refused:
        return _page(request, contact, language, wrong=str(refused.message), status=422)
    return redirect(f"{request.path.removesuffix('code/')}?sent=1")


@never_cache
@require_POST
def needs_open(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """Type the code."""
    contact, now = contact_of(request, token), timezone.now()
    if not codes.enter(contact=contact, code=request.POST.get("code", "")[:MOST_TYPED], now=now):
        wrong = _("This is not the code, or its time is over. Look again, or get a new one.")
        return _page(request, contact, language, wrong=wrong, sent=True, status=422)
    request.session[_key(contact)] = (now + OPEN_FOR).isoformat()
    return redirect("person_needs", language=language, token=token)


@never_cache
@require_POST
def needs_withdraw(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """Take one back, which was seen behind the code; or all, with the link alone: taking back must be easy."""
    contact = contact_of(request, token)
    need = None
    if "need" in request.POST:
        if not _is_open(request, contact, now=timezone.now()):
            return redirect("person_needs", language=language, token=token)
        need = _need(request, contact)
    needs.withdraw(contact=contact, need=need, by=None, now=timezone.now())
    messages.success(request, _("Taken back. It is gone everywhere, and nothing follows from it any more."))
    return redirect("person_needs", language=language, token=token)


@never_cache
@require_POST
def needs_right(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """It is still so."""
    contact, now = contact_of(request, token), timezone.now()
    if _is_open(request, contact, now=now):
        needs.still_right(contact=contact, need=_need(request, contact), by=None, now=now)
        messages.success(request, _("Thank you. We keep it."))
    return redirect("person_needs", language=language, token=token)


def _need(request: HttpRequest, contact: Contact) -> SupportNeed:
    typed = request.POST.get("need", "")
    number = int(typed) if typed.isdecimal() and len(typed) < 19 else 0
    return get_object_or_404(SupportNeed, pk=number, person_id=contact.person_id)


def _key(contact: Contact) -> str:
    return f"needs-of-{contact.pk}"


def _is_open(request: HttpRequest, contact: Contact, *, now: datetime) -> bool:
    until = request.session.get(_key(contact))
    return until is not None and datetime.fromisoformat(until) > now


def _page(
    request: HttpRequest, contact: Contact, language: str, *, wrong: str = "", sent: bool = False, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    identity = identities.mail_of(contact.person_id)
    context: dict[str, Any] = {
        "contact": contact,
        "language": language,
        "wrong": wrong,
        "is_sent": sent or "sent" in request.GET or checks.has_open_code(contact, PageCode.Purpose.PAGE, now=now),
        "hint": f"\u2066{checks.hint(identity.typed)}\u2069" if identity else "",
        "is_open": _is_open(request, contact, now=now),
    }
    if context["is_open"]:
        asked = register.open_check_ins(contact.person_id)
        held = register.holding(contact.person_id, now=now)
        context["shown"] = [_shown(need, contact, language, is_asked=need.pk in asked, now=now) for need in held]
        context["views"] = [_view(one, contact, language, now=now) for one in register.views(contact.person_id)]
        context["taken_back"] = register.withdrawals(contact.person_id)
    return render(request, "frontdoor/needs.html", context, status=status)


def _shown(need: SupportNeed, contact: Contact, language: str, *, is_asked: bool, now: datetime) -> NeedShown:
    known = content.needs().get(need.code)
    said = content.pick(known.say_it_as, language) if known else Picked(_("In your own words"), language)

    def moment(at: datetime) -> str:
        return calendars.local_moment(at, contact.time_zone, language, now=now)

    until = moment(need.ends_at) if need.ends_at else ""
    return NeedShown(need.pk, said, need.words, moment(need.noted_at), until, need.is_verified, is_asked)


def _view(view: NeedView, contact: Contact, language: str, *, now: datetime) -> ViewShown:
    why = {
        NeedView.Why.IN_HAND: _("was helping you"),
        NeedView.Why.SYSTEM: _("another system of ours"),
        NeedView.Why.EXPORT: _("passed on to another register"),
    }[NeedView.Why(view.why)]
    return ViewShown(view.name, calendars.local_moment(view.at, contact.time_zone, language, now=now), why)
