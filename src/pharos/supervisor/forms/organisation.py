"""The organisation as the public sees it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pharos.actions.setup import Details
from pharos.http.fields import LineField, TextsField, TimeZoneField, languages_field
from pharos.models import Organisation

LTR = {"dir": "ltr"}


class OrganisationForm(forms.Form):
    """Names, languages, clock, and how people and mail reach us."""

    names = TextsField(label=_("Name"), help_text=_("In each language you write in; one is enough."))
    languages = languages_field(label=_("Languages you serve"), help_text=_("Customers can write in these."))
    time_zone = TimeZoneField(label=_("Time zone"))
    phone = LineField(
        label=_("Phone"),
        max_length=40,
        required=False,
        help_text=_("Shown to customers as another way to reach you."),
        widget=forms.TextInput(attrs={"inputmode": "tel", **LTR}),
    )
    emergency_phone = LineField(
        label=_("Emergency number"),
        max_length=40,
        help_text=_("Shown where someone may be in danger: 112, 115, 911."),
        widget=forms.TextInput(attrs={"inputmode": "tel", **LTR}),
    )
    mail_from = forms.EmailField(
        label=_("Sender of our email"),
        required=False,
        help_text=_("Answers come back to this address."),
        widget=forms.EmailInput(attrs=LTR),
    )
    quick_exit_url = forms.URLField(
        label=_("Where “Leave quickly” leads"),
        assume_scheme="https",
        help_text=_("A harmless page. People who are watched at home press it to leave ours at once."),
        widget=forms.URLInput(attrs=LTR),
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "names": organisation.name,
            "languages": organisation.languages,
            "time_zone": organisation.time_zone,
            "phone": organisation.phone,
            "emergency_phone": organisation.emergency_phone,
            "mail_from": organisation.mail_from,
            "quick_exit_url": organisation.quick_exit_url,
        }
        super().__init__(*args, **kwargs)

    def details(self) -> Details:
        """What was filled in."""
        values = self.cleaned_data
        return Details(**{**values, "languages": tuple(values["languages"])})
