"""The form of an entry point, made from what its adapter asks for."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.channels import Adapter, Field
from pharos.http.fields import LineField
from pharos.models import EntryPoint, Incident, Organisation
from pharos.queries.alarms import language_name

LATIN: Final = {"class": "input", "dir": "ltr", "autocomplete": "off", "spellcheck": "false"}
LONGEST: Final = {"address": 320}
OPTION: Final = "option_"  # keeps an adapter's names apart from ours


class EntryForm(forms.Form):
    """Address, what the adapter asks for, the language and the incident of what comes here."""

    def __init__(
        self, *args: Any, adapter: Adapter, organisation: Organisation, entry: EntryPoint | None, reader: str
    ) -> None:
        super().__init__(*args)
        self.adapter, self.entry = adapter, entry
        self.fields["address"] = _field(adapter.address)
        for asked in adapter.fields:
            self.fields[OPTION + asked.name] = _field(asked, kept=bool(entry and asked.name in entry.secret))
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of what comes here"),
            required=False,
            choices=[
                ("", _("Found out from the words")),
                *((code, language_name(code)) for code in _spoken(organisation)),
            ],
        )
        self.fields["incident"] = forms.ModelChoiceField(
            Incident.objects.filter(organisation=organisation).exclude(state=Incident.State.CLOSED).order_by("-id"),
            label=_("Belongs to an incident"),
            required=False,
            empty_label=_("No"),
        )
        self.fields["incident"].label_from_instance = (  # type: ignore[attr-defined]
            lambda incident: content.pick(incident.name, reader).text
        )
        self.initial = _initial(entry)

    def clean(self) -> dict[str, Any]:
        """What the adapter itself knows to be wrong."""
        given = super().clean() or self.cleaned_data
        for name, message in self.adapter.faults({key.removeprefix(OPTION): one for key, one in given.items()}).items():
            self.blame(name, str(message))
        return given

    def values(self) -> dict[str, Any]:
        """What `actions.entries` takes. A secret that was left empty is left out, and stays as it is."""
        given = dict(self.cleaned_data)
        options = {one.name: given[OPTION + one.name] for one in self.adapter.fields if not one.secret}
        typed = {one.name: given[OPTION + one.name] for one in self.adapter.fields if one.secret}
        return {
            "address": given["address"],
            "language": given["language"],
            "incident": given["incident"],
            "options": options,
            "secret": {name: value for name, value in typed.items() if value},
        }

    def blame(self, code: str, message: str) -> None:
        """Show why it was refused beside the field that it is about."""
        name = OPTION + code if OPTION + code in self.fields else code
        self.add_error(name if name in self.fields else None, message)


def _spoken(organisation: Organisation) -> list[str]:
    return [str(code) for code in organisation.languages]


def _initial(entry: EntryPoint | None) -> dict[str, Any]:
    if entry is None:
        return {}
    options = {OPTION + name: value for name, value in entry.options.items()}
    return {"address": entry.address, "language": entry.language, "incident": entry.incident_id, **options}


def _field(asked: Field, *, kept: bool = False) -> forms.Field:
    """A field of a form; of a secret that we hold already, nothing is shown and nothing need be typed."""
    common: dict[str, Any] = {
        "label": asked.label,
        "required": asked.required and not kept,
        "help_text": _("Leave empty to keep the one we have.") if kept else asked.help,
    }
    if asked.kind == "choice":
        return forms.ChoiceField(choices=asked.choices, **common)
    if asked.kind == "number":
        return forms.IntegerField(min_value=0, max_value=asked.most, widget=forms.NumberInput(attrs=LATIN), **common)
    if asked.kind == "url":
        return forms.URLField(max_length=500, assume_scheme="https", widget=forms.URLInput(attrs=LATIN), **common)
    if asked.kind == "lines":
        return forms.CharField(max_length=4000, widget=forms.Textarea(attrs={**LATIN, "rows": 4}), **common)
    widget = forms.PasswordInput(attrs=LATIN) if asked.secret else forms.TextInput(attrs=LATIN)
    return LineField(max_length=LONGEST.get(asked.name, 500), widget=widget, **common)
