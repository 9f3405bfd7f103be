"""Exchange of needs with other registers: a file comes in whole or not at all; what may be passed on goes out."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pharos import content
from pharos.actions import psr
from pharos.http.calendars import local_digits
from pharos.http.guards import admin_required, organisation_of, user_of
from pharos.models import Organisation, SupportNeed
from pharos.queries import identities
from pharos.supervisor.frame import set_up_page
from pharos.supervisor.people_file import NotReadable, table
from pharos.supervisor.people_import import ListForm

COLUMNS: Final = ("name", "email", "phone", "booking", "code", "end_date")
NEEDED: Final = ("code",)
FORMULA: Final = ("=", "+", "-", "@")


class RegisterForm(ListForm):
    """The list, and on what ground it is kept."""

    basis = forms.ChoiceField(
        label=gettext_lazy("On what ground the other register keeps it"),
        widget=forms.RadioSelect,
        choices=[
            (SupportNeed.Basis.CONSENT, gettext_lazy("The people in it agreed that it is passed on to us")),
            (SupportNeed.Basis.LEGAL_DUTY, gettext_lazy("The law asks for it")),
            (SupportNeed.Basis.VITAL_INTEREST, gettext_lazy("To protect lives")),
        ],
    )


class Problem(NamedTuple):
    """What is wrong in one row."""

    row: int
    column: str
    text: str


@never_cache
@admin_required
def register(request: HttpRequest) -> HttpResponse:
    """Send a list: every row is kept, or it is said what is wrong with which."""
    if request.method != "POST":
        return _page(request, {"form": RegisterForm()})
    form = RegisterForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {"form": form}, status=422)
    organisation, now = organisation_of(request), timezone.now()
    try:
        rows = table(form.given(), columns=COLUMNS, needed=NEEDED).rows
    except NotReadable as error:
        return _page(request, {"form": form, "refused": str(error)}, status=422)
    entries, problems = _read(rows, organisation, language=request.LANGUAGE_CODE, now=now)
    if problems:
        return _page(request, {"form": form, "problems": problems}, status=422)
    basis = form.cleaned_data["basis"]
    kept = psr.take_in(organisation=organisation, entries=entries, basis=basis, by=user_of(request), now=now)
    text = ngettext("%(count)s row was kept.", "%(count)s rows were kept.", kept)
    messages.success(request, text % {"count": local_digits(kept, request.LANGUAGE_CODE)})
    return redirect("register")


@never_cache
@require_POST
@admin_required
def register_export(request: HttpRequest) -> HttpResponse:
    """The file for another register."""
    rows = psr.hand_out(organisation=organisation_of(request), by=user_of(request), now=timezone.now())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_plain(row.name), *row[1:]] for row in rows)
    headers = {"Content-Disposition": 'attachment; filename="register.csv"'}
    return HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(FORMULA) else name


def _read(
    rows: Sequence[tuple[int, Mapping[str, str]]], organisation: Organisation, *, language: str, now: datetime
) -> tuple[list[psr.Entry], list[Problem]]:
    entries: list[psr.Entry] = []
    problems: list[Problem] = []
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    for number, cells in rows:
        found = _known(cells, language)
        ends_on, wrong = _end_date(cells, today)
        wrong = {**found.wrong, **wrong}
        if cells["code"] not in content.psr_codes():
            wrong["code"] = _("There is no such code in the register.")
        problems += [Problem(number, column, text) for column, text in wrong.items()]
        entries.append(psr.Entry(name=cells["name"], known=found.known, code=cells["code"], ends_on=ends_on))
    return entries, problems


class Found(NamedTuple):
    """By what somebody is known, and what of it cannot be read."""

    known: tuple[identities.Known, ...]
    wrong: dict[str, str]


def _known(cells: Mapping[str, str], language: str) -> Found:
    read = {
        "email": identities.email(cells["email"]) if cells["email"] else None,
        "phone": identities.phone(cells["phone"], language) if cells["phone"] else None,
        "booking": identities.booking(cells["booking"]) if cells["booking"] else None,
    }
    wrong = {name: _("This cannot be read.") for name, one in read.items() if cells[name] and one is None}
    if not any(cells[name] for name in read):
        wrong["email"] = _("An email address, a phone number or a booking is needed, to know who it is.")
    return Found(tuple(one for one in read.values() if one), wrong)


def _end_date(cells: Mapping[str, str], today: date) -> tuple[date | None, dict[str, str]]:
    known = content.psr_codes().get(cells["code"])
    if not cells["end_date"]:
        missing = known is not None and known.temporary
        return None, {"end_date": _("This code holds for a time only: its last day is needed.")} if missing else {}
    try:
        day = date.fromisoformat(cells["end_date"].translate(identities.DIGITS))
    except ValueError:
        return None, {"end_date": _("Write the day like 2027-03-31.")}
    return day, {"end_date": _("This day is over.")} if day < today else {}


def _page(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    codes = [(code, content.pick(one.label, request.LANGUAGE_CODE)) for code, one in content.psr_codes().items()]
    extra = {"columns": COLUMNS, "codes": codes}
    return set_up_page(request, "setup/register.html", {**extra, **context}, at="register", status=status)
