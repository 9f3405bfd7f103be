"""The first administrator, and the password of someone who was invited."""

import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from pharos.http.fields import LineField, TextsField, TimeZoneField, languages_field
from pharos.models import User


class UsernameField(LineField):
    """A sign-in name: the same whatever its case and however its letters are composed."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        widget = forms.TextInput(attrs=attributes)
        validators = [UnicodeUsernameValidator()]
        super().__init__(label=_("User name"), max_length=150, widget=widget, validators=validators, **kwargs)

    def to_python(self, value: Any) -> str:
        """Lower case, composed."""
        return unicodedata.normalize("NFKC", super().to_python(value)).lower()


def password_field() -> forms.CharField:
    """A new password, once: a password manager or the eye in the browser shows it."""
    return forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
        help_text=_("At least ten characters. A short sentence is easy to keep in mind and hard to guess."),
    )


class PasswordForm(forms.Form):
    """A password of one's own."""

    password = password_field()

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        """Hold the password against the rules for passwords, with the names in mind."""
        values: dict[str, Any] = super().clean() or {}
        if password := values.get("password"):
            user = self.user or User(username=values.get("username", ""), name=values.get("name", ""))
            try:
                password_validation.validate_password(password, user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return values


class FirstDayForm(PasswordForm):
    """The first administrator and the organisation."""

    username = UsernameField(help_text=_("You sign in with it."))
    name = LineField(label=_("Your name"), max_length=150, help_text=_("Colleagues and customers see it."))
    password = password_field()
    names = TextsField(
        label=_("Name of the organisation"), help_text=_("In each language you write in; one is enough.")
    )
    time_zone = TimeZoneField(label=_("Time zone"), help_text=_("Opening hours and the board run on it."))
    languages = languages_field(
        label=_("Languages you serve"), help_text=_("Customers can write in these. You can change it later.")
    )
    field_order = ("username", "name", "password", "names", "time_zone", "languages")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        languages = [code for code, _ in settings.LANGUAGES]
        kwargs["initial"] = {"languages": languages, "time_zone": "UTC"} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
