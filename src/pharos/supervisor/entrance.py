"""The ways in: the first administrator, an invitation, the start page of each role, the language of the pages."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pharos.actions import setup, staff
from pharos.actions.errors import Refused
from pharos.http.guards import RANK, agent_required, organisation_of, user_of
from pharos.http.middleware import LANGUAGE_COOKIE
from pharos.models import Role, User
from pharos.supervisor.forms.entrance import FirstDayForm, PasswordForm

YEAR_S = 365 * 86_400
BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@agent_required
def home(request: HttpRequest) -> HttpResponse:
    """Where a member of staff begins: the desk, the board, or set-up while that is not done."""
    user = user_of(request)
    if user.role == Role.ADMIN and not organisation_of(request).is_set_up:
        return redirect("set_up")
    if RANK[Role(user.role)] >= RANK[Role.LEAD]:
        return redirect("board")
    return redirect("/desk/")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Read the pages in another language from now on; a signed-in member of staff gets mail in it too."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/home/"
    response = redirect(target)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())
        if request.user.is_authenticated:
            staff.speak(user=user_of(request), language=language)
    return response


@never_cache
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator and the organisation, once."""
    now = timezone.now()
    if not setup.first_administrator_link_works(token=token, now=now):
        return _over(request, "setup/link_over.html")
    form = FirstDayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            user = setup.make_first_administrator(
                token=token,
                first_day=setup.FirstDay(
                    username=values["username"],
                    password=values["password"],
                    name=values["name"],
                    names=values["names"],
                    languages=tuple(values["languages"]),
                    time_zone=values["time_zone"],
                    host=request.get_host().rpartition(":")[0] or request.get_host(),
                ),
                language=request.LANGUAGE_CODE,
                now=now,
            )
        except Refused as refused:
            if refused.code == "link_over":
                return _over(request, "setup/link_over.html")
            form.add_error("username", str(refused.message))
        else:
            return _enter(request, user, "set_up")
    return _form(request, "setup/first.html", form)


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Someone who was invited sets a password, once, and is in."""
    now = timezone.now()
    user = staff.invited(token=token, now=now)
    if user is None:
        return _over(request, "setup/invitation_over.html")
    form = PasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            user = staff.accept_invitation(token=token, password=form.cleaned_data["password"], now=now)
        except Refused:
            return _over(request, "setup/invitation_over.html")
        return _enter(request, user, "home")
    return _form(request, "setup/invitation.html", form, colleague=user)


def _form(request: HttpRequest, template: str, form: PasswordForm, **context: User) -> HttpResponse:
    response = render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
    response.headers["Referrer-Policy"] = "same-origin"  # the address is a secret; other sites never see it
    return response


def _over(request: HttpRequest, template: str) -> HttpResponse:
    return render(request, template, {"has_administrator": setup.has_administrator()}, status=410)


def _enter(request: HttpRequest, user: User, target: str) -> HttpResponse:
    login(request, user, backend=BACKEND)
    return redirect(target)
