"""What a colleague keys in for a person who called, came by, or filled in a paper form."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions.needs import MOST_WORDS
from pharos.content.calendars import local_date, local_digits
from pharos.content.dates import DateError, date_example, parse_date
from pharos.engine import moments
from pharos.http.behalf import BehalfQuestions
from pharos.http.fields import DATE_ERRORS, ClockField, DayField, LineField
from pharos.http.questions import Answers, TextField, needs, types
from pharos.http.reader import Reader
from pharos.http.trail import TAKEN
from pharos.models import Incident, Organisation
from pharos.queries.rules import rule


def _spoken() -> str:
    return content.pick(content.needs_notice().spoken, get_language()).text


def _incidents(organisation: Organisation) -> list[tuple[str, str]]:
    """The incidents it may belong to, the newest first."""
    rows = Incident.objects.filter(organisation=organisation, is_drill=False).order_by("-declared_at")
    named = [(one.slug, content.pick(one.name, get_language()).text) for one in rows if one.is_open]
    return [*named, ("", gettext("None of these"))]


class IntakeForm(BehalfQuestions, Answers):
    """The questions of the public form, said of somebody else, and when and how they were answered."""

    language = forms.ChoiceField(label=_("Their language"), choices=settings.LANGUAGES)
    how = forms.ChoiceField(label=_("How did they reach us?"), choices=list(TAKEN.items()))
    incident = forms.CharField(label=_("Is it about one of these?"), required=False, widget=forms.Select)
    danger = forms.BooleanField(label=_("Someone is in danger right now"), required=False)
    text = TextField(
        label=_("What has happened, and what do they need?"),
        help_text=_("In their words, and in their language where you can."),
        error_messages={"required": _("Please write a few words about what they need.")},
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    request_type = forms.ChoiceField(label=_("What is it about?"), required=False, choices=types)
    needed_by = LineField(
        label=_("By when do they need it?"),
        required=False,
        max_length=60,
        help_text=_("In their calendar, as they say it."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    booking = LineField(
        label=_("Booking number"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    name = LineField(
        label=_("Their name"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    email = LineField(
        label=_("Email"),
        required=False,
        max_length=320,
        widget=forms.TextInput(attrs={"inputmode": "email", "dir": "ltr", "autocomplete": "off"}),
    )
    phone = LineField(
        label=_("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "dir": "ltr", "autocomplete": "off"}),
    )
    needs = forms.MultipleChoiceField(
        label=_("Tick what they said"), required=False, choices=needs, widget=forms.CheckboxSelectMultiple
    )
    needs_words = TextField(
        label=_("Or in their own words"),
        required=False,
        max_length=MOST_WORDS,
        help_text=_("What they need, not a diagnosis."),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    needs_consent = forms.BooleanField(
        label=_("I told them what it is used for, asked, and heard a yes"),
        required=False,
        help_text=lazy(_spoken, str)(),
    )
    taken_day = DayField(
        label=_("Day"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    taken_time = ClockField(label=_("Time"), required=False)
    form_number = LineField(
        label=_("Number on the paper form"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, organisation: Organisation, reader: Reader, kept_at: datetime, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.organisation, self.reader, self.kept_at = organisation, reader, kept_at
        incident: Any = self.fields["incident"].widget
        incident.choices = _incidents(organisation)
        self.initial.setdefault("incident", incident.choices[0][0])

    def language_of_person(self) -> str:
        """The person's, not the colleague's."""
        return str(self.cleaned_data.get("language") or self.reader.language)

    def clean_incident(self) -> Incident | None:
        """The incident that was chosen; it may have closed since."""
        slug = self.cleaned_data["incident"]
        rows = Incident.objects.filter(organisation=self.organisation, slug=slug, is_drill=False)
        found = rows.select_related("organisation").first() if slug else None
        if slug and found is None:
            raise forms.ValidationError(gettext("There is no such incident. Choose again."))
        return found

    def clean_needed_by(self) -> date | None:
        """A day in the person's calendar and way of writing."""
        typed, language = self.cleaned_data["needed_by"], self.language_of_person()
        if not typed:
            return None
        try:
            return parse_date(typed, language)
        except DateError as error:
            message = DATE_ERRORS.get(error.code, DATE_ERRORS["unreadable"])
            raise forms.ValidationError(message % {"example": date_example(language)}, error.code) from None

    def clean(self) -> dict[str, Any]:
        """Needs only with a yes; a moment that can have been."""
        values = self.cleaned_data
        if (values.get("needs") or values.get("needs_words")) and not values.get("needs_consent"):
            self.add_error("needs_consent", gettext("What helps is kept only with a clear yes. Ask, or take it out."))
        if not self.errors.keys() & {"taken_day", "taken_time"}:
            values["taken_at"] = self._taken_at(values)
        return values

    def _taken_at(self, values: dict[str, Any]) -> datetime:
        """When they spoke, as somebody says, else when it was kept; their place counts from then."""
        day, minutes = values.get("taken_day"), values.get("taken_time")
        now, oldest_days = self.reader.now, rule(self.organisation, "intake_oldest_days")
        said = moments.spoken(day, minutes, zone=self.reader.zone, kept_at=self.kept_at)
        if said and said > now + moments.AHEAD:
            self.add_error("taken_day" if day else "taken_time", gettext("This moment has not come yet."))
        elif said and said < now - (oldest_days + 1) * moments.DAY:
            self.add_error("taken_day", self._too_old(oldest_days))
        return moments.counts_from(said or self.kept_at, oldest_days=oldest_days, now=now)

    def _too_old(self, days: int) -> str:
        language = self.reader.language
        first = (self.reader.now - timedelta(days=days)).date()
        return gettext(
            "This is more than %(days)s days ago. Look at the day again. If it is right, "
            "enter %(first)s, the oldest day that counts, and write the true day into the words."
        ) % {"days": local_digits(days, language), "first": local_date(first, language, "short")}
