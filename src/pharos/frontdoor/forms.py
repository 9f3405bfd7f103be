"""What a person fills in."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions.needs import MOST_WORDS
from pharos.content.dates import date_example
from pharos.http.behalf import BehalfQuestions
from pharos.http.fields import DayField, LineField
from pharos.http.questions import MOST_CHARACTERS, Answers, TextField, needs, types
from pharos.models import Organisation


def _notice() -> str:
    return content.pick(content.needs_notice().form, get_language()).text


def _example() -> str:
    return gettext("For example %(example)s") % {"example": date_example(get_language() or "en")}


class RequestForm(BehalfQuestions, Answers):
    """The one request form: what, by when, who. Only the words are required."""

    danger = forms.BooleanField(label=_("Someone is in danger right now"), required=False)
    text = TextField(
        label=_("What has happened, and what do you need?"),
        help_text=_("Write as you would say it. A few words are enough."),
        error_messages={"required": _("Please write a few words about what you need.")},
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    request_type = forms.ChoiceField(label=_("What is it about?"), required=False, choices=types)
    needed_by = DayField(
        label=_("When do you travel, or by when do you need this?"), required=False, help_text=lazy(_example, str)()
    )
    booking = LineField(label=_("Booking number"), required=False, max_length=40)
    name = LineField(
        label=_("Your name"), required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = LineField(
        label=_("Email"),
        required=False,
        max_length=320,
        help_text=_("We write here when there is an answer."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    phone = LineField(
        label=_("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "dir": "ltr"}),
    )
    needs = forms.MultipleChoiceField(
        label=_("Tick what fits"),
        required=False,
        choices=needs,
        widget=forms.CheckboxSelectMultiple,
        help_text=lazy(_notice, str)(),
    )
    needs_words = TextField(
        label=_("Or in your own words"),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    nonce = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation

    def clean_time_zone(self) -> str:
        """The browser's zone, if it is one."""
        return known_time_zone(self.cleaned_data["time_zone"])


def known_time_zone(zone: str) -> str:
    """The zone as it was told, if there is one of that name; else blank."""
    return zone if zone and zone in _time_zones() else ""


@cache
def _time_zones() -> frozenset[str]:
    """Every zone there is; looked for once, in many files."""
    return frozenset(available_timezones())


class _Shared(dict[str, forms.Field]):
    """Fields that no form of the class changes: they are not copied for each."""

    def __deepcopy__(self, memo: object) -> "_Shared":
        return self


RequestForm.base_fields = _Shared(RequestForm.base_fields)


class WordsForm(forms.Form):
    """More words on the person's own page."""

    text = TextField(
        label=_("Add something"),
        required=False,
        help_text=_("It joins this request. Your place stays the same."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    nonce = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def clean_text(self) -> str:
        """The words, if they are not a whole book."""
        text: str = self.cleaned_data["text"]
        if len(text) > MOST_CHARACTERS:
            raise forms.ValidationError(gettext("This is very long. Please shorten it, or add it as a file."))
        return text


class RatingForm(forms.Form):
    """How it went."""

    rating = forms.TypedChoiceField(
        label=_("How did it go?"),
        coerce=int,
        choices=[(5, _("Very well")), (4, _("Well")), (3, _("So-so")), (2, _("Not well")), (1, _("Badly"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the five answers.")},
    )
    words = TextField(
        label=_("In your own words"), required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )
