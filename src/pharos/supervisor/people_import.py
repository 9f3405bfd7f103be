"""Adding many colleagues from a list: looked through first, stored only when confirmed."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache

from pharos.actions import staff
from pharos.actions.errors import Refused
from pharos.http.calendars import local_digits
from pharos.http.guards import admin_required, organisation_of
from pharos.supervisor.frame import set_up_page, told_refused
from pharos.supervisor.people import invited
from pharos.supervisor.people_file import COLUMNS, sample
from pharos.supervisor.people_rows import Sheet, read

PREVIEWED = 50  # good rows that the preview shows


class ListForm(forms.Form):
    """A file, or the text of one."""

    file = forms.FileField(label=gettext_lazy("A CSV file"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or paste the list here"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto", "spellcheck": "false"}),
    )

    def given(self) -> bytes | str:
        """What was sent."""
        file = self.cleaned_data["file"]
        return file.read() if file else str(self.cleaned_data["text"])


@never_cache
@admin_required
def people_import(request: HttpRequest) -> HttpResponse:
    """Send a list; see what it would do; confirm."""
    if request.method == "POST":
        form = ListForm(request.POST, request.FILES)
        if form.is_valid():
            sheet = _read(request, form.given())
            return _store(request, sheet, form) if "store" in request.POST else _preview(request, sheet, form)
    else:
        form = ListForm()
    return _page(request, {"form": form}, status=422 if form.errors else 200)


@admin_required
def people_sample(request: HttpRequest) -> HttpResponse:
    """A file to fill in."""
    text = sample(organisation_of(request).skills.order_by("id"))
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _read(request: HttpRequest, given: bytes | str) -> Sheet:
    organisation = organisation_of(request)
    skills = organisation.skills.order_by("id")
    return read(given, organisation=organisation, skills=skills, language=request.LANGUAGE_CODE)


def _preview(request: HttpRequest, sheet: Sheet, form: ListForm) -> HttpResponse:
    if sheet.refused:
        return _page(request, {"form": form, "refused": sheet.refused}, status=422)
    good = [line for line in sheet.lines if line.profile]
    context = {
        "sheet": sheet,
        "good": good[:PREVIEWED],
        "good_count": len(good),
        "bad_count": len(sheet.lines) - len(good),
        "form": ListForm(initial={"text": sheet.text}),
    }
    return _page(request, context, status=422 if sheet.problems else 200)


def _store(request: HttpRequest, sheet: Sheet, form: ListForm) -> HttpResponse:
    """All or nothing, unless leaving the broken rows out was asked for."""
    leaving_out = request.POST["store"] == "good"
    if sheet.refused or not sheet.profiles or (sheet.problems and not leaving_out):
        return _preview(request, sheet, form)
    try:
        users = staff.add_all(organisation=organisation_of(request), profiles=sheet.profiles, now=timezone.now())
    except Refused as refused:
        told_refused(request, refused)
        return redirect("people_import")
    text = ngettext("%(count)s person was added.", "%(count)s people were added.", len(users))
    messages.success(request, text % {"count": local_digits(len(users), request.LANGUAGE_CODE)})
    return invited(request, users)


def _page(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    skills = organisation_of(request).skills.order_by("id")
    extra = {"columns": COLUMNS, "skills": skills}
    return set_up_page(request, "setup/people_import.html", {**extra, **context}, at="people", status=status)
