"""What is filled in on the chat's pages."""

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from pharos.frontdoor.forms import known_time_zone
from pharos.http.fields import LineField
from pharos.http.questions import MOST_CHARACTERS, TextField
from pharos.queries import identities


class EmailField(LineField):
    """An address that mail can go to, or none."""

    widget = forms.EmailInput

    def validate(self, value: str) -> None:
        """Refuse what is no address."""
        super().validate(value)
        if value and identities.email(value) is None:
            raise forms.ValidationError(gettext("Please check the email address: name@example.org"))


class PhoneField(LineField):
    """A number that can be called, in any spelling, or none."""

    def validate(self, value: str) -> None:
        """Refuse what cannot be called."""
        super().validate(value)
        if value and identities.phone(value, get_language() or "en") is None:
            raise forms.ValidationError(gettext("Please check the phone number, for example +44 7700 900123"))


class SayForm(forms.Form):
    """Words in a chat."""

    text = TextField(
        label=_("Your message"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "enterkeyhint": "send"}),
    )
    nonce = forms.CharField(widget=forms.HiddenInput, max_length=64)


class StartForm(forms.Form):
    """The first words; all else may wait."""

    text = TextField(
        label=_("What has happened, and what do you need?"),
        max_length=MOST_CHARACTERS,
        error_messages={"required": _("Please write a few words about what you need.")},
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    danger = forms.BooleanField(label=_("Someone is in danger right now"), required=False)
    name = LineField(
        label=_("Your name"), required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = EmailField(
        label=_("Email"),
        required=False,
        max_length=320,
        help_text=_("If the connection breaks or you leave, we go on there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    ticket = forms.CharField(widget=forms.HiddenInput, max_length=300)

    def clean_time_zone(self) -> str:
        """The browser's zone, if it is one."""
        return known_time_zone(self.cleaned_data["time_zone"])


class ReachForm(forms.Form):
    """Where else the person is reached."""

    email = EmailField(
        label=_("Email"),
        required=False,
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    phone = PhoneField(
        label=_("Phone number to call you back"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "dir": "ltr"}),
    )
