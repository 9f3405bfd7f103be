"""People: who works here, what they can answer, how they get in."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pharos.actions import staff
from pharos.actions.errors import Refused
from pharos.http.guards import admin_required, organisation_of, user_of
from pharos.models import Organisation, User
from pharos.queries.staff import Colleague, colleagues
from pharos.supervisor.forms.people import PersonForm
from pharos.supervisor.frame import set_up_page, told_refused


@admin_required
def people(request: HttpRequest) -> HttpResponse:
    """Everyone who works here."""
    rows = colleagues(organisation=organisation_of(request), now=timezone.now())
    return set_up_page(request, "setup/people.html", {"people": rows}, at="people")


@never_cache
@admin_required
def add(request: HttpRequest) -> HttpResponse:
    """A new colleague, and the link with which they set a password."""
    organisation = organisation_of(request)
    form = _form(request, organisation, None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            user = staff.add(organisation=organisation, profile=form.profile(), now=now)
        except Refused as refused:
            form.add_error("username", str(refused.message))
        else:
            return invited(request, [user])
    return _person(request, form, None)


@admin_required
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a colleague."""
    organisation = organisation_of(request)
    colleague = _colleague_or_404(organisation, pk)
    form = _form(request, organisation, colleague)
    if request.method == "POST" and form.is_valid():
        try:
            staff.change(user=colleague.user, profile=form.profile(), now=timezone.now())
        except Refused as refused:
            form.add_error("username" if refused.code == "username_taken" else "role", str(refused.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("people")
    return _person(request, form, colleague)


@never_cache
@require_POST
@admin_required
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link with which a colleague sets a password; the one before stops working."""
    user = _user_or_404(organisation_of(request), pk)
    try:
        return invited(request, [user])
    except Refused as refused:
        told_refused(request, refused)
        return redirect("person", pk=pk)


@require_POST
@admin_required
def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague who no longer works here."""
    user = _user_or_404(organisation_of(request), pk)
    try:
        staff.deactivate(user=user, by=user_of(request), now=timezone.now())
    except Refused as refused:
        told_refused(request, refused)
        return redirect("person", pk=pk)
    messages.success(request, _("%(name)s can no longer sign in.") % {"name": user.get_full_name()})
    return redirect("people")


@require_POST
@admin_required
def let_in(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague who comes back."""
    user = _user_or_404(organisation_of(request), pk)
    staff.reactivate(user=user, now=timezone.now())
    messages.success(request, _("%(name)s can sign in again.") % {"name": user.get_full_name()})
    return redirect("person", pk=pk)


def invited(request: HttpRequest, users: list[User]) -> HttpResponse:
    """Make the links and show them, this once: only their digests are kept."""
    links = staff.invite(users=users, now=timezone.now())
    response = set_up_page(request, "setup/invited.html", {"links": links}, at="people")
    response.headers["Cache-Control"] = "no-store"
    return response


def _form(request: HttpRequest, organisation: Organisation, colleague: Colleague | None) -> PersonForm:
    return PersonForm(
        request.POST or None,
        organisation=organisation,
        skills=organisation.skills.order_by("id"),
        colleague=colleague,
        language=request.LANGUAGE_CODE,
    )


def _person(request: HttpRequest, form: PersonForm, colleague: Colleague | None) -> HttpResponse:
    context = {"form": form, "colleague": colleague}
    return set_up_page(request, "setup/person.html", context, at="people", status=422 if form.errors else 200)


def _user_or_404(organisation: Organisation, pk: int) -> User:
    return get_object_or_404(User.objects.select_related("organisation"), organisation=organisation, pk=pk)


def _colleague_or_404(organisation: Organisation, pk: int) -> Colleague:
    rows = colleagues(organisation=organisation, now=timezone.now())
    found = next((row for row in rows if row.user.pk == pk), None)
    if found is None:
        raise Http404
    return found
